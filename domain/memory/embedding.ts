import { contentWords, words } from '../text/words.ts';

export const EMBEDDING_DIMENSIONS = 256;
export const EMBEDDING_MODEL = 'local-hash-256-v1';

/** Relative weight of the kinds of features. Characters catch inflections and typing errors. */
const WEIGHT = { word: 1, pair: 0.6, characters: 0.5 };
/** Function words say little, but not nothing: "to be or not to be" still has a vector. */
const STOP_WORD_DAMPING = 0.15;

/**
 * A unit vector of text features: hashed words, word pairs and character trigrams with sublinear term frequency
 * 1 + ln(1 + ln tf) (Singhal et al. 1999), signed feature hashing (Weinberger et al. 2009). Texts that share words and word parts are near; it
 * knows no synonyms. The empty text is the zero vector.
 */
export function embed(text: string): Float32Array {
  const all = words(text);
  const meaningful = new Set(contentWords(text));
  const weightOf = (word: string): number => (meaningful.has(word) ? 1 : STOP_WORD_DAMPING);
  const features = new Map<string, { count: number; weight: number }>();
  const add = (feature: string, weight: number): void => {
    const known = features.get(feature);
    if (known) known.count += 1;
    else features.set(feature, { count: 1, weight });
  };
  all.forEach((word, index) => {
    add(`w ${word}`, WEIGHT.word * weightOf(word));
    const next = all[index + 1];
    if (next !== undefined) add(`p ${word} ${next}`, WEIGHT.pair * Math.min(weightOf(word), weightOf(next)));
    const padded = `_${word}_`;
    for (let at = 0; at + 3 <= padded.length; at += 1) {
      add(`c ${padded.slice(at, at + 3)}`, WEIGHT.characters * weightOf(word));
    }
  });
  const vector = new Float32Array(EMBEDDING_DIMENSIONS);
  for (const [feature, { count, weight }] of features) {
    const hash = fnv1a(feature);
    const index = hash % EMBEDDING_DIMENSIONS;
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
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}

function fnv1a(text: string): number {
  let hash = 0x811c_9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193);
  }
  // FNV's low bits are weak for short texts: mix once (murmur3's finalizer).
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
