import type { Watcher } from '../watcher.ts';
import type { World } from '../world.ts';
import { auditChainVerifies } from './audit-chain-verifies.ts';
import { countersAreTrue } from './counters-are-true.ts';
import { eventsAreOrdered } from './events-are-ordered.ts';
import { ledgerAddsUp } from './ledger-adds-up.ts';
import { outsideHoldsTheApproved } from './outside-holds-the-approved.ts';
import { tasksAreFinal } from './tasks-are-final.ts';
import type { Violations } from './violations.ts';
import { watchersSawEverything } from './watchers-saw-everything.ts';

export interface Checked {
  name: string;
  violations: Violations;
}

/** What must hold when everything has settled, seen from outside: the database as superuser, the sandbox, the API, the watchers. */
export const INVARIANTS: Record<string, (world: World, watchers: readonly Watcher[]) => Promise<Violations>> = {
  'every task is final or waits for a person': tasksAreFinal,
  'the outside holds exactly the approved payloads, each once': outsideHoldsTheApproved,
  'the ledger is the sum of the results, and nothing stays reserved': ledgerAddsUp,
  'event positions have no gap and follow the commits': eventsAreOrdered,
  'every watcher saw each event exactly once, and of its own tenant only': watchersSawEverything,
  'the audit chain verifies': auditChainVerifies,
  'the counters of campaigns equal the truth': countersAreTrue,
};

/** Checks all of them; the answer has an entry for each. */
export async function checkInvariants(world: World, watchers: readonly Watcher[]): Promise<Checked[]> {
  const checked: Checked[] = [];
  for (const [name, check] of Object.entries(INVARIANTS))
    checked.push({ name, violations: await check(world, watchers) });
  return checked;
}
