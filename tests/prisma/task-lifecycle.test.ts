import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TaskStatus } from '../../domain/task/task-lifecycle.ts';
import { TASK_TRANSITIONS } from '../../domain/task/task-lifecycle.ts';
import { newId } from '../../platform/ids.ts';
import type { TestDatabase } from '../support/database.ts';
import { createTestDatabase } from '../support/database.ts';

let database: TestDatabase;
let admin: pg.Client;
const tenantId = newId();
const agentId = newId();

beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  await admin.query(`INSERT INTO "Tenant" (id, name) VALUES ($1, 'lifecycle')`, [tenantId]);
  await admin.query(
    `INSERT INTO "Agent" (id, "tenantId", name, "soulMarkdown", backstory, "walletAddress", "budgetDailyMicroUsd") VALUES ($1, $2, 'A', 's', 'b', $3, 0)`,
    [agentId, tenantId, `0x${'1'.repeat(40)}`],
  );
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});

/** What the constraints ask of a row in any state; only IN_PROGRESS is claimed. */
const claimOf = (status: TaskStatus) => (status === 'IN_PROGRESS' ? newId() : null);

async function allowed(from: TaskStatus, to: TaskStatus): Promise<boolean> {
  const id = newId();
  await admin.query(
    `INSERT INTO "Task" (id, "tenantId", "agentId", type, status, input, output, "errorCode", "completedAt", "claimToken", "leaseExpiresAt", "traceId")
     VALUES ($1, $2, $3, 'GENERATE_POST', $4::"TaskStatus", '{}', '{}', 'VALIDATION', now(), $5::uuid, CASE WHEN $5::uuid IS NULL THEN NULL ELSE now() END, 't')`,
    [id, tenantId, agentId, from, claimOf(from)],
  );
  try {
    await admin.query(
      `UPDATE "Task" SET status = $2::"TaskStatus", "claimToken" = $3::uuid, "leaseExpiresAt" = CASE WHEN $3::uuid IS NULL THEN NULL ELSE now() END WHERE id = $1`,
      [id, to, claimOf(to)],
    );
    return true;
  } catch (error) {
    expect((error as Error).message).toBe(`a task that is ${from} cannot become ${to}`);
    return false;
  }
}

test('the database stores exactly the transitions of the lifecycle table', async () => {
  const states = Object.keys(TASK_TRANSITIONS) as TaskStatus[];
  for (const from of states) {
    const reachable: TaskStatus[] = [];
    for (const to of states.filter((state) => state !== from)) if (await allowed(from, to)) reachable.push(to);
    expect([from, reachable.sort()]).toEqual([from, [...TASK_TRANSITIONS[from]].sort()]);
  }
});
