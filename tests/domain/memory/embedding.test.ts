import { describe, expect, it } from 'vitest';
import { cosineSimilarity, EMBEDDING_DIMENSIONS, embed } from '../../../domain/memory/embedding.ts';
import { contentWords, words } from '../../../domain/text/words.ts';
import { generatedTexts, PLAIN_FRAGMENTS } from '../../support/generated-texts.ts';

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

/** The definition, written plainly: stored vectors stay comparable only while every bit of it holds. */
function plainEmbedding(text: string, dimensions: number): Float32Array {
  const all = words(text);
  const meaningful = new Set(contentWords(text));
  const features = new Map<number, { count: number; weight: number }>();
  const fnv = (feature: string): number =>
    [...Array(feature.length).keys()].reduce(
      (hash, at) => Math.imul(hash ^ feature.charCodeAt(at), 0x0100_0193),
      0x811c_9dc5,
    );
  const add = (feature: string, weight: number): void => {
    const known = features.get(fnv(feature));
    if (known) known.count += 1;
    else features.set(fnv(feature), { count: 1, weight });
  };
  const weightOf = (word: string): number => (meaningful.has(word) ? 1 : 0.15);
  all.forEach((word, at) => {
    const next = all[at + 1];
    add(`w ${word}`, weightOf(word));
    if (next !== undefined) add(`p ${word} ${next}`, 0.6 * Math.min(weightOf(word), weightOf(next)));
    for (let from = 0; from < word.length; from++) add(`c ${`_${word}_`.slice(from, from + 3)}`, 0.5 * weightOf(word));
  });
  const vector = new Float32Array(dimensions);
  for (const [feature, { count, weight }] of features) {
    let hash = Math.imul(feature ^ (feature >>> 16), 0x85eb_ca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
    hash = (hash ^ (hash >>> 16)) >>> 0;
    const amount = weight * (1 + Math.log(1 + Math.log(count)));
    vector[hash % dimensions] = (vector[hash % dimensions] ?? 0) + (hash & 0x8000_0000 ? -amount : amount);
  }
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? vector : vector.map((value) => value / length);
}

it('is bit for bit what its definition says, for short texts and long ones in turn', () => {
  const short = generatedTexts(PLAIN_FRAGMENTS, 300);
  const texts = [...short.slice(0, 150), short.join(' '), '', ...short.slice(150)];
  for (const dimensions of [EMBEDDING_DIMENSIONS, 1024])
    expect(texts.map((text) => embed(text, dimensions))).toEqual(texts.map((text) => plainEmbedding(text, dimensions)));
});
