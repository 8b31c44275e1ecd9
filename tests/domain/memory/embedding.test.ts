import { describe, expect, it } from 'vitest';
import { cosineSimilarity, EMBEDDING_DIMENSIONS, embed } from '../../../domain/memory/embedding.ts';

const similarity = (left: string, right: string): number => cosineSimilarity(embed(left), embed(right));

describe('embed', () => {
  it('gives a unit vector of 256 numbers, the same for the same text', () => {
    const vector = embed('Sustainable streetwear in Lagos');
    expect(vector).toHaveLength(EMBEDDING_DIMENSIONS);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    expect(embed('Sustainable streetwear in Lagos')).toEqual(vector);
  });

  it('gives the zero vector to a text without a word', () => {
    expect(Math.hypot(...embed('  🙂 !! '))).toBe(0);
    expect(similarity('', 'anything')).toBe(0);
  });

  it.each([
    ['a paraphrase', 'I love vintage denim jackets', 'Vintage denim jackets are my love'],
    ['an inflection', 'running shoes for city runners', 'a runner looks for shoes'],
    ['a typing error', 'sustainable fashion week', 'sustainible fasion week'],
    ['a question about it', 'The follower asked where to buy the red coat', 'where can I buy a red coat?'],
  ])('puts %s nearer than another subject', (_what, text, near) => {
    const other = 'Quarterly interest rates of the central bank fell again';
    expect(similarity(text, near)).toBeGreaterThan(0.3);
    expect(similarity(text, near)).toBeGreaterThan(3 * Math.abs(similarity(text, other)));
  });

  it('lets function words weigh little', () => {
    expect(similarity('it is what it is and that is the end of it', 'the end of the season sale is on')).toBeLessThan(
      0.5,
    );
    expect(similarity('what is the best of the coats', 'what is the best of the banks')).toBeLessThan(0.75);
  });

  it('does not drown a subject by repeating a word', () => {
    const spam = `${'cheap '.repeat(50)} linen dress`;
    expect(similarity(spam, 'linen dress')).toBeGreaterThan(0.25);
  });
});

describe('cosineSimilarity', () => {
  it('is 1, 0 and -1 for the same, an orthogonal and the opposite direction, whatever the length', () => {
    expect(cosineSimilarity([1, 2], [2, 4])).toBeCloseTo(1);
    expect(cosineSimilarity([1, 0], [0, 3])).toBe(0);
    expect(cosineSimilarity([1, 1], [-2, -2])).toBeCloseTo(-1);
  });
});
