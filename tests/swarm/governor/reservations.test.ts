import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkLedger } from '../../../domain/money/check-ledger.ts';
import type { Reservation } from '../../../domain/money/reserve.ts';
import { reserve } from '../../../domain/money/reserve.ts';
import type { ClaimedTask } from '../../../domain/task/claim-tasks.ts';
import { claimTasks } from '../../../domain/task/claim-tasks.ts';
import { reportResults } from '../../../domain/task/report-results.ts';
import { openDatabase } from '../../../platform/database.ts';
import { expireLeases, releaseExpiredReservations } from '../../../swarm/relay/expire-leases.ts';
import type { Domain } from '../../domain/domain-fixture.ts';
import { openDomain } from '../../domain/domain-fixture.ts';
import type { SeededAgent, SeededTask, SeededTenant } from '../../support/seed.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';

let domain: Domain;
let tenant: SeededTenant;
let agent: SeededAgent;
let task: SeededTask;
beforeAll(async () => {
  domain = await openDomain();
  tenant = await domain.seed.tenant();
});
beforeEach(async () => {
  agent = await tenant.agent();
  task = await agent.task({ status: 'QUEUED' });
});
afterAll(() => domain.close());

const context = () => domain.context(tenant.id);
const OPTIONS = {
  workerId: 'w',
  leaseSeconds: 30,
  estimate: () => [
    { category: 'MODEL' as const, amountMicroUsd: 700 },
    { category: 'JUDGEMENT' as const, amountMicroUsd: 300 },
  ],
};
async function claim(): Promise<ClaimedTask> {
  const [outcome] = await claimTasks(context(), [agent.id], OPTIONS);
  if (!outcome || !('claimed' in outcome)) throw new Error('it was not claimed');
  return outcome.claimed;
}
const report = (claimed: ClaimedTask, actualMicroUsd: number) =>
  reportResults(context(), [
    {
      taskId: claimed.id,
      attempt: claimed.attempt,
      claimToken: claimed.claimToken,
      workerId: 'w',
      output: { text: 'x', hashtags: [], estimatedEngagement: 0 },
      reasoning: null,
      toolCalls: [],
      model: null,
      tokens: null,
      modelProbability: 1,
      executionMs: 1,
      settlements: claimed.reservations
        .filter(({ category }) => category === 'MODEL')
        .map((reservation) => ({ reservation, actualMicroUsd, model: 'offline' })),
    },
  ]);
const account = async () => {
  const [row] = await domain.sql<{ reserved: number; spent: number }>(
    `SELECT "reservedMicroUsd"::int AS reserved, "spentMicroUsd"::int AS spent FROM "BudgetAccount" WHERE "scopeId" = $1 AND day = '1970-01-01'`,
    [agent.id],
  );
  return row ?? { reserved: 0, spent: 0 };
};
const sound = async () => expect((await checkLedger(domain.relay)).faults).toEqual([]);

describe('the reservation of an attempt', () => {
  test('whose Worker was killed comes back as its lease ran out, in the transaction that queues the task again, once', async () => {
    await claim();
    await domain.sql(`UPDATE "Task" SET "leaseExpiresAt" = now() - interval '1 second' WHERE id = $1`, [task.id]);
    await Promise.all([expireLeases(domain.relay), expireLeases(domain.relay)]);
    expect(await domain.row('Task', task.id)).toMatchObject({ status: 'QUEUED', attempt: 1 });
    expect(await account()).toEqual({ reserved: 0, spent: 0 });
    await claim();
    expect(await account()).toEqual({ reserved: 1_000, spent: 0 });
    await sound();
  });

  test('whose Worker was only slow: what it still spent is entered once, in the ledger and in the result', async () => {
    const claimed = await claim();
    await domain.sql(`UPDATE "Task" SET "leaseExpiresAt" = now() - interval '1 second' WHERE id = $1`, [task.id]);
    await expireLeases(domain.relay);
    expect(await report(claimed, 400)).toEqual([false]);
    expect(await report(claimed, 400)).toEqual([false]);
    expect(await account()).toEqual({ reserved: 0, spent: 400 });
    const results = await domain.sql(
      'SELECT "errorCode", "costMicroUsd"::int AS cost FROM "Result" WHERE "taskId" = $1',
      [task.id],
    );
    expect(results).toEqual([{ errorCode: 'WORKER_TIMEOUT', cost: 400 }]);
    await sound();
  });

  test('of a cancelled task comes back after the Worker had time to settle it', async () => {
    await claim();
    await domain.sql(
      `UPDATE "Task" SET status = 'CANCELLED', "claimToken" = NULL, "leaseExpiresAt" = NULL, "completedAt" = now() WHERE id = $1`,
      [task.id],
    );
    await releaseExpiredReservations(domain.relay);
    expect(await account()).toMatchObject({ reserved: 1_000 });
    await domain.sql(`UPDATE "Task" SET "completedAt" = now() - interval '3 minutes' WHERE id = $1`, [task.id]);
    await releaseExpiredReservations(domain.relay);
    expect(await account()).toEqual({ reserved: 0, spent: 0 });
    await sound();
  });

  test('keeps the judgement’s share while the result waits for the Judge, however long: it is still to be spent', async () => {
    const claimed = await claim();
    await report(claimed, 500);
    await domain.sql(
      `UPDATE "SpendEntry" SET "expiresAt" = now() - interval '1 day' WHERE "taskId" = $1 AND status = 'RESERVED'`,
      [task.id],
    );
    await releaseExpiredReservations(domain.relay);
    expect(await account()).toEqual({ reserved: 300, spent: 500 });
  });

  test('and any other is released when it expires', async () => {
    const request = { agentId: agent.id, campaignId: null, taskId: null, attempt: null, category: 'MODEL' as const };
    const past = new Date(Date.now() - 1_000);
    await context().db.transaction(
      (sql): Promise<Reservation[]> => reserve(sql, tenant.id, [{ ...request, amountMicroUsd: 70 }], new Date(), past),
    );
    await releaseExpiredReservations(domain.relay);
    expect(await account()).toEqual({ reserved: 0, spent: 0 });
  });
});

describe('a ledger that cannot be reached', () => {
  test('refuses the claim: nothing runs without its reservation', async () => {
    for (const table of ['SpendEntry', 'BudgetAccount']) {
      await domain.sql(`REVOKE INSERT ON "${table}" FROM chimera_app`);
      await expect(claimTasks(context(), [agent.id], OPTIONS)).rejects.toThrow(/permission denied/);
      await domain.sql(`GRANT INSERT ON "${table}" TO chimera_app`);
      expect(await domain.row('Task', task.id)).toMatchObject({ status: 'QUEUED', attempt: 0, claimToken: null });
      expect(await account()).toEqual({ reserved: 0, spent: 0 });
    }
    await claim();
  });

  test('as the whole database: the claim fails, and is made when it is back', async () => {
    const url = new URL(domain.appUrl);
    const proxy = await startTcpProxy(Number(url.port));
    url.port = String(proxy.port);
    const database = openDatabase({ url: url.href, poolSize: 2, onError: () => {} });
    try {
      await proxy.close();
      const away = { ...context(), db: database.tenant(tenant.id) };
      await expect(claimTasks(away, [agent.id], OPTIONS)).rejects.toThrow();
      expect(await domain.row('Task', task.id)).toMatchObject({ status: 'QUEUED', attempt: 0 });
      await claim();
    } finally {
      await database.close();
    }
  });
});
