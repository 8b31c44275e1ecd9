import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ClaimOptions } from '../../../domain/task/claim-tasks.ts';
import { claimTasks, extendLeases } from '../../../domain/task/claim-tasks.ts';
import { newId } from '../../../platform/ids.ts';
import type { SeededAgent, SeededTenant } from '../../support/seed.ts';
import type { Domain } from '../domain-fixture.ts';
import { openDomain } from '../domain-fixture.ts';

let domain: Domain;
let tenant: SeededTenant;
let agent: SeededAgent;
beforeAll(async () => {
  domain = await openDomain({ poolSize: 20 });
  tenant = await domain.seed.tenant();
});
beforeEach(async () => {
  agent = await tenant.agent();
});
afterAll(() => domain.close());

const OPTIONS: ClaimOptions = { workerId: 'worker-1', leaseSeconds: 30, estimate: () => [] };
const costing = (amountMicroUsd: number): ClaimOptions => ({
  ...OPTIONS,
  estimate: () => [{ category: 'MODEL', amountMicroUsd }],
});
const claim = (ids: string[], options = OPTIONS) => claimTasks(domain.context(tenant.id), ids, options);
const kinds = async (ids: string[], options = OPTIONS): Promise<string[]> =>
  (await claim(ids, options)).map((outcome) => ('claimed' in outcome ? 'CLAIMED' : outcome.refused));

describe('claimTasks', () => {
  test('gives the attempt with its fence, its dependencies’ outputs and its reservations, and says so', async () => {
    const trend = await agent.task({ status: 'COMPLETE' });
    const task = await agent.task({ status: 'QUEUED', feedback: 'shorter' });
    await task.dependsOn(trend.id);
    const [outcome] = await claim([task.id], costing(700));
    const row = await domain.row('Task', task.id);
    expect(row).toMatchObject({ status: 'IN_PROGRESS', attempt: 1, assignedWorkerId: 'worker-1', version: 2 });
    expect(outcome).toMatchObject({
      claimed: {
        id: task.id,
        attempt: 1,
        feedback: 'shorter',
        claimToken: row.claimToken,
        agentVersion: 1,
        dependencies: [{ dependsOnId: trend.id, type: 'GENERATE_POST', output: { hashtags: ['#harbour'] } }],
        reservations: [{ amountMicroUsd: 700, taskId: task.id, attempt: 1 }],
      },
    });
    expect(await domain.events(task.id)).toMatchObject([
      { topic: 'task', version: 2, data: { status: 'IN_PROGRESS', attempt: 1 } },
    ]);
  });

  test('claims what is QUEUED only', async () => {
    for (const status of [
      'PENDING',
      'IN_PROGRESS',
      'IN_REVIEW',
      'ESCALATED',
      'APPLYING',
      'COMPLETE',
      'FAILED',
      'CANCELLED',
    ] as const) {
      const task = await agent.task({ status, errorCode: 'VALIDATION' });
      expect(await kinds([task.id]), status).toEqual(['NOT_CLAIMABLE']);
    }
    expect(await kinds([newId()])).toEqual(['NOT_CLAIMABLE']);
  });

  test('not before its time, and then', async () => {
    const task = await agent.task({ notBefore: new Date(Date.now() + 60_000) });
    expect(await kinds([task.id])).toEqual(['NOT_CLAIMABLE']);
    await domain.sql('UPDATE "Task" SET "notBefore" = now() WHERE id = $1', [task.id]);
    expect(await kinds([task.id])).toEqual(['CLAIMED']);
  });

  test.each(['PAUSED', 'EMERGENCY_STOPPED', 'ERROR', 'ARCHIVED'])('not for an agent that is %s', async (status) => {
    const stopped = await tenant.agent({ status });
    expect(await kinds([(await stopped.task()).id])).toEqual(['NOT_CLAIMABLE']);
  });

  test.each(['DRAFT', 'PAUSED', 'COMPLETED', 'CANCELLED'])('not in a campaign that is %s', async (status) => {
    const campaign = await tenant.campaign([agent], { status });
    expect(await kinds([(await agent.task({ campaignId: campaign.id })).id])).toEqual(['NOT_CLAIMABLE']);
  });

  test('not when it was planned under another state of its campaign', async () => {
    const campaign = await tenant.campaign([agent], { stateVersion: 3 });
    const stale = await agent.task({ campaignId: campaign.id, stateVersion: 2 });
    const valid = await agent.task({ campaignId: campaign.id, stateVersion: 3 });
    expect(await kinds([stale.id, valid.id])).toEqual(['NOT_CLAIMABLE', 'CLAIMED']);
  });

  test('answers a mixed batch in its order', async () => {
    const [a, b] = [await agent.task(), await agent.task()];
    expect(await kinds([newId(), a.id, newId(), b.id])).toEqual([
      'NOT_CLAIMABLE',
      'CLAIMED',
      'NOT_CLAIMABLE',
      'CLAIMED',
    ]);
  });

  test('a batch that is partly over the budget: what fits is claimed, the rest says which limit and stays QUEUED', async () => {
    const poor = await tenant.agent({ budgetDailyMicroUsd: 250 });
    const tasks = [await poor.task(), await poor.task(), await poor.task()];
    const outcomes = await claim(
      tasks.map((task) => task.id),
      costing(100),
    );
    expect(outcomes).toMatchObject([
      { claimed: {} },
      { claimed: {} },
      {
        refused: 'BUDGET',
        agentId: poor.id,
        error: { limitMicroUsd: 250, spentMicroUsd: 200, requestedMicroUsd: 100 },
      },
    ]);
    expect(await domain.row('Task', tasks[2]?.id ?? '')).toMatchObject({ status: 'QUEUED', attempt: 0 });
    const [account] = await domain.sql(
      'SELECT "reservedMicroUsd" FROM "BudgetAccount" WHERE "scopeId" = $1 AND day > \'1970-01-01\'',
      [poor.id],
    );
    expect(account).toEqual({ reservedMicroUsd: '200' });
  });

  test('of 30 Workers that want one task at once, one gets it', async () => {
    const task = await agent.task();
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, (_, index) => kinds([task.id], { ...OPTIONS, workerId: `worker-${index}` })),
    );
    expect(outcomes.flat().filter((kind) => kind === 'CLAIMED')).toHaveLength(1);
    expect(await domain.row('Task', task.id)).toMatchObject({ attempt: 1 });
  });

  test('another tenant’s task is not claimable', async () => {
    const stranger = await (await domain.seed.tenant()).agent();
    expect(await kinds([(await stranger.task()).id])).toEqual(['NOT_CLAIMABLE']);
  });
});

describe('extendLeases', () => {
  test('extends what is still ours and names it; a lost claim is not extended', async () => {
    const [ours, lost] = [await agent.task(), await agent.task()];
    const claims = (await claim([ours.id, lost.id])).flatMap((outcome) =>
      'claimed' in outcome ? [outcome.claimed] : [],
    );
    await domain.sql(
      `UPDATE "Task" SET status = 'QUEUED', "claimToken" = NULL, "leaseExpiresAt" = NULL WHERE id = $1`,
      [lost.id],
    );
    const before = await domain.row<{ leaseExpiresAt: Date }>('Task', ours.id);
    expect(await extendLeases(domain.context(tenant.id), claims, 600)).toEqual(new Set([ours.id]));
    const after = await domain.row<{ leaseExpiresAt: Date }>('Task', ours.id);
    expect(after.leaseExpiresAt.getTime()).toBeGreaterThan(before.leaseExpiresAt.getTime());
    expect(await extendLeases(domain.context(tenant.id), [], 600)).toEqual(new Set());
  });
});
