import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { updateAgent } from '../../../domain/agent/update-agent.ts';
import { replanCampaign } from '../../../domain/campaign/replan-campaign.ts';
import { setCampaignStatus } from '../../../domain/campaign/set-campaign-status.ts';
import { updateCampaign } from '../../../domain/campaign/update-campaign.ts';
import { BudgetExceededError } from '../../../domain/errors.ts';
import { holdForBudget } from '../../../domain/money/budget-hold.ts';
import type { Reservation } from '../../../domain/money/reserve.ts';
import { reserve, settle } from '../../../domain/money/reserve.ts';
import { claimTasks } from '../../../domain/task/claim-tasks.ts';
import { reviewBudgetHolds } from '../../../swarm/governor/review-budget-holds.ts';
import type { SeededAgent, SeededTask, SeededTenant } from '../../support/seed.ts';
import type { Domain } from '../domain-fixture.ts';
import { openDomain } from '../domain-fixture.ts';

const TODAY = new Date('2030-05-01T12:00:00Z');
const TOMORROW = new Date('2030-05-02T00:00:01Z');
const HOUR = 3_600_000;

let domain: Domain;
let tenant: SeededTenant;
let agent: SeededAgent;
let campaignId: string;
let tasks: SeededTask[];
beforeAll(async () => {
  domain = await openDomain({ poolSize: 20 });
  tenant = await domain.seed.tenant();
});
beforeEach(async () => {
  agent = await tenant.agent({ budgetDailyMicroUsd: 1_000_000 });
  const campaign = await tenant.campaign([agent], { budgetDailyMicroUsd: 1_000, planRevision: 1 });
  campaignId = campaign.id;
  tasks = [];
  for (let index = 0; index < 3; index += 1) tasks.push(await agent.task({ status: 'QUEUED', campaignId }));
});
afterAll(() => domain.close());

const context = (now = TODAY) => domain.context(tenant.id, { now });
const spend = async (amountMicroUsd: number, now = TODAY): Promise<Reservation> => {
  const request = { agentId: agent.id, campaignId, taskId: null, attempt: null, category: 'MODEL' as const };
  const [reservation] = await context().db.transaction((sql) =>
    reserve(sql, tenant.id, [{ ...request, amountMicroUsd }], now, new Date(now.getTime() + HOUR)),
  );
  return reservation as Reservation;
};
const pay = (reservation: Reservation, actualMicroUsd: number) =>
  context().db.transaction((sql) => settle(sql, tenant.id, [{ reservation, actualMicroUsd, model: 'offline' }], TODAY));
const refusal = async (amountMicroUsd: number): Promise<BudgetExceededError> => {
  const error = await spend(amountMicroUsd).catch((failure: unknown) => failure);
  if (!(error instanceof BudgetExceededError)) throw new Error('it should have been refused');
  return error;
};
const hold = (error: BudgetExceededError) =>
  holdForBudget(context(), { campaignId, agentId: agent.id, taskId: tasks[0]?.id ?? null }, error);
const review = (now = TODAY) => reviewBudgetHolds(domain.relay, { now: () => now });
const campaign = () => domain.row('Campaign', campaignId);
const alerts = () =>
  domain.sql(
    'SELECT rule, severity, "acknowledgedAt" IS NULL AS open FROM "Alert" WHERE "campaignId" = $1 ORDER BY id',
    [campaignId],
  );
const queuedUnderItsState = async () =>
  (
    await domain.sql(
      `SELECT t.id FROM "Task" t JOIN "Campaign" c ON c.id = t."campaignId" WHERE c.id = $1 AND t.status = 'QUEUED' AND t."stateVersion" = c."stateVersion"`,
      [campaignId],
    )
  ).length;
/** E1001: what is spent leaves no room for 400 more. */
async function exceed(): Promise<void> {
  await pay(await spend(700), 700);
  expect(await hold(await refusal(400))).toBe('PAUSED');
}
const raise = async (more: Record<string, unknown>) =>
  updateCampaign(context(), { id: campaignId, expectedVersion: (await campaign()).version, ...more });

