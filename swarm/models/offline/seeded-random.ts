import { createHash } from 'node:crypto';

/** Choices that depend on the seed alone: the same seed, the same choices in the same order. */
export interface SeededRandom {
  /** 0 ≤ x < 1 */
  next(): number;
  chance(probability: number): boolean;
  /** Throws for an empty list. */
  pick<T>(items: readonly T[]): T;
  shuffle<T>(items: readonly T[]): T[];
  /** An independent sequence, so that one more choice here does not move the choices there. */
  fork(name: string): SeededRandom;
}

export function createSeededRandom(...seed: readonly string[]): SeededRandom {
  const digest = createHash('sha256').update(seed.join('\0')).digest();
  let state = digest.readUInt32LE(0);
  // mulberry32 (Tommy Ettinger, public domain)
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[Math.floor(next() * items.length)];
      if (item === undefined) throw new RangeError('nothing to pick from');
      return item;
    },
    shuffle: (items) => {
      const left = [...items];
      for (let at = left.length - 1; at > 0; at--) {
        const other = Math.floor(next() * (at + 1));
        const kept = left[at];
        left[at] = left[other] as (typeof left)[number];
        left[other] = kept as (typeof left)[number];
      }
      return left;
    },
    fork: (name) => createSeededRandom(...seed, name),
  };
}
