import { remember } from './remember.ts';
import { words } from './words.ts';

const SHINGLE_CHARACTERS = 4;
/** An agent's last posts are compared with each of its new ones. */
const REMEMBERED = 512;

/** Each shingle once, as its four UTF-16 units in two numbers, and an open-addressed index of them: a post is compared with many. */
interface Shingles {
  size: number;
  heads: Int32Array;
  tails: Int32Array;
  /** The number of the shingle that stands there, from 1; 0 is free. A power of two, at most half of them taken. */
  slots: Int32Array;
}

/** Overlapping runs of four characters of the text's words; a shorter text is one shingle, filled up with zeros. */
const shinglesOf: (text: string) => Readonly<Shingles> = remember(REMEMBERED, (text) => {
  const flat = words(text).join(' ');
  const most = flat === '' ? 0 : Math.max(1, flat.length - SHINGLE_CHARACTERS + 1);
  const found: Shingles = {
    size: 0,
    heads: new Int32Array(most),
    tails: new Int32Array(most),
    slots: new Int32Array(2 ** Math.ceil(Math.log2(2 * most + 1))),
  };
  for (let at = 0; at < most; at++) {
    const head = pairAt(flat, at);
    const tail = pairAt(flat, at + 2);
    const slot = slotOf(found, head, tail);
    if (found.slots[slot] !== 0) continue;
    found.heads[found.size] = head;
    found.tails[found.size] = tail;
    found.slots[slot] = ++found.size;
  }
  return found;
});

function pairAt(text: string, at: number): number {
  return ((text.charCodeAt(at) || 0) << 16) | (text.charCodeAt(at + 1) || 0);
}

/** Where the shingle stands, or the free slot where it would. */
function slotOf({ heads, tails, slots }: Readonly<Shingles>, head: number, tail: number): number {
  const last = slots.length - 1;
  const hash = Math.imul(Math.imul(head, 0x85eb_ca6b) ^ tail, 0xc2b2_ae35);
  let slot = (hash ^ (hash >>> 15)) & last;
  for (let taken = slots[slot] ?? 0; taken !== 0; taken = slots[slot] ?? 0) {
    if (heads[taken - 1] === head && tails[taken - 1] === tail) return slot;
    slot = (slot + 1) & last;
  }
  return slot;
}

/**
 * How much of two texts is the same writing, 0..1: Jaccard index of their character shingles (Broder 1997). Case,
 * punctuation, emoji and links do not count; 1 for the same words, about 0.1 for two unrelated posts on one subject.
 * Two texts without a word are the same only when they are the same string.
 */
export function textSimilarity(left: string, right: string): number {
  const a = shinglesOf(left);
  const b = shinglesOf(right);
  if (a.size === 0 || b.size === 0) return left.trim() === right.trim() ? 1 : 0;
  let shared = 0;
  for (let at = 0; at < b.size; at++) if (a.slots[slotOf(a, b.heads[at] ?? 0, b.tails[at] ?? 0)] !== 0) shared++;
  return shared / (a.size + b.size - shared);
}
