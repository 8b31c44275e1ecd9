import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { createTestDatabase } from '../support/database.ts';
import { insertRow, layGround, sampleOf } from './ground.ts';
import type { Columns, Ground } from './sample-rows.ts';

let testDatabase: TestDatabase;
let owner: pg.Client;
let app: pg.Client;
let relay: pg.Client;
let ground: Ground;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const open = async (connectionString: string) => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    return client;
  };
  [owner, app, relay] = await Promise.all([
    open(testDatabase.adminUrl),
    open(testDatabase.appUrl),
    open(testDatabase.relayUrl),
  ]);
  ground = await layGround(owner);
  await app.query(`SELECT set_config('app.current_tenant', $1, false)`, [ground.tenantId]);
});
afterAll(async () => {
  await Promise.all([owner.end(), app.end(), relay.end()]);
  await testDatabase.drop();
});

const refusal = (client: pg.Client, statement: string, values: unknown[] = []): Promise<string> =>
  client.query(statement, values).then(
    ({ rowCount }) => `accepted (${rowCount})`,
    (error: { code: string }) => error.code,
  );

const now = () => new Date();
const CONFIRMED = () => ({ status: 'CONFIRMED', confirmedAt: now(), hash: '0xhash' });
const SETTLED = () => ({ status: 'SETTLED', settledAt: now(), actualMicroUsd: 3 });
const FINAL: { table: string; key: string; what: Columns; change: string }[] = [
  { table: 'AuditEntry', key: 'id', what: {}, change: `action = 'nothing.happened'` },
  { table: 'Event', key: 'position', what: {}, change: `data = '{"forged":true}'` },
  { table: 'Transaction', key: 'id', what: CONFIRMED(), change: '"amountMicroUsd" = 0' },
  {
    table: 'Transaction',
    key: 'id',
    what: { ...CONFIRMED(), hash: '0xother' },
    change: `status = 'FAILED', "confirmedAt" = NULL`,
  },
  { table: 'SpendEntry', key: 'id', what: SETTLED(), change: '"actualMicroUsd" = 0' },
  {
    table: 'SpendEntry',
    key: 'id',
    what: { status: 'RELEASED', settledAt: now() },
    change: `status = 'RESERVED', "settledAt" = NULL`,
  },
];

describe('what has happened stays as it was, for the application, the relay and the owner alike', () => {
  test.each(FINAL)(
    'a final row of $table ($what.status) refuses “$change” and DELETE',
    async ({ table, key, what, change }) => {
      const row = sampleOf(table, ground, what);
      await insertRow(owner, table, row);
      for (const client of [app, relay, owner]) {
        for (const statement of [
          `UPDATE "${table}" SET ${change} WHERE "${key}" = $1`,
          `DELETE FROM "${table}" WHERE "${key}" = $1`,
        ])
          expect(await refusal(client, statement, [row[key]]), statement).toMatch(
            client === owner ? /^23001$/ : /^(23001|42501)$/,
          );
      }
      const { rows } = await owner.query(`SELECT 1 FROM "${table}" WHERE "${key}" = $1`, [row[key]]);
      expect(rows).toHaveLength(1);
    },
  );

  test.each(['AuditEntry', 'AuditHead', 'Event', 'Transaction', 'SpendEntry'])(
    '%s refuses TRUNCATE, also through a table that it hangs on',
    async (table) => {
      expect(await refusal(owner, `TRUNCATE "${table}" CASCADE`)).toBe('23001');
      expect(await refusal(app, `TRUNCATE "${table}"`)).toBe('42501');
      if (table === 'Transaction') expect(await refusal(owner, 'TRUNCATE "Agent" CASCADE')).toBe('23001');
    },
  );

  test('a confirmed transaction keeps its agent and its task from being deleted', async () => {
    const row = sampleOf('Transaction', ground, { ...CONFIRMED(), hash: '0xkept', taskId: ground.otherTaskId });
    await insertRow(owner, 'Transaction', row);
    expect(await refusal(owner, 'DELETE FROM "Task" WHERE id = $1', [ground.otherTaskId])).toBe('23001');
    expect(await refusal(owner, 'DELETE FROM "Agent" WHERE id = $1', [ground.agentId])).toMatch(/^23/);
  });

  test('what is still open may move on: a pending transaction is confirmed, a reservation settled', async () => {
    const payment = sampleOf('Transaction', ground);
    const spend = sampleOf('SpendEntry', ground);
    await insertRow(app, 'Transaction', payment);
    await insertRow(app, 'SpendEntry', spend);
    expect(
      await refusal(
        app,
        `UPDATE "Transaction" SET status = 'CONFIRMED', "confirmedAt" = now(), hash = '0xdone' WHERE id = $1`,
        [payment.id],
      ),
    ).toBe('accepted (1)');
    expect(
      await refusal(
        app,
        `UPDATE "SpendEntry" SET status = 'SETTLED', "settledAt" = now(), "actualMicroUsd" = 2 WHERE id = $1`,
        [spend.id],
      ),
    ).toBe('accepted (1)');
  });

  test('the application writes no event past the relay and moves no audit head by hand', async () => {
    expect(await refusal(app, 'INSERT INTO "EventHead" (id) VALUES (2)')).toBe('42501');
    await insertRow(app, 'AuditEntry', sampleOf('AuditEntry', ground));
    for (const client of [app, relay, owner]) {
      expect(
        await refusal(client, `UPDATE "AuditHead" SET sequence = 99 WHERE "tenantId" = $1`, [ground.tenantId]),
      ).toBe('23001');
      expect(await refusal(client, `DELETE FROM "AuditHead" WHERE "tenantId" = $1`, [ground.tenantId])).toBe('23001');
    }
  });
});