describe('a refused reservation', () => {
  test('pauses the campaign with the reason and one alert, however many tasks are refused at once', async () => {
    await pay(await spend(700), 700);
    const error = await refusal(400);
    expect(new Set(await Promise.all(Array.from({ length: 10 }, () => hold(error))))).toEqual(new Set(['PAUSED']));
    expect(await campaign()).toMatchObject({
      status: 'PAUSED',
      statusReason: expect.stringMatching(
        /^E1001: The daily budget of the campaign Fog week would be exceeded: limit \$0.001, spent and reserved \$0.0007/,
      ),
    });
    expect(await alerts()).toEqual([{ rule: 'E1001', severity: 'CRITICAL', open: true }]);
    expect(await domain.audited(campaignId)).toEqual(['campaign.paused']);
  });

  test('only holds the campaign while reservations are outstanding: they may come in below their estimate', async () => {
    const outstanding = await spend(700);
    expect(await hold(await refusal(400))).toBe('WAITS');
    expect(await campaign()).toMatchObject({ status: 'ACTIVE', stateVersion: 1, budgetHoldMicroUsd: '400' });
    await review();
    expect(await campaign(), 'still outstanding').toMatchObject({ budgetHoldMicroUsd: '400' });

    await pay(outstanding, 100);
    await review();
    expect(await campaign()).toMatchObject({
      status: 'ACTIVE',
      stateVersion: 1,
      statusReason: null,
      budgetHoldScopeId: null,
    });
    expect(await alerts()).toEqual([]);
    for (const task of tasks)
      expect(
        (await domain.events(task.id)).map((event) => event.data.status),
        'room for two, and one more',
      ).toEqual(['QUEUED']);
  });

  test('waits for results that are still judged, and lets drafts that are paid be published: a pause would throw them away', async () => {
    await pay(await spend(700), 700);
    const judged = await agent.task({ status: 'IN_REVIEW', campaignId });
    expect(await hold(await refusal(400))).toBe('WAITS');
    const post = await agent.task({ status: 'QUEUED', type: 'POST_CONTENT', campaignId, priority: 1 });
    const options = { workerId: 'w', leaseSeconds: 30, estimate: () => [] };
    expect(await claimTasks(context(), [agent.id, agent.id], options)).toMatchObject([
      { claimed: { id: post.id } },
      { refused: 'NOT_CLAIMABLE' },
    ]);
    await domain.sql(
      `UPDATE "Task" SET status = 'CANCELLED', "claimToken" = NULL, "leaseExpiresAt" = NULL WHERE id = $1`,
      [judged.id],
    );
    await review();
    expect((await campaign()).status).toBe('ACTIVE');
    await domain.sql(
      `UPDATE "Task" SET status = 'CANCELLED', "claimToken" = NULL, "leaseExpiresAt" = NULL WHERE id = $1`,
      [post.id],
    );
    await review();
    expect((await campaign()).status).toBe('PAUSED');
  });

  test('lets the agent’s other campaigns go on: its next turn is theirs', async () => {
    const other = await tenant.campaign([agent]);
    const task = await agent.task({ status: 'QUEUED', campaignId: other.id, priority: 1 });
    await spend(700);
    await hold(await refusal(400));
    const options = { workerId: 'w', leaseSeconds: 30, estimate: () => [] };
    const claims = await claimTasks(context(), [agent.id, agent.id], options);
    expect(claims).toMatchObject([{ claimed: { id: task.id } }, { refused: 'NOT_CLAIMABLE' }]);
  });

  test('pauses it once nothing is outstanding and the money is spent', async () => {
    const outstanding = await spend(700);
    await hold(await refusal(400));
    await pay(outstanding, 700);
    await Promise.all([review(), review()]);
    expect(await campaign()).toMatchObject({ status: 'PAUSED', statusReason: expect.stringMatching(/^E1001: /) });
    expect(await alerts()).toHaveLength(1);
  });

  test('of more than was reserved is E1001 at the next reservation: what is spent is spent', async () => {
    await pay(await spend(500), 1_500);
    expect(await hold(await refusal(1))).toBe('PAUSED');
    expect((await campaign()).statusReason).toMatch(/spent and reserved \$0.0015/);
  });

  test('postpones a task of no campaign, with its reason and one alert: there is nothing else to pause', async () => {
    const poor = await tenant.agent({ budgetDailyMicroUsd: 100 });
    const task = await poor.task({ status: 'QUEUED' });
    const error = new BudgetExceededError(
      { id: poor.id, day: '2030-05-01', label: 'The daily budget' },
      { limitMicroUsd: 100, spentMicroUsd: 0, requestedMicroUsd: 200 },
    );
    const refused = { campaignId: null, agentId: poor.id, taskId: task.id };
    for (let time = 0; time < 3; time += 1) expect(await holdForBudget(context(), refused, error)).toBe('WAITS');
    expect(await domain.row('Task', task.id)).toMatchObject({ status: 'QUEUED', errorCode: 'BUDGET_EXCEEDED' });
    expect((await domain.row<{ notBefore: Date }>('Task', task.id)).notBefore.getTime()).toBeGreaterThan(Date.now());
    expect(await domain.sql('SELECT rule FROM "Alert" WHERE "agentId" = $1', [poor.id])).toEqual([{ rule: 'E1001' }]);
  });
});

