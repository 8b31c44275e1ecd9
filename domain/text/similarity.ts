import { remember } from './remember.ts';
import { words } from './words.ts';

const SHINGLE_CHARACTERS = 4;
/** An agent's last posts are compared with each of its new ones. */
const REMEMBERED = 512;

/** Overlapping runs of four characters of the text's words; a shorter text is one shingle. */
const shingles: (text: string) => ReadonlySet<string> = remember(REMEMBERED, (text) => {
  const flat = words(text).join(' ');
  const found = new Set<string>();
  if (flat === '') return found;
  for (let at = 0; at + SHINGLE_CHARACTERS <= flat.length; at++) found.add(flat.slice(at, at + SHINGLE_CHARACTERS));
  if (found.size === 0) found.add(flat);
  return found;
});

/**
 * How much of two texts is the same writing, 0..1: Jaccard index of their character shingles (Broder 1997). Case,
 * punctuation, emoji and links do not count; 1 for the same words, about 0.1 for two unrelated posts on one subject.
 * Two texts without a word are the same only when they are the same string.
 */
export function textSimilarity(left: string, right: string): number {
  const a = shingles(left);
  const b = shingles(right);
  if (a.size === 0 || b.size === 0) return left.trim() === right.trim() ? 1 : 0;
  let shared = 0;
  for (const shingle of a) if (b.has(shingle)) shared++;
  return shared / (a.size + b.size - shared);
}
