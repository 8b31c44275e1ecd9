import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../platform/ids.ts';
import type { TestDatabase } from '../support/database.ts';
import { createTestDatabase } from '../support/database.ts';
import { insertRow, layGround, sampleOf } from './ground.ts';
import type { Columns, Ground } from './sample-rows.ts';

const now = new Date();
const MILLION_USD = 1_000_000_000_000;
const claim = { claimToken: newId(), leaseExpiresAt: now };

/** What each CHECK constraint refuses: changes to a valid row of its table. A constraint without one fails the first test. */
const REFUSED: Record<string, (ground: Ground) => Columns[]> = {
  Tenant_thresholds: () => [
    { escalateThreshold: -0.1 },
    { approveThreshold: 0.5, escalateThreshold: 0.6 },
    { approveThreshold: 1.1 },
  ],
  Agent_name: () => [{ name: '' }, { name: 'a'.repeat(101) }],
  Agent_bio: () => [{ bio: 'a'.repeat(501) }],
  Agent_budget: () => [{ budgetDailyMicroUsd: -1 }, { budgetDailyMicroUsd: MILLION_USD + 1 }],
  Agent_budgetTotal: () => [{ budgetTotalMicroUsd: -1 }, { budgetTotalMicroUsd: MILLION_USD + 1 }],
  Agent_wallet: () => [{ walletAddress: '0x12' }, { walletAddress: `0x${'g'.repeat(40)}` }],
  Agent_version: () => [{ version: 0 }],
  Campaign_name: () => [{ name: '' }, { name: 'a'.repeat(201) }],
  Campaign_goals: () => [{ goals: '' }, { goals: 'a'.repeat(10_001) }],
  Campaign_dates: () => [
    { startsAt: now, endsAt: now },
    { startsAt: now, endsAt: new Date(now.getTime() - 1) },
  ],
  Campaign_budget: () => [{ budgetDailyMicroUsd: -1 }, { budgetTotalMicroUsd: MILLION_USD + 1 }],
  Campaign_budgetHold: () => [{ budgetHoldDay: now }, { budgetHoldDay: now, budgetHoldMicroUsd: -1 }],
  Campaign_versions: () => [{ version: 0 }, { stateVersion: 0 }, { planRevision: -1 }],
  Campaign_planDue: () => [{ planDueReason: 'HUMAN' }, { planDueAt: now }],
  Plan_revision: () => [{ revision: 0 }, { costMicroUsd: -1 }],
  Task_priority: () => [{ priority: 0 }, { priority: 11 }],
  Task_attempts: () => [
    { attempt: -1 },
    { maxAttempts: 0 },
    { maxAttempts: 1001 },
    { timeoutSeconds: 0 },
    { timeoutSeconds: 3601 },
  ],
  Task_outages: () => [{ outages: -1 }],
  Task_openDependencies: () => [{ openDependencies: -1, status: 'PENDING' }],
  Task_queued: () => [{ openDependencies: 1 }],
  Task_claim: () => [{ status: 'IN_PROGRESS' }, { status: 'IN_PROGRESS', claimToken: newId() }, claim],
  Task_complete: () => [
    { status: 'COMPLETE', output: {} },
    { status: 'COMPLETE', completedAt: now },
  ],
  Task_applying: () => [{ status: 'APPLYING' }],
  Task_failed: () => [{ status: 'FAILED' }],
  TaskDependency_self: ({ taskId }) => [{ taskId, dependsOnId: taskId }],
  Result_attempt: () => [{ attempt: 0 }, { executionMs: -1 }, { costMicroUsd: -1 }],
  Result_confidence: () => [
    { confidence: 1.01 },
    { modelProbability: -0.01 },
    { contentSafety: 2 },
    { historicalSuccess: -1 },
    { personaSimilarity: 2 },
    { confidenceRaw: 2 },
  ],
  Result_verdict: () => [{ verdict: 'APPROVED' }, { judgedAt: now }, { verdict: 'APPROVED', judgedAt: now }],
  Review_digest: () => [{ contentDigest: 'A'.repeat(64) }, { contentDigest: 'a' }],
  Review_confidence: () => [{ confidence: 1.5 }],
  Review_decided: ({ userId }) => [
    { status: 'APPROVED', decidedAt: now },
    { decidedById: userId },
    { decidedAt: now },
    { status: 'CANCELLED' },
  ],
  Review_edited: ({ userId }) => [{ editedContent: {} }, { status: 'EDITED', decidedById: userId, decidedAt: now }],
  Review_riskOrder: () => [{ risk: 'LOW', riskOrder: 0 }],
  Review_overdueOrder: () => [{ overdueOrder: 2 }],
  Effect_digest: () => [{ payloadDigest: 'x'.repeat(64) }],
  Effect_outages: () => [{ outages: -1 }],
  Effect_sent: () => [
    { status: 'SENT', sentAt: now },
    { status: 'SENT', ...claim },
  ],
  Effect_confirmed: () => [
    { status: 'CONFIRMED', confirmedAt: now },
    { status: 'CONFIRMED', externalId: '1' },
    { confirmedAt: now },
  ],
  Post_counts: () => [{ likes: -1 }, { comments: -1 }, { shares: -1 }],
  Mention_relevance: () => [{ relevance: 1.1 }, { relevance: -0.1 }],
  Trend_relevance: () => [{ relevance: 1.1 }, { relevance: -0.1 }],
  Transaction_amount: () => [{ amountBaseUnits: '0' }, { amountMicroUsd: -1 }],
  Transaction_confirmed: () => [
    { status: 'CONFIRMED', confirmedAt: now },
    { status: 'CONFIRMED', hash: '0x1' },
    { confirmedAt: now },
  ],
  SpendEntry_amounts: () => [{ reservedMicroUsd: -1 }, { actualMicroUsd: -1, status: 'SETTLED', settledAt: now }],
  SpendEntry_settled: () => [
    { status: 'SETTLED' },
    { settledAt: now },
    { actualMicroUsd: 1 },
    { status: 'RELEASED', settledAt: now, actualMicroUsd: 1 },
  ],
  BudgetAccount_amounts: () => [{ reservedMicroUsd: -1 }, { spentMicroUsd: -1 }],
  Memory_importance: () => [{ importance: 1.1 }, { importance: -0.1 }],
};

