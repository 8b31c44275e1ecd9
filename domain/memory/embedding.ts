import { isContentWord, words } from '../text/words.ts';
import { FeatureCounts } from './feature-counts.ts';

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
 * more of them (a power of two) tell foreign texts apart better, and cost more to keep and to compare.
 */
export function embed(text: string, dimensions = EMBEDDING_DIMENSIONS): Float32Array {
  const all = words(text);
  features.clear(all.reduce((most, word) => most + word.length + 2, 0));
  let weight = weightOf(all[0]);
  for (let at = 0; at < all.length; at += 1) {
    const word = all[at] ?? '';
    const next = all[at + 1];
    const nextWeight = weightOf(next);
    features.add(hashOn(START.word, word), WEIGHT.word * weight);
    if (next !== undefined)
      features.add(hashOn(onto(hashOn(START.pair, word), SPACE), next), WEIGHT.pair * Math.min(weight, nextWeight));
    addTrigrams(word, WEIGHT.characters * weight);
    weight = nextWeight;
  }
  return normalize(vectorOf(features, dimensions));
}

function weightOf(word: string | undefined): number {
  return word !== undefined && isContentWord(word) ? 1 : STOP_WORD_DAMPING;
}

function vectorOf({ size, hashes, counts, weights }: FeatureCounts, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  for (let feature = 0; feature < size; feature += 1) {
    const hash = mix(hashes[feature] ?? 0);
    const index = hash & (dimensions - 1);
    const amount = (weights[feature] ?? 0) * frequency(counts[feature] ?? 0);
    vector[index] = (vector[index] ?? 0) + (hash < 0 ? -amount : amount);
  }
  return vector;
}

const frequency = (count: number): number => (count === 1 ? 1 : 1 + Math.log(1 + Math.log(count)));

/** Of one text at a time: nothing waits while they are counted. */
const features = new FeatureCounts();

/** Every three characters in a row of the word between two `_`. */
function addTrigrams(word: string, weight: number): void {
  let first = UNDERSCORE;
  let second = word.charCodeAt(0);
  for (let at = 1; at <= word.length; at += 1) {
    const third = at < word.length ? word.charCodeAt(at) : UNDERSCORE;
    features.add(onto(onto(onto(START.characters, first), second), third), weight);
    first = second;
    second = third;
  }
}

/** -1..1; 0 where one of them is the zero vector. Both must have the same length. */
export function cosineSimilarity(left: ArrayLike<number>, right: ArrayLike<number>): number {
  let dot = 0;
  let leftSquares = 0;
  let rightSquares = 0;
  for (let index = 0; index < left.length; index += 1) {
    const a = left[index] ?? 0;
    const b = right[index] ?? 0;
    dot += a * b;
    leftSquares += a * a;
    rightSquares += b * b;
  }
  return leftSquares === 0 || rightSquares === 0 ? 0 : dot / Math.sqrt(leftSquares * rightSquares);
}

function normalize(vector: Float32Array): Float32Array {
  let squares = 0;
  for (let index = 0; index < vector.length; index += 1) {
    const value = vector[index] ?? 0;
    squares += value * value;
  }
  const length = Math.sqrt(squares);
  if (length > 0) for (let index = 0; index < vector.length; index += 1) vector[index] = (vector[index] ?? 0) / length;
  return vector;
}

/** FNV-1a over the UTF-16 units of `text`, going on from `hash`. */
function hashOn(hash: number, text: string): number {
  let next = hash;
  for (let index = 0; index < text.length; index += 1) next = onto(next, text.charCodeAt(index));
  return next;
}

function onto(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x0100_0193);
}

/** FNV's low bits are weak for short texts: mixed once (murmur3's finalizer). */
function mix(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}

const FNV_OFFSET = 0x811c_9dc5;
const SPACE = 0x20;
const UNDERSCORE = 0x5f;
/** Kinds of features hash apart. */
const START = { word: hashOn(FNV_OFFSET, 'w '), pair: hashOn(FNV_OFFSET, 'p '), characters: hashOn(FNV_OFFSET, 'c ') };
