import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ClaimedTask } from '../../../domain/task/claim-tasks.ts';
import { claimTasks } from '../../../domain/task/claim-tasks.ts';
import type { FailedAttempt } from '../../../domain/task/fail-attempt.ts';
import { backoffMs, failAttempt } from '../../../domain/task/fail-attempt.ts';
import type { AttemptReport } from '../../../domain/task/report-results.ts';
import { reportResults } from '../../../domain/task/report-results.ts';
import { newId } from '../../../platform/ids.ts';
import { expireLeases } from '../../../swarm/relay/expire-leases.ts';
import type { SeededAgent, SeededTenant } from '../../support/seed.ts';
import type { Domain } from '../domain-fixture.ts';
import { openDomain } from '../domain-fixture.ts';

let domain: Domain;
let tenant: SeededTenant;
let agent: SeededAgent;
beforeAll(async () => {
  domain = await openDomain();
  tenant = await domain.seed.tenant();
});
beforeEach(async () => {
  agent = await tenant.agent();
});
afterAll(() => domain.close());
const context = () => domain.context(tenant.id);

async function claimed(taskId: string): Promise<ClaimedTask> {
  const [outcome] = await claimTasks(context(), [taskId], {
    workerId: 'worker-1',
    leaseSeconds: 30,
    estimate: () => [{ category: 'MODEL', amountMicroUsd: 500 }],
  });
  if (!outcome || !('claimed' in outcome)) throw new Error('not claimed');
  return outcome.claimed;
}
const settlementsOf = (task: ClaimedTask, actualMicroUsd: number) =>
  task.reservations.map((reservation) => ({ reservation, actualMicroUsd, model: 'offline' }));
const report = (task: ClaimedTask, more: Partial<AttemptReport> = {}): AttemptReport => ({
  taskId: task.id,
  attempt: task.attempt,
  claimToken: task.claimToken,
  workerId: 'worker-1',
  output: { text: 'fog', hashtags: [], estimatedEngagement: 0.5 },
  reasoning: 'because',
  toolCalls: [{ server: 'news', tool: 'read', durationMs: 3, ok: true, error: null }],
  model: 'offline',
  tokens: 10,
  modelProbability: 0.9,
  executionMs: 12.6,
  settlements: settlementsOf(task, 300),
  ...more,
});
const failure = (task: ClaimedTask, error: Partial<FailedAttempt['error']> = {}): FailedAttempt => ({
  taskId: task.id,
  attempt: task.attempt,
  claimToken: task.claimToken,
  workerId: 'worker-1',
  error: { code: 'MCP_UNAVAILABLE', message: 'no answer', retryable: true, ...error },
  toolCalls: [],
  executionMs: 5,
  settlements: settlementsOf(task, 100),
});
const resultsOf = (taskId: string) =>
  domain.sql('SELECT * FROM "Result" WHERE "taskId" = $1 ORDER BY attempt', [taskId]);
const spentOf = async () =>
  (
    await domain.sql(
      'SELECT "spentMicroUsd"::int AS spent, "reservedMicroUsd"::int AS reserved FROM "BudgetAccount" WHERE "scopeId" = $1 AND day = \'1970-01-01\'',
      [agent.id],
    )
  )[0];

describe('reportResults', () => {
  test('stores the result, moves the task IN_REVIEW and settles what was spent', async () => {
    const task = await claimed((await agent.task()).id);
    expect(await reportResults(context(), [report(task)])).toEqual([true]);
    expect(await domain.row('Task', task.id)).toMatchObject({
      status: 'IN_REVIEW',
      claimToken: null,
      leaseExpiresAt: null,
    });
    expect(await resultsOf(task.id)).toMatchObject([
      {
        attempt: 1,
        costMicroUsd: '300',
        executionMs: 13,
        tokens: 10,
        modelProbability: 0.9,
        verdict: null,
        invalidatedReason: null,
      },
    ]);
    expect(await spentOf()).toEqual({ spent: 300, reserved: 0 });
  });

  test('of a lost claim is kept, marked invalid, settled, and moves nothing; so is the second report of the same attempt', async () => {
    const [ok, lost] = [await claimed((await agent.task()).id), await claimed((await agent.task()).id)];
    expect(await reportResults(context(), [report(ok), report(lost, { claimToken: newId() })])).toEqual([true, false]);
    expect(await domain.row('Task', lost.id)).toMatchObject({ status: 'IN_PROGRESS' });
    expect(await resultsOf(lost.id)).toMatchObject([{ invalidatedReason: 'the claim was lost before the report' }]);
    expect(await reportResults(context(), [report(ok)])).toEqual([false]);
    expect(await resultsOf(ok.id)).toMatchObject([{ invalidatedReason: null }]);
    expect(await spentOf()).toEqual({ spent: 600, reserved: 0 });
  });

  test('a Worker fenced by a newer attempt cannot report into it', async () => {
    const task = await agent.task();
    const slow = await claimed(task.id);
    await domain.sql(`UPDATE "Task" SET "leaseExpiresAt" = now() - interval '1 second' WHERE id = $1`, [task.id]);
    expect(await expireLeases(domain.relay)).toBe(1);
    const next = await claimed(task.id);
    expect(await reportResults(context(), [report(slow)])).toEqual([false]);
    expect(await reportResults(context(), [report(next)])).toEqual([true]);
    expect(await resultsOf(task.id)).toMatchObject([
      { attempt: 1, errorCode: 'WORKER_TIMEOUT' },
      { attempt: 2, errorCode: null },
    ]);
  });
});

