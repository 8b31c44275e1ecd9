import type { Node, YAMLMap } from 'yaml';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { SoulIssue } from './soul-error.ts';

export interface Located<T> {
  value: T;
  line: number;
  /** The key it was written under, where a field has two names. */
  key?: string;
}

export interface FrontMatter {
  name?: Located<string>;
  niche?: Located<string>;
  region?: Located<string>;
  voiceTraits?: Located<Located<string>[]>;
  coreBeliefs?: Located<Located<string>[]>;
  directives?: Located<Located<string>[]>;
}

const TEXT_KEYS = { name: 'name', niche: 'niche', region: 'region' } as const;
const LIST_KEYS = {
  voice_traits: 'voiceTraits',
  core_beliefs: 'coreBeliefs',
  core_values: 'coreBeliefs',
  directives: 'directives',
} as const;
const KNOWN_KEYS = [...Object.keys(TEXT_KEYS), ...Object.keys(LIST_KEYS)];

/**
 * Reads the YAML between the two `---` lines. `firstLine` is the line of the file on which it starts. YAML's core
 * schema only: nothing in it can run, and more than 50 aliases are refused. Null when it cannot be read at all.
 */
export function readFrontMatter(yaml: string, firstLine: number, issues: SoulIssue[]): FrontMatter | null {
  const counter = new LineCounter();
  const document = parseDocument(yaml, { schema: 'core', strict: true, lineCounter: counter, prettyErrors: false });
  const lineAt = (offset: number | undefined) =>
    offset === undefined ? firstLine : counter.linePos(offset).line + firstLine - 1;
  const report = (node: unknown, field: string, message: string) => {
    const offset = typeof node === 'object' && node !== null && 'range' in node ? (node as Node).range?.[0] : undefined;
    issues.push({ line: lineAt(offset), field, message });
  };
  for (const problem of [...document.errors, ...document.warnings]) {
    issues.push({
      line: lineAt(problem.pos[0]),
      field: 'front matter',
      message: describeYamlProblem(problem.code, problem.message),
    });
  }
  if (document.errors.length > 0) return null;
  if (document.contents === null) return {};
  if (!isMap(document.contents)) {
    report(document.contents, 'front matter', 'must be a list of "key: value" lines');
    return null;
  }
  try {
    document.toJS({ maxAliasCount: 50 });
  } catch {
    report(document.contents, 'front matter', 'uses more than 50 YAML aliases; write the values out');
    return null;
  }
  const resolve = (node: unknown) => (isAlias(node) ? node.resolve(document) : node);
  const front: FrontMatter = {};
  for (const { key, value } of (document.contents as YAMLMap).items) {
    const name = isScalar(key) ? String(key.value) : '';
    const node = resolve(value);
    if (name in TEXT_KEYS) {
      const text = readText(node);
      if (text === null) report(value ?? key, name, 'must be one line of text');
      else front[TEXT_KEYS[name as keyof typeof TEXT_KEYS]] = { value: text, line: lineAt((key as Node).range?.[0]) };
    } else if (name in LIST_KEYS) {
      const field = LIST_KEYS[name as keyof typeof LIST_KEYS];
      if (front[field])
        report(key, name, 'is given twice: core_values is another name for core_beliefs, use one of them');
      else if (!isSeq(node)) report(value ?? key, name, `must be a list, for example\n${name}:\n  - one\n  - another`);
      else {
        const items = node.items.flatMap((item, index) => {
          const text = readText(resolve(item));
          if (text === null)
            report(
              item,
              `${name}[${index}]`,
              'must be one line of text; put quotation marks around a text with a colon',
            );
          return text === null ? [] : [{ value: text, line: lineAt((item as Node | null)?.range?.[0]) }];
        });
        front[field] = { value: items, line: lineAt((key as Node).range?.[0]), key: name };
      }
    } else {
      const known = closest(name);
      report(
        key,
        name || 'front matter',
        `is not a known key${known ? `; did you mean ${known}?` : ''} Known keys: ${KNOWN_KEYS.join(', ')}`,
      );
    }
  }
  return front;
}

/** A scalar as the text its author wrote: `niche: 2024` is the text "2024". */
function readText(node: unknown): string | null {
  if (!isScalar(node) || node.value === null) return null;
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}

function describeYamlProblem(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'the same key is given twice; keep one of them';
  if (code === 'TAB_AS_INDENT') return 'is indented with a tab; YAML wants spaces';
  if (code === 'TAG_RESOLVE_FAILED') return 'has a YAML tag (like !!js); only plain text and lists are allowed';
  return `is not valid YAML: ${message.split('\n')[0]}`;
}

function closest(name: string): string | null {
  const flat = (key: string) => key.toLowerCase().replace(/[^a-z]/g, '');
  const wanted = flat(name);
  return wanted.length < 3
    ? null
    : (KNOWN_KEYS.find((key) => flat(key).startsWith(wanted.slice(0, 4)) || flat(key).endsWith(wanted)) ?? null);
}
