import { contentWords, words } from '../text/words.ts';

export const EMBEDDING_DIMENSIONS = 256;
export const EMBEDDING_MODEL = 'local-hash-256-v1';

/** Relative weight of the kinds of features. Characters catch inflections and typing errors. */
const WEIGHT = { word: 1, pair: 0.6, characters: 0.5 };
/** Function words say little, but not nothing: "to be or not to be" still has a vector. */
const STOP_WORD_DAMPING = 0.15;

/**
 * A unit vector of text features: hashed words, word pairs and character trigrams with sublinear term frequency
 * 1 + ln(1 + ln tf) (Singhal et al. 1999), signed feature hashing (Weinberger et al. 2009). Texts that share words and
 * word parts are near; it knows no synonyms. The empty text is the zero vector. Stored vectors have EMBEDDING_DIMENSIONS;
 * more of them tell foreign texts apart better, and cost more to keep and to compare.
 */
export function embed(text: string, dimensions = EMBEDDING_DIMENSIONS): Float32Array {
  const all = words(text);
  const meaningful = new Set(contentWords(text));
  const weights = all.map((word) => (meaningful.has(word) ? 1 : STOP_WORD_DAMPING));
  // By hash, not by name: the strings of some hundred features a text would cost more than all the rest.
  const features = new Map<number, { count: number; weight: number }>();
  const add = (hash: number, weight: number): void => {
    const known = features.get(hash);
    if (known) known.count += 1;
    else features.set(hash, { count: 1, weight });
  };
  all.forEach((word, index) => {
    const weight = weights[index] ?? 0;
    add(hashOn(START.word, word), WEIGHT.word * weight);
    const next = all[index + 1];
    if (next !== undefined) {
      const pair = hashOn(hashOn(hashOn(START.pair, word), ' '), next);
      add(pair, WEIGHT.pair * Math.min(weight, weights[index + 1] ?? 0));
    }
    const padded = `_${word}_`;
    for (let at = 0; at + 3 <= padded.length; at += 1)
      add(hashOn(START.characters, padded, at, at + 3), WEIGHT.characters * weight);
  });
  const vector = new Float32Array(dimensions);
  for (const [feature, { count, weight }] of features) {
    const hash = mix(feature);
    const index = hash % dimensions;
    const sign = hash & 0x8000_0000 ? -1 : 1;
    vector[index] = (vector[index] ?? 0) + sign * weight * (1 + Math.log(1 + Math.log(count)));
  }
  return normalize(vector);
}

/** -1..1; 0 where one of them is the zero vector. Both must have the same length. */
export function cosineSimilarity(left: ArrayLike<number>, right: ArrayLike<number>): number {
  let dot = 0;
  let leftSquares = 0;
  let rightSquares = 0;
  for (let index = 0; index < left.length; index += 1) {
    const [a, b] = [left[index] ?? 0, right[index] ?? 0];
    dot += a * b;
    leftSquares += a * a;
    rightSquares += b * b;
  }
  return leftSquares === 0 || rightSquares === 0 ? 0 : dot / Math.sqrt(leftSquares * rightSquares);
}

function normalize(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares);
  return length === 0 ? vector : vector.map((value) => value / length);
}

/** FNV-1a over the UTF-16 units of `text` from `from` to `to`, going on from `hash`. */
function hashOn(hash: number, text: string, from = 0, to = text.length): number {
  let next = hash;
  for (let index = from; index < to; index += 1) next = Math.imul(next ^ text.charCodeAt(index), 0x0100_0193);
  return next;
}

/** FNV's low bits are weak for short texts: mixed once (murmur3's finalizer), as an unsigned number. */
function mix(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

const FNV_OFFSET = 0x811c_9dc5;
/** Kinds of features hash apart. */
const START = { word: hashOn(FNV_OFFSET, 'w '), pair: hashOn(FNV_OFFSET, 'p '), characters: hashOn(FNV_OFFSET, 'c ') };