describe('a campaign that E1001 paused', () => {
  test.each([
    ['a higher limit', { budgetDailyUsd: '0.0011' }],
    ['no limit', { budgetDailyUsd: null }],
  ])('goes on with %s: at once, with the work it had, and its alert settled', async (_name, more) => {
    await exceed();
    await raise(more);
    expect(await campaign()).toMatchObject({
      status: 'ACTIVE',
      statusReason: null,
      planDueReason: 'BUDGET',
      budgetHoldScopeId: null,
    });
    expect(await queuedUnderItsState()).toBe(3);
    for (const task of tasks) expect(await domain.events(task.id)).not.toEqual([]);
    expect(await alerts()).toEqual([{ rule: 'E1001', severity: 'CRITICAL', open: false }]);
    expect(await domain.audited(campaignId)).toEqual(['campaign.paused', 'campaign.active', 'campaign.updated']);
  });

  test('stays paused when the new limit does not cover what it asked for, or another field changes', async () => {
    await exceed();
    await raise({ budgetDailyUsd: '0.001099' });
    await raise({ name: 'Rain week', budgetTotalUsd: '50' });
    await review();
    expect(await campaign()).toMatchObject({ status: 'PAUSED', statusReason: expect.stringMatching(/^E1001/) });
  });

  test('is alerted anew when the raised budget is used up too', async () => {
    await exceed();
    await raise({ budgetDailyUsd: '0.0011' });
    await pay(await spend(400), 400);
    expect(await hold(await refusal(400))).toBe('PAUSED');
    expect((await alerts()).map(({ open }) => open)).toEqual([false, true]);
  });

  test('goes on by itself the next day, not before', async () => {
    await exceed();
    await review(new Date('2030-05-01T23:59:59Z'));
    expect((await campaign()).status).toBe('PAUSED');
    await review(TOMORROW);
    expect(await campaign()).toMatchObject({ status: 'ACTIVE', planDueReason: 'BUDGET' });
    expect(await queuedUnderItsState()).toBe(3);
  });

  test('does not go on the next day when the total is used up', async () => {
    await raise({ budgetDailyUsd: null, budgetTotalUsd: '0.001' });
    await exceed();
    await review(TOMORROW);
    expect(await campaign()).toMatchObject({ status: 'PAUSED', statusReason: expect.stringMatching(/total budget/) });
  });

  test('goes on where it was with its repairs and failed plans: a new day’s money does not lift their bound', async () => {
    await domain.sql(`UPDATE "Campaign" SET "planRepairs" = 4, "planFailures" = 2 WHERE id = $1`, [campaignId]);
    await exceed();
    await review(TOMORROW);
    expect(await campaign()).toMatchObject({ status: 'ACTIVE', planRepairs: 4, planFailures: 2 });
  });

  test('keeps a plan that was owed, and one that a person asks for meanwhile', async () => {
    await domain.sql(`UPDATE "Campaign" SET "planDueReason" = 'TASK_FAILED', "planDueAt" = now() WHERE id = $1`, [
      campaignId,
    ]);
    await exceed();
    expect((await campaign()).planDueReason).toBe('TASK_FAILED');
    await replanCampaign(context(), { id: campaignId, note: 'More rain.' });
    await raise({ budgetDailyUsd: '1' });
    expect(await campaign()).toMatchObject({
      status: 'ACTIVE',
      planDueReason: 'HUMAN',
      planDueNote: expect.stringMatching(/More rain/),
    });
  });

  test.each([
    ['paused by a person, too', 'PAUSED'],
    ['cancelled', 'CANCELLED'],
  ] as const)('and is then %s never goes on by itself', async (_name, status) => {
    await exceed();
    await setCampaignStatus(context(), { id: campaignId, status, reason: 'No.' });
    expect(await campaign()).toMatchObject({ status, statusReason: 'No.', budgetHoldScopeId: null });
    if (status === 'PAUSED') await raise({ budgetDailyUsd: '9' });
    await review(TOMORROW);
    expect((await campaign()).status).toBe(status);
  });
});

