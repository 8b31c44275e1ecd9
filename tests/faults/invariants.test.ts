import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { checkInvariants, INVARIANTS } from './harness/invariants/check-invariants.ts';
import { auditPlants } from './harness/plants/audit-plants.ts';
import { counterPlants } from './harness/plants/counter-plants.ts';
import { eventPlants } from './harness/plants/event-plants.ts';
import { ledgerPlants } from './harness/plants/ledger-plants.ts';
import { lookAtPlanted } from './harness/plants/look-at-planted.ts';
import { outsidePlants } from './harness/plants/outside-plants.ts';
import type { Plants } from './harness/plants/plants.ts';
import { taskPlants } from './harness/plants/task-plants.ts';
import { watcherPlants } from './harness/plants/watcher-plants.ts';
import type { Run } from './harness/run.ts';
import { startRun, violated } from './harness/run.ts';
import { expireReservations, settle } from './harness/settle.ts';
import { caughtUp } from './harness/watcher.ts';

/** Of each invariant every kind of violation that it is there to see. */
const PLANTS: Record<keyof typeof INVARIANTS, Plants> = {
  'every task is final or waits for a person': taskPlants,
  'the outside holds exactly the approved payloads, each once': outsidePlants,
  'the ledger is the sum of the results, and nothing stays reserved': ledgerPlants,
  'event positions have no gap and follow the commits': eventPlants,
  'every watcher saw each event exactly once, and of its own tenant only': watcherPlants,
  'the audit chain verifies': auditPlants,
  'the counters of campaigns equal the truth': counterPlants,
};

describe('the checks of the fault drills', () => {
  let run: Run;
  let settled: Set<string>;
  beforeAll(async () => {
    run = await startRun({ agentsATenant: 1, escalatedPercent: 0, leaseSeconds: 60 }); // a slow machine is no fault
    await run.load(1);
    await settle(run.world);
    run.world.model.options.escalatedPercent = 100;
    await run.load(1);
    await settle(run.world);
    await run.reviewer.stop();
    await run.load(1);
    await settle(run.world, { reviewed: false });
    await expireReservations(run.world);
    await waitFor(() => caughtUp(run.world.services, run.watchers), { message: 'watchers that saw everything' });
    // Nothing goes on but the gateway: what is planted is all that there is to see.
    await Promise.all(run.world.roles.filter(({ role }) => role !== 'gateway').map((role) => role.kill()));
    settled = new Set((await run.world.posts()).map(({ externalId }) => externalId));
  }, 180_000);
  afterAll(() => run?.close());

  /** The run with a violation in it. What an earlier one put outside, where nothing is ever taken back, is not seen. */
  async function check(plant: Plants[string]['plant']) {
    const before = new Set((await run.world.posts()).map(({ externalId }) => externalId));
    const posts = async () =>
      (await run.world.posts()).filter(({ externalId }) => settled.has(externalId) || !before.has(externalId));
    const { watchers } = run;
    return violated(
      await lookAtPlanted({ world: { ...run.world, posts }, watchers }, plant, (scene) =>
        checkInvariants(scene.world, scene.watchers),
      ),
    );
  }

  it('find nothing in a run that nothing disturbed', async () => {
    expect(Object.keys(PLANTS)).toEqual(Object.keys(INVARIANTS));
    expect(settled.size).toBeGreaterThanOrEqual(4);
    expect(run.reviewer.decided()).toBeGreaterThanOrEqual(2);
    expect(await check(() => {})).toEqual([]);
  });

  describe.each(Object.entries(PLANTS))('%s', (invariant, plants) => {
    it.each(Object.entries(plants))('sees, and it alone, %s', async (_kind, { says, plant }) => {
      const found = await check(plant);
      expect(found.map(({ name }) => name)).toEqual([invariant]);
      expect(found.flatMap(({ violations }) => violations).join('\n')).toContain(says);
    });
  });

  it('find nothing once everything planted is undone', async () => {
    expect(await check(() => {})).toEqual([]);
  });
});
