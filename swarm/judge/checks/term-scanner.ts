import type { ParsedPattern, RegExpMatcherOptions, TransformerContainer, TransformerFn } from 'obscenity';
import { SyntaxKind } from 'obscenity';

type PatternNode = ParsedPattern['nodes'][number];

/**
 * Says of a text whether a RegExpMatcher of these options finds anything in it, whitelist apart, at a tenth of its cost:
 * all terms in one pattern, and no account of where in the text they stand. Most texts hold none.
 */
export function createTermScanner({
  blacklistedTerms,
  blacklistMatcherTransformers = [],
}: RegExpMatcherOptions): (text: string) => boolean {
  const terms = new RegExp(blacklistedTerms.map(({ pattern }) => sourceOf(pattern)).join('|'), 's');
  const transform = createTransform(blacklistMatcherTransformers);
  return (text) => terms.test(transform(text));
}

function sourceOf({ requireWordBoundaryAtStart, nodes, requireWordBoundaryAtEnd }: ParsedPattern): string {
  const word = nodes.map(sourceOfNode).join('');
  return `${requireWordBoundaryAtStart ? '\\b' : ''}${word}${requireWordBoundaryAtEnd ? '\\b' : ''}`;
}

function sourceOfNode(node: PatternNode): string {
  if (node.kind === SyntaxKind.Wildcard) return '.';
  if (node.kind === SyntaxKind.Optional) return `(?:${sourceOfNode(node.childNode)})?`;
  return String.fromCodePoint(...node.chars).replace(/[[\]\\.*+?^${}()|]/g, '\\$&');
}

/** The text as the transformers, applied in their order to each code point, leave it. What the first make of ASCII is known. */
function createTransform(transformers: readonly TransformerContainer[]): (text: string) => string {
  const stages = transformers.map((stage) => ('factory' in stage ? stage.factory() : stage));
  const firstWithState = stages.findIndex((stage) => 'reset' in stage);
  const stateless = stages.slice(0, firstWithState === -1 ? stages.length : firstWithState);
  const others = stages.slice(stateless.length);
  const ascii = Array.from({ length: 128 }, (_, code) => through(stateless, code));
  return (text) => {
    for (const stage of others) if ('reset' in stage) stage.reset();
    let left = '';
    for (let at = 0; at < text.length; at++) {
      const code = text.codePointAt(at) ?? 0;
      if (code > 0xffff) at++;
      const result = through(others, code < 128 ? ascii[code] : through(stateless, code));
      if (result !== undefined) left += String.fromCodePoint(result);
    }
    return left;
  };
}

function through(stages: readonly { transform: TransformerFn }[], code: number | undefined): number | undefined {
  let result = code;
  for (let stage = 0; stage < stages.length && result !== undefined; stage++) result = stages[stage]?.transform(result);
  return result;
}
