import { FAULTS } from '../harness/faults.ts';

/** One thing that will go wrong, at its moment. */
export interface Scheduled {
  atMs: number;
  fault: string;
  lastMs: number;
  /** 0..1, chooses among the fault's variants. */
  pick: number;
}

/** Faults that get in each other's way wait for each other; those of different lanes happen at once. */
const LANES: Record<string, (fault: string) => boolean> = {
  processes: (fault) => fault.startsWith('kill'),
  services: (fault) => /^(redis|postgres)/.test(fault),
  outside: (fault) => fault.startsWith('outside'),
  model: (fault) => fault.startsWith('model'),
  watchers: (fault) => fault.startsWith('watchers'),
};
const LONGEST_MS: Record<string, number> = {
  processes: 0,
  services: 30_000,
  outside: 60_000,
  model: 20_000,
  watchers: 0,
};
/** Between two faults of a lane, on average: time to recover and to get on. */
const PAUSE_MS: Record<string, number> = {
  processes: 9_000,
  services: 20_000,
  outside: 15_000,
  model: 15_000,
  watchers: 20_000,
};

/** mulberry32: a sequence of numbers in [0, 1) that the seed alone decides. */
function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled = [...items];
  for (let index = shuffled.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [shuffled[index], shuffled[other]] = [shuffled[other] as T, shuffled[index] as T];
  }
  return shuffled;
}

/**
 * What a drill does, and when: a function of seed and minutes alone. Each lane goes through all of its faults in a random
 * order before one comes again. A short drill shortens outages and pauses alike, so that it too meets several.
 */
export function planDrill(seed: number, minutes: number): Record<string, Scheduled[]> {
  const endMs = minutes * 60_000;
  const shrink = Math.min(1, Math.max(0.1, minutes / 5));
  return Object.fromEntries(
    Object.entries(LANES).map(([lane, belongs], index) => {
      const random = randomOf(seed * 31 + index);
      const faults = FAULTS.map(({ name }) => name).filter(belongs);
      const scheduled: Scheduled[] = [];
      let order: string[] = [];
      let atMs = 0;
      for (;;) {
        if (order.length === 0) order = shuffle(faults, random);
        atMs += Math.round((PAUSE_MS[lane] ?? 0) * shrink * (0.5 + random()));
        const lastMs = Math.round((LONGEST_MS[lane] ?? 0) * shrink * (0.5 + random() / 2));
        const pick = random();
        if (atMs + lastMs > endMs) return [lane, scheduled];
        scheduled.push({ atMs, fault: order.shift() as string, lastMs, pick });
        atMs += lastMs;
      }
    }),
  );
}
