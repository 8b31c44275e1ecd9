import { setTimeout as delay } from 'node:timers/promises';
import type { Run } from './run.ts';
import type { Watcher as WireWatcher } from './wire-proxy.ts';

const EVERY = 4;

async function watchEverybody(run: Run, lastMs: number, watcher: WireWatcher): Promise<void> {
  const ends = run.world.roles.map((role) => role.proxies.postgres.watch(watcher));
  await delay(lastMs);
  for (const end of ends) end();
}

/** Every fourth COMMIT of a transaction that wrote becomes a serialization failure: rolled back, and said so (40001). */
export async function serializationFailures(run: Run, lastMs: number): Promise<void> {
  let commits = 0;
  await watchEverybody(run, lastMs, ({ text, within }, moment) => {
    if (
      moment !== 'before' ||
      !/^COMMIT/i.test(text) ||
      !within.some((earlier) => /^\s*(INSERT|UPDATE|DELETE)/i.test(earlier))
    )
      return 'pass';
    commits += 1;
    return commits % EVERY === 0 ? 'conflict' : 'pass';
  });
}

/** Every fourth COMMIT is done, and its connection ends before anybody hears of it. */
export async function lostCommits(run: Run, lastMs: number): Promise<void> {
  let commits = 0;
  await watchEverybody(run, lastMs, ({ text }, moment) => {
    if (moment !== 'unanswered' || !/^COMMIT/i.test(text)) return 'pass';
    commits += 1;
    return commits % EVERY === 0 ? 'stop' : 'pass';
  });
}
