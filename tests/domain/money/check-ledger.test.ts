import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkLedger } from '../../../domain/money/check-ledger.ts';
import type { Reservation, SpendCategory } from '../../../domain/money/reserve.ts';
import { release, reserve, settle } from '../../../domain/money/reserve.ts';
import { insertResults } from '../../../domain/task/report-results.ts';
import type { Sql } from '../../../platform/database.ts';
import type { SeededAgent, SeededTask, SeededTenant } from '../../support/seed.ts';
import type { Domain } from '../domain-fixture.ts';
import { openDomain } from '../domain-fixture.ts';

const NOW = new Date('2030-05-01T12:00:00Z');

let domain: Domain;
let tenant: SeededTenant;
let agent: SeededAgent;
let campaignId: string;
let task: SeededTask;
beforeAll(async () => {
  domain = await openDomain();
  tenant = await domain.seed.tenant();
  agent = await tenant.agent();
  campaignId = (await tenant.campaign([agent])).id;
  task = await agent.task({ campaignId, status: 'IN_REVIEW' });
  await mixedRun();
});
afterAll(() => domain.close());

const transaction = <T>(work: (sql: Sql) => Promise<T>) => domain.context(tenant.id).db.transaction(work);
const take = async (sql: Sql, category: SpendCategory, amountMicroUsd: number, ofTask: boolean) => {
  const about = { taskId: ofTask ? task.id : null, attempt: ofTask ? 1 : null };
  const request = { agentId: agent.id, campaignId, category, amountMicroUsd, ...about };
  const [reservation] = await reserve(sql, tenant.id, [request], NOW, new Date(NOW.getTime() + 1_000));
  return reservation as Reservation;
};
const spend = (sql: Sql, reservation: Reservation, actualMicroUsd: number) =>
  settle(sql, tenant.id, [{ reservation, actualMicroUsd, model: 'offline' }], NOW);

/** A plan, an attempt with its picture and its judgement, something given back, something under way. */
async function mixedRun(): Promise<void> {
  await transaction(async (sql) => spend(sql, await take(sql, 'MODEL', 100, false), 60));
  await domain.seed.insert('Plan', {
    id: crypto.randomUUID(),
    tenantId: tenant.id,
    campaignId,
    revision: 1,
    reason: 'INITIAL',
    model: 'offline',
    costMicroUsd: 60,
  });
  await transaction(async (sql) => {
    await insertResults(sql, tenant.id, [
      {
        taskId: task.id,
        attempt: 1,
        workerId: 'w',
        output: {},
        reasoning: null,
        toolCalls: [],
        model: 'offline',
        tokens: 1,
        modelProbability: 1,
        executionMs: 1,
        invalidatedReason: null,
        settlements: [
          { reservation: await take(sql, 'MODEL', 0, true), actualMicroUsd: 30.4, model: 'offline' },
          { reservation: await take(sql, 'MEDIA', 0, true), actualMicroUsd: 20, model: 'offline' },
        ],
      },
    ]);
    await spend(sql, await take(sql, 'MODEL', 25, true), 30.4);
    await spend(sql, await take(sql, 'MEDIA', 40, true), 20);
    await spend(sql, await take(sql, 'JUDGEMENT', 40, true), 7);
    await release(sql, tenant.id, [(await take(sql, 'MODEL', 500, false)).id]);
    await take(sql, 'MODEL', 11, false);
  });
}

test('books kept by reserving, settling and releasing add up, also while something is under way', async () => {
  expect(await checkLedger(domain.relay)).toEqual({ faults: [], settledMicroUsd: 117, reservedMicroUsd: 11 });
  expect(await transaction(checkLedger), 'as its tenant sees it').toMatchObject({ faults: [], settledMicroUsd: 117 });
});

test.each([
  [
    'what an account has spent',
    `UPDATE "BudgetAccount" SET "spentMicroUsd" = "spentMicroUsd" + 1 WHERE "scopeId" = $1 AND day <> '1970-01-01'`,
    'agent',
    ['ACCOUNT_SPENT'],
  ],
  [
    'what an account has reserved',
    `UPDATE "BudgetAccount" SET "reservedMicroUsd" = 0 WHERE "scopeId" = $1 AND day = '1970-01-01'`,
    'campaign',
    ['ACCOUNT_RESERVED'],
  ],
  [
    'an account that is missing',
    `DELETE FROM "BudgetAccount" WHERE "scopeId" = $1 AND day = '1970-01-01'`,
    'campaign',
    ['ACCOUNT_RESERVED', 'ACCOUNT_SPENT'],
  ],
  ['what a result cost', `UPDATE "Result" SET "costMicroUsd" = 49 WHERE "taskId" = $1`, 'task', ['RESULT_COST']],
  [
    'a result that is missing',
    `DELETE FROM "Result" WHERE "taskId" = $1`,
    'task',
    ['JUDGEMENT_WITHOUT_RESULT', 'RESULT_COST'],
  ],
  ['what a plan cost', `UPDATE "Plan" SET "costMicroUsd" = 61 WHERE "campaignId" = $1`, 'campaign', ['PLAN_COST']],
] as const)('%s is found when it was changed behind the ledger', async (_what, tampering, subject, rules) => {
  const id = { agent: agent.id, campaign: campaignId, task: task.id }[subject];
  await domain.sql('BEGIN');
  try {
    await domain.sql(tampering, [id]);
    const { faults } = await checkLedger({ query: (text, values = []) => domain.sql(text, [...values]) });
    expect(faults.map((fault) => fault.rule).sort()).toEqual(rules);
    expect(faults.every((fault) => fault.subject.includes(id))).toBe(true);
  } finally {
    await domain.sql('ROLLBACK');
  }
});