describe('failAttempt', () => {
  test('queues a retryable failure again, after the back-off', async () => {
    const task = await claimed((await agent.task()).id);
    expect(await failAttempt(context(), failure(task), 0)).toBe('RETRIED');
    const row = await domain.row<{ notBefore: Date }>('Task', task.id);
    expect(row).toMatchObject({
      status: 'QUEUED',
      attempt: 1,
      errorCode: 'MCP_UNAVAILABLE',
      claimToken: null,
      completedAt: null,
    });
    const wait = row.notBefore.getTime() - Date.now();
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(2_000);
    expect(await spentOf()).toEqual({ spent: 100, reserved: 0 });
  });

  test('waits at least as long as the outside asks', async () => {
    const task = await claimed((await agent.task()).id);
    await failAttempt(context(), failure(task, { retryAfterMs: 90_000 }), 0);
    expect((await domain.row<{ notBefore: Date }>('Task', task.id)).notBefore.getTime()).toBeGreaterThan(
      Date.now() + 80_000,
    );
  });

  test('the back-off doubles up to five minutes and is never less than half of that', () => {
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      const full = Math.min(300_000, 2_000 * 2 ** (attempt - 1));
      expect(backoffMs(attempt, 0)).toBe(full);
      expect(backoffMs(attempt, 0.999_999)).toBeGreaterThan(full / 2);
      expect(backoffMs(attempt, 0.5)).toBeLessThan(full);
    }
  });

  test.each([
    ['is permanent', { retryable: false }, {}],
    ['was the last try', { retryable: true }, { attempt: 2, maxAttempts: 3 }],
  ])(
    'a failure that %s ends the task, cancels all that waits for it and owes the campaign a repair',
    async (_what, error, columns) => {
      const campaign = await tenant.campaign([agent]);
      const task = await agent.task({ campaignId: campaign.id, ...columns });
      const child = await agent.task({ campaignId: campaign.id, status: 'PENDING', openDependencies: 1 });
      const grandchild = await agent.task({ campaignId: campaign.id, status: 'PENDING', openDependencies: 1 });
      const bystander = await agent.task({ campaignId: campaign.id });
      await child.dependsOn(task.id);
      await grandchild.dependsOn(child.id);
      expect(await failAttempt(context(), failure(await claimed(task.id), error))).toBe('FAILED');
      expect(await domain.row('Task', task.id)).toMatchObject({ status: 'FAILED', errorCode: 'MCP_UNAVAILABLE' });
      for (const { id } of [child, grandchild])
        expect(await domain.row('Task', id)).toMatchObject({ status: 'CANCELLED' });
      expect(await domain.row('Task', bystander.id)).toMatchObject({ status: 'QUEUED' });
      expect(await domain.row('Campaign', campaign.id)).toMatchObject({
        planDueReason: 'TASK_FAILED',
        planDueNote: expect.stringContaining('no answer'),
        stateVersion: 1,
      });
      expect((await domain.events(grandchild.id)).at(-1)).toMatchObject({ data: { status: 'CANCELLED' } });
    },
  );

  test('of a lost claim only records', async () => {
    const task = await claimed((await agent.task()).id);
    expect(await failAttempt(context(), { ...failure(task, { retryable: false }), claimToken: newId() })).toBe('LOST');
    expect(await domain.row('Task', task.id)).toMatchObject({ status: 'IN_PROGRESS' });
    expect(await failAttempt(context(), failure(task))).toBe('RETRIED');
    expect(await failAttempt(context(), failure(task))).toBe('LOST');
  });
});

describe('expireLeases', () => {
  test('queues the task of a silent Worker again and gives its reservation back; the last try ends it with an alert', async () => {
    const campaign = await tenant.campaign([agent]);
    const again = await agent.task({ campaignId: campaign.id });
    const last = await agent.task({ campaignId: campaign.id, attempt: 2 });
    const running = await agent.task({ campaignId: campaign.id });
    for (const task of [again, last, running]) await claimed(task.id);
    await domain.sql(`UPDATE "Task" SET "leaseExpiresAt" = now() - interval '1 second' WHERE id = ANY($1)`, [
      [again.id, last.id],
    ]);
    const counts = await Promise.all([expireLeases(domain.relay), expireLeases(domain.relay)]);
    expect(counts[0] + counts[1]).toBe(2);
    expect(await domain.row('Task', again.id)).toMatchObject({
      status: 'QUEUED',
      errorCode: 'WORKER_TIMEOUT',
      claimToken: null,
      notBefore: null,
    });
    expect(await domain.row('Task', last.id)).toMatchObject({ status: 'FAILED', errorCode: 'WORKER_TIMEOUT' });
    expect(await domain.row('Task', running.id)).toMatchObject({ status: 'IN_PROGRESS' });
    expect(await spentOf()).toEqual({ spent: 0, reserved: 500 });
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({ planDueReason: 'TASK_FAILED' });
    expect(await domain.sql('SELECT rule FROM "Alert" WHERE "campaignId" = $1', [campaign.id])).toEqual([
      { rule: 'E2001' },
    ]);
  });
});
