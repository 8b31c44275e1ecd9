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
const claim = (agentIds: string[], options = OPTIONS) => claimTasks(domain.context(tenant.id), agentIds, options);
const kinds = async (agentIds: string[], options = OPTIONS): Promise<string[]> =>
  (await claim(agentIds, options)).map((outcome) => ('claimed' in outcome ? 'CLAIMED' : outcome.refused));
const claimedIds = async (agentIds: string[]): Promise<(string | null)[]> =>
  (await claim(agentIds)).map((outcome) => ('claimed' in outcome ? outcome.claimed.id : null));

describe('claimTasks', () => {
  test('gives the attempt with its fence, its dependencies’ outputs and its reservations, and says so', async () => {
    const trend = await agent.task({ status: 'COMPLETE' });
    const task = await agent.task({ status: 'QUEUED', feedback: 'shorter' });
    await task.dependsOn(trend.id);
    const [outcome] = await claim([agent.id], costing(700));
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
      await agent.task({ status, errorCode: 'VALIDATION' });
      expect(await kinds([agent.id]), status).toEqual(['NOT_CLAIMABLE']);
    }
    expect(await kinds([newId()])).toEqual(['NOT_CLAIMABLE']);
  });

  test('not before its time, and then', async () => {
    const task = await agent.task({ notBefore: new Date(Date.now() + 60_000) });
    expect(await kinds([agent.id])).toEqual(['NOT_CLAIMABLE']);
    await domain.sql('UPDATE "Task" SET "notBefore" = now() WHERE id = $1', [task.id]);
    expect(await kinds([agent.id])).toEqual(['CLAIMED']);
  });

  test.each(['PAUSED', 'EMERGENCY_STOPPED', 'ERROR', 'ARCHIVED'])('not for an agent that is %s', async (status) => {
    const stopped = await tenant.agent({ status });
    await stopped.task();
    expect(await kinds([stopped.id])).toEqual(['NOT_CLAIMABLE']);
  });

  test.each(['DRAFT', 'PAUSED', 'COMPLETED', 'CANCELLED'])('not in a campaign that is %s', async (status) => {
    const campaign = await tenant.campaign([agent], { status });
    await agent.task({ campaignId: campaign.id });
    expect(await kinds([agent.id])).toEqual(['NOT_CLAIMABLE']);
  });

  test('not when it was planned under another state of its campaign', async () => {
    const campaign = await tenant.campaign([agent], { stateVersion: 3 });
    await agent.task({ campaignId: campaign.id, stateVersion: 2, priority: 10 });
    const valid = await agent.task({ campaignId: campaign.id, stateVersion: 3 });
    expect(await claimedIds([agent.id, agent.id])).toEqual([valid.id, null]);
  });

  test('an agent’s turns get its most urgent tasks, of those the oldest', async () => {
    const at: string[] = [];
    for (const priority of [5, 1, 10, 5, 9]) at.push((await agent.task({ priority })).id);
    expect(await claimedIds([agent.id, agent.id, agent.id])).toEqual([at[2], at[4], at[0]]);
    expect(await claimedIds([agent.id, agent.id, agent.id])).toEqual([at[3], at[1], null]);
  });

  test('answers the turns of several agents in their order, each with its own agent’s tasks', async () => {
    const other = await tenant.agent();
    const [mine, theirs, mineLater] = [
      await agent.task(),
      await other.task({ priority: 1 }),
      await agent.task({ priority: 4 }),
    ];
    expect(await claimedIds([newId(), other.id, agent.id, other.id, agent.id])).toEqual([
      null,
      theirs.id,
      mine.id,
      null,
      mineLater.id,
    ]);
  });

  test('passes over a task that another transaction holds', async () => {
    const [held, free] = [await agent.task({ priority: 9 }), await agent.task({ priority: 2 })];
    await domain.context(tenant.id).db.transaction(async (sql) => {
      await sql.query('SELECT 1 FROM "Task" WHERE id = $1 FOR UPDATE', [held.id]);
      expect(await claimedIds([agent.id, agent.id])).toEqual([free.id, null]);
    });
    expect(await claimedIds([agent.id])).toEqual([held.id]);
  });

  test('a batch that is partly over the budget: what fits is claimed, the rest says which limit and stays QUEUED', async () => {
    const poor = await tenant.agent({ budgetDailyMicroUsd: 250 });
    const tasks = [await poor.task(), await poor.task(), await poor.task()];
    const outcomes = await claim(
      tasks.map(() => poor.id),
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
      Array.from({ length: 30 }, (_, index) => kinds([agent.id], { ...OPTIONS, workerId: `worker-${index}` })),
    );
    expect(outcomes.flat().filter((kind) => kind === 'CLAIMED')).toHaveLength(1);
    expect(await domain.row('Task', task.id)).toMatchObject({ attempt: 1 });
  });

  test('another tenant’s task is not claimable', async () => {
    const stranger = await (await domain.seed.tenant()).agent();
    await stranger.task();
    expect(await kinds([stranger.id])).toEqual(['NOT_CLAIMABLE']);
  });
});

describe('extendLeases', () => {
  test('extends what is still ours and names it; a lost claim is not extended', async () => {
    const [ours, lost] = [await agent.task(), await agent.task()];
    const claims = (await claim([agent.id, agent.id])).flatMap((outcome) =>
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