test('what a person paused stays paused, whatever is raised', async () => {
  await setCampaignStatus(context(), { id: campaignId, status: 'PAUSED' });
  await raise({ budgetDailyUsd: '9' });
  await review(TOMORROW);
  expect((await campaign()).status).toBe('PAUSED');
});

describe('a limit of the agent', () => {
  test.each([
    ['daily', { budgetDailyMicroUsd: 1_000 }, { budgetDailyUsd: '0.002' }],
    ['total', { budgetTotalMicroUsd: 1_000 }, { budgetTotalUsd: '0.002' }],
    ['total, taken away,', { budgetTotalMicroUsd: 1_000 }, { budgetTotalUsd: null }],
  ])('(%s) pauses its campaigns one by one, and a raise resumes those it paused', async (_name, columns, more) => {
    agent = await tenant.agent(columns);
    const waiting: string[] = [];
    for (let index = 0; index < 2; index += 1) {
      campaignId = (await tenant.campaign([agent])).id;
      waiting.push(campaignId);
      if (index === 0) await pay(await spend(700), 700);
      expect(await hold(await refusal(400))).toBe('PAUSED');
    }
    const byPerson = (await tenant.campaign([agent], { status: 'PAUSED' })).id;
    await updateAgent(context(), { id: agent.id, expectedVersion: 1, ...more });
    const states = await domain.sql('SELECT id, status FROM "Campaign" WHERE id = ANY($1)', [[...waiting, byPerson]]);
    expect(Object.fromEntries(states.map(({ id, status }) => [id, status]))).toEqual({
      [waiting[0] ?? '']: 'ACTIVE',
      [waiting[1] ?? '']: 'ACTIVE',
      [byPerson]: 'PAUSED',
    });
  });
});

describe('a raise and a pause at the same time', () => {
  test.each([
    ['campaign', 12],
    ['agent', 12],
  ] as const)(
    'leave one consistent state: the %s’s new budget counts, in whichever order they come',
    async (owner, rounds) => {
      const outcomes = new Set<string>();
      for (let round = 0; round < rounds; round += 1) {
        agent = await tenant.agent({ budgetDailyMicroUsd: owner === 'agent' ? 1_000 : 1_000_000 });
        campaignId = (await tenant.campaign([agent], { budgetDailyMicroUsd: owner === 'campaign' ? 1_000 : null })).id;
        await pay(await spend(700), 700);
        const error = await refusal(400);
        const target = { id: owner === 'agent' ? agent.id : campaignId, expectedVersion: 1, budgetDailyUsd: '1' };
        const raised = () =>
          (owner === 'agent' ? updateAgent(context(), target) : updateCampaign(context(), target)).then(
            () => true,
            () => false, // the pause moved the version first: the person reads again
          );
        const [outcome, done] =
          round % 2
            ? await Promise.all([hold(error), raised()])
            : ((await Promise.all([raised(), hold(error)])).reverse() as [string, boolean]);
        if (!done) await raise({ budgetDailyUsd: '1' });
        outcomes.add(outcome);
        expect(await campaign(), `round ${round}: ${outcome}`).toMatchObject({
          status: 'ACTIVE',
          budgetHoldScopeId: null,
        });
        expect((await alerts()).filter(({ open }) => open)).toEqual([]);
      }
      for (const outcome of outcomes) expect(['ROOM', 'PAUSED']).toContain(outcome);
    },
  );
});
