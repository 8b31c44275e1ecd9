import { englishDataset, englishRecommendedTransformers, RegExpMatcher } from 'obscenity';
import { describe, expect, it } from 'vitest';
import { createTermScanner } from '../../../../swarm/judge/checks/term-scanner.ts';
import { generatedTexts, PLAIN_FRAGMENTS } from '../../../support/generated-texts.ts';

const { blacklistedTerms } = englishDataset.build();
const options = { ...englishRecommendedTransformers, blacklistedTerms };
const literals = blacklistedTerms.map(({ pattern }) =>
  pattern.nodes.map((node) => ('chars' in node ? String.fromCodePoint(...node.chars) : '')).join(''),
);

describe('createTermScanner', () => {
  it('finds something exactly where the library’s own matcher does', () => {
    const matcher = new RegExpMatcher(options);
    const scan = createTermScanner(options);
    const texts = [
      ...generatedTexts([...PLAIN_FRAGMENTS, ...literals], 3000),
      ...generatedTexts([...PLAIN_FRAGMENTS, 'class', 'Scunthorpe', 'cocktail', 'analysis', 'title', 'document'], 1000),
    ];
    const found = texts.map(scan);
    expect(found).toEqual(texts.map((text) => matcher.hasMatch(text)));
    expect(new Set(found)).toEqual(new Set([true, false]));
  });

  it('applies transformers that remove characters, in their order', () => {
    const scan = createTermScanner({
      blacklistedTerms,
      blacklistMatcherTransformers: [
        { type: 0, transform: (code) => (code === 0x2e ? undefined : code) },
        ...(options.blacklistMatcherTransformers ?? []),
      ],
    });
    expect(scan('f.u.c.k')).toBe(true);
    expect(scan('d.u.c.k')).toBe(false);
  });
});
