import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { setAgentStatus } from '../../../domain/agent/set-agent-status.ts';
import { recordAudit } from '../../../domain/audit/record-audit.ts';
import { settle } from '../../../domain/money/reserve.ts';
import { approveReview, editReview, rejectReview } from '../../../domain/review/decide-review.ts';
import type { ClaimedTask } from '../../../domain/task/claim-tasks.ts';
import { claimTasks } from '../../../domain/task/claim-tasks.ts';
import type { FailedAttempt } from '../../../domain/task/fail-attempt.ts';
import { failAttempt } from '../../../domain/task/fail-attempt.ts';
import type { AttemptReport } from '../../../domain/task/report-results.ts';
import { reportResults } from '../../../domain/task/report-results.ts';
import { newId } from '../../../platform/ids.ts';
import { expireLeases } from '../../../swarm/relay/expire-leases.ts';
import type { SeededAgent, SeededTenant } from '../../support/seed.ts';
import { waitFor } from '../../support/wait-for.ts';
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

/** The agent's turn takes its most urgent task: this one. */
async function claimed(taskId: string): Promise<ClaimedTask> {
  await domain.sql('UPDATE "Task" SET priority = 10 WHERE id = $1', [taskId]);
  const [outcome] = await claimTasks(context(), [agent.id], {
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
const failure = (task: ClaimedTask, fault: Partial<FailedAttempt['fault']> = {}): FailedAttempt => ({
  taskId: task.id,
  attempt: task.attempt,
  claimToken: task.claimToken,
  workerId: 'worker-1',
  fault: { name: 'INTERNAL', code: 'INTERNAL', action: 'RETRY', message: 'no answer', ...fault },
  toolCalls: [],
  executionMs: 5,
  settlements: settlementsOf(task, 100),
});
const OUTAGE = { name: 'UNAVAILABLE', code: 'MCP_UNAVAILABLE', action: 'RETRY_THEN_PERSON' } as const;
const due = (taskId: string) => domain.sql('UPDATE "Task" SET "notBefore" = NULL WHERE id = $1', [taskId]);
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

  test.each([
    ['NUL', 'fog\0'],
    ['half an emoji', 'fog\ud83d'],
  ])('stores an answer with %s without it: nobody else in the batch pays for it', async (_what, text) => {
    const [odd, plain] = [await claimed((await agent.task()).id), await claimed((await agent.task()).id)];
    const output = { text, hashtags: [], estimatedEngagement: 0.5 };
    expect(await reportResults(context(), [report(odd, { output, reasoning: text }), report(plain)])).toEqual([
      true,
      true,
    ]);
    expect(await resultsOf(odd.id)).toMatchObject([{ output: { text: 'fog' }, reasoning: 'fog' }]);
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

  test('whose answer was lost leaves the reservation of the judgement to the Judge, though the Worker takes its attempt for failed', async () => {
    const task = await claimed((await agent.task()).id);
    const [reservation] = task.reservations;
    if (!reservation) throw new Error('no reservation');
    expect(await reportResults(context(), [report(task, { settlements: [] })])).toEqual([true]);
    const unspent = { reservation, actualMicroUsd: 0, model: null };
    expect(await failAttempt(context(), { ...failure(task), settlements: [unspent] })).toBe('LOST');
    expect(await spentOf()).toEqual({ spent: 0, reserved: 500 });
    expect(await domain.row('Task', task.id)).toMatchObject({ status: 'IN_REVIEW' });
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
  test('RETRY queues the task again, after the back-off', async () => {
    const task = await claimed((await agent.task()).id);
    expect(await failAttempt(context(), failure(task), 0)).toBe('RETRIED');
    const row = await domain.row<{ notBefore: Date }>('Task', task.id);
    expect(row).toMatchObject({
      status: 'QUEUED',
      attempt: 1,
      errorCode: 'INTERNAL',
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

  test.each([
    ['goes back to the Planner', { action: 'PLANNER' }, {}],
    ['is skipped', { action: 'SKIP' }, {}],
    ['was the last try', { action: 'RETRY' }, { attempt: 2, maxAttempts: 3 }],
  ] as const)(
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
      expect(await domain.row('Task', task.id)).toMatchObject({ status: 'FAILED', errorCode: 'INTERNAL' });
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

  test('LATER and an outage do not count as tries: the task gets another attempt for each', async () => {
    const { id } = await agent.task({ attempt: 2, maxAttempts: 3 });
    expect(await failAttempt(context(), failure(await claimed(id), { action: 'LATER', retryAfterMs: 30_000 }), 0)).toBe(
      'RETRIED',
    );
    expect(await domain.row('Task', id)).toMatchObject({ status: 'QUEUED', attempt: 3, maxAttempts: 4, outages: 0 });
    await due(id);
    expect(await failAttempt(context(), failure(await claimed(id), OUTAGE), 0)).toBe('RETRIED');
    expect(await domain.row('Task', id)).toMatchObject({ status: 'QUEUED', attempt: 4, maxAttempts: 5, outages: 1 });
  });

  test('PAUSE_AGENT stops the agent in ERROR with one alert; the task waits and goes on when the agent is ACTIVE', async () => {
    const { id } = await agent.task({ attempt: 2, maxAttempts: 3 });
    const refused = {
      name: 'AUTH_FAILED',
      code: 'UNAUTHENTICATED',
      action: 'PAUSE_AGENT',
      message: 'bad key.',
    } as const;
    expect(await failAttempt(context(), failure(await claimed(id), refused))).toBe('WAITING');
    expect(await domain.row('Agent', agent.id)).toMatchObject({ status: 'ERROR', statusReason: 'bad key.' });
    expect(await domain.row('Task', id)).toMatchObject({ status: 'QUEUED', errorCode: 'UNAUTHENTICATED' });
    expect(await domain.sql('SELECT rule FROM "Alert" WHERE "agentId" = $1', [agent.id])).toEqual([
      { rule: 'AUTH_FAILED' },
    ]);
    await setAgentStatus(context(), { id: agent.id, status: 'ACTIVE' });
    expect(await claimed(id)).toMatchObject({ id, attempt: 4 });
  });

  test.each([
    ['RETRY', 1_999],
    ['PAUSE_AGENT', 499],
    ['PERSON', 1_999],
  ] as const)('%s is recorded also when its message is cut in the middle of an emoji', async (action, before) => {
    const task = await claimed((await agent.task()).id);
    const message = `${'x'.repeat(before)}🙂${'y'.repeat(2_000)}`;
    expect(await failAttempt(context(), failure(task, { action, message }))).not.toBe('LOST');
    expect(await domain.row('Task', task.id)).toMatchObject({ claimToken: null, errorCode: 'INTERNAL' });
  });

  test('PAUSE_AGENT takes the budget rows before the head of the audit chain, as the Judge does', async () => {
    const [refused, judged] = [await claimed((await agent.task()).id), await claimed((await agent.task()).id)];
    let failing: Promise<unknown> = Promise.resolve();
    await context().db.transaction(async (sql) => {
      await settle(sql, tenant.id, settlementsOf(judged, 100), new Date());
      failing = failAttempt(context(), failure(refused, { action: 'PAUSE_AGENT' }));
      await waitFor(async () => {
        const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
        return (await domain.sql(waiting)).length > 0;
      });
      // Sooner than PostgreSQL looks for deadlocks.
      await sql.query(`SET LOCAL lock_timeout = '500ms'`);
      await recordAudit(sql, context(), [{ action: 'task.approved', subjectType: 'Task', subjectId: judged.id }]);
    });
    expect(await failing).toBe('WAITING');
  });

  describe('PERSON', () => {
    async function asked(fault: Partial<FailedAttempt['fault']>): Promise<{ taskId: string; reviewId: string }> {
      const campaign = await tenant.campaign([agent]);
      const { id: taskId } = await agent.task({ campaignId: campaign.id, attempt: 2, maxAttempts: 3 });
      expect(await failAttempt(context(), failure(await claimed(taskId), fault))).toBe('ESCALATED');
      expect(await domain.row('Task', taskId)).toMatchObject({ status: 'ESCALATED' });
      const [review] = await domain.sql<{ id: string }>('SELECT * FROM "Review" WHERE "taskId" = $1', [taskId]);
      expect(review).toMatchObject({ status: 'PENDING', resultId: null, risk: 'HIGH', version: 1 });
      return { taskId, reviewId: review?.id ?? '' };
    }
    const nsfw = { name: 'NSFW_DETECTED', code: 'CONTENT_SAFETY', action: 'PERSON', message: 'not this' } as const;
    const reviewer = async () => domain.context(tenant.id, { userId: (await tenant.user('CONTENT_REVIEWER')).id });

    test('asks at once, says why and what deciding means, and alerts', async () => {
      const { reviewId, taskId } = await asked(nsfw);
      const review = await domain.row<{ reasons: string[]; content: object }>('Review', reviewId);
      expect(review.reasons).toEqual([
        'Attempt 3 failed: not this',
        'Approve: it is tried again, with your feedback. Reject: it is given up, and the Planner replaces it.',
      ]);
      expect(review.content).toMatchObject({ attempt: 3, error: { code: 'CONTENT_SAFETY', message: 'not this' } });
      expect((await domain.events(reviewId)).map(({ kind }) => kind)).toEqual(['CREATED']);
      expect(await domain.sql('SELECT rule FROM "Alert" WHERE "agentId" = $1', [agent.id])).toEqual([
        { rule: 'E1006' },
      ]);
      expect((await domain.events(taskId)).at(-1)).toMatchObject({ data: { status: 'ESCALATED' } });
    });

    test('approved: it is tried again with the feedback, though no try was left; it cannot be edited', async () => {
      const { reviewId, taskId } = await asked(nsfw);
      await expect(
        editReview(await reviewer(), { id: reviewId, expectedVersion: 1, content: { text: 'mine', hashtags: [] } }),
      ).rejects.toThrow();
      await approveReview(await reviewer(), { id: reviewId, expectedVersion: 1, feedback: 'milder, please' });
      expect(await claimed(taskId)).toMatchObject({ id: taskId, attempt: 4, feedback: 'milder, please' });
    });

    test('rejected: it is given up, and the Planner is asked to replace it', async () => {
      const { reviewId, taskId } = await asked(nsfw);
      await rejectReview(await reviewer(), { id: reviewId, expectedVersion: 1 });
      expect(await domain.row('Task', taskId)).toMatchObject({ status: 'REJECTED' });
    });

    test('is asked after the fifth outage; approved, five more may follow', async () => {
      const { id } = await agent.task();
      for (let outage = 1; outage <= 4; outage += 1) {
        expect(await failAttempt(context(), failure(await claimed(id), OUTAGE))).toBe('RETRIED');
        await due(id);
      }
      expect(await failAttempt(context(), failure(await claimed(id), OUTAGE))).toBe('ESCALATED');
      const [review] = await domain.sql<{ id: string }>('SELECT id FROM "Review" WHERE "taskId" = $1', [id]);
      await approveReview(await reviewer(), { id: review?.id, expectedVersion: 1 });
      expect(await failAttempt(context(), failure(await claimed(id), OUTAGE))).toBe('RETRIED');
      expect(await domain.sql('SELECT rule FROM "Alert" WHERE "agentId" = $1', [agent.id])).toEqual([
        { rule: 'E1002' },
      ]);
    });
  });

  test('of a lost claim only records', async () => {
    const task = await claimed((await agent.task()).id);
    expect(await failAttempt(context(), { ...failure(task, { action: 'PLANNER' }), claimToken: newId() })).toBe('LOST');
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