let testDatabase: TestDatabase;
let admin: pg.Client;
let ground: Ground;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  admin = new pg.Client({ connectionString: testDatabase.adminUrl });
  await admin.connect();
  ground = await layGround(admin);
});
afterAll(async () => {
  await admin.end();
  await testDatabase.drop();
});

describe('every CHECK constraint, found in the catalogue', () => {
  test('has an example of what it refuses', async () => {
    const { rows } = await admin.query<{ conname: string }>(
      `SELECT conname FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace ORDER BY 1`,
    );
    expect(rows.map((row) => row.conname)).toEqual(Object.keys(REFUSED).sort());
  });

  test.each(Object.keys(REFUSED))('%s refuses it', async (name) => {
    const table = name.split('_')[0] as string;
    for (const changes of REFUSED[name]?.(ground) ?? []) {
      await admin.query('BEGIN');
      const refused = insertRow(admin, table, sampleOf(table, ground, changes));
      await expect(refused, JSON.stringify(changes)).rejects.toMatchObject({ code: '23514', constraint: name });
      await admin.query('ROLLBACK');
    }
  });

  test('the unchanged samples are accepted', async () => {
    for (const table of new Set(Object.keys(REFUSED).map((name) => name.split('_')[0] as string))) {
      await admin.query('BEGIN');
      await insertRow(admin, table, sampleOf(table, ground));
      await admin.query('ROLLBACK');
    }
  });
});
