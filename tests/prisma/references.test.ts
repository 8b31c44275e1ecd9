import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { createTestDatabase } from '../support/database.ts';
import { insertRow, layGround, sampleOf, tenantTables } from './ground.ts';
import type { Ground } from './sample-rows.ts';

interface Reference {
  table: string;
  column: string;
  target: string;
}

/** Columns that name a row without a foreign key. */
const BY_NAME = {
  agentId: 'Agent',
  campaignId: 'Campaign',
  taskId: 'Task',
  scopeId: 'Agent',
  budgetHoldScopeId: 'Agent',
};
/** Ids that are told, not followed: nothing is reached or blocked through them. */
const LOOSE: Record<string, string> = {
  'AuditEntry.subjectId': 'a log',
  'Event.subjectId': 'a log',
  'Event.agentId': 'a log',
  'Event.campaignId': 'a log',
  'Outbox.subjectId': 'a log',
  'Outbox.agentId': 'a log',
  'Outbox.campaignId': 'a log',
  'Memory.agentId': 'the memory server keeps memories for whatever id it is given, within the tenant',
  'Task.approvedByUserId': 'the actor of the approving transaction, taken from the token',
};

let testDatabase: TestDatabase;
let admin: pg.Client;
let app: pg.Client;
let a: Ground;
let b: Ground;
let references: Reference[];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  admin = new pg.Client({ connectionString: testDatabase.adminUrl });
  app = new pg.Client({ connectionString: testDatabase.appUrl });
  await Promise.all([admin.connect(), app.connect()]);
  a = await layGround(admin);
  b = await layGround(admin);
  const { rows } = await admin.query<Reference>(
    `SELECT c.relname AS "table", a.attname AS "column",
       coalesce((SELECT k.confrelid::regclass::text FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid = c.oid AND a.attnum = ANY(k.conkey)), $3::jsonb->>a.attname::text) AS target
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped WHERE c.relname = ANY($1) AND c.relnamespace = 'public'::regnamespace
       AND a.atttypid = 'uuid'::regtype AND a.attname LIKE '%Id' AND a.attname <> 'tenantId' AND c.relname || '.' || a.attname <> ALL($2) ORDER BY 1, 2`,
    [(await tenantTables(admin)).map(({ table }) => table), Object.keys(LOOSE), JSON.stringify(BY_NAME)],
  );
  references = rows.map((row) => ({ ...row, target: row.target.replaceAll('"', '') }));
  await app.query(`SELECT set_config('app.current_tenant', $1, false)`, [b.tenantId]);
});
afterAll(async () => {
  await Promise.all([admin.end(), app.end()]);
  await testDatabase.drop();
});

/** A row of tenant A that `reference` could point to. */
const foreignId = ({ target }: Reference): string => {
  const ids: Record<string, string> = {
    User: a.userId,
    Agent: a.agentId,
    Campaign: a.campaignId,
    Plan: a.planId,
    Task: a.taskId,
    Result: a.resultId,
  };
  const id = ids[target];
  if (!id) throw new Error(`no ${target} of tenant A to point to: add it to the ground`);
  return id;
};

/** Runs `work` and takes it back. Returns the error's code, or 'accepted'. */
async function attempt(work: () => Promise<unknown>): Promise<{ code: string; message: string }> {
  await app.query('BEGIN');
  try {
    await work();
    return { code: 'accepted', message: '' };
  } catch (error) {
    return error as { code: string; message: string };
  } finally {
    await app.query('ROLLBACK');
  }
}

const MADE_BY_COLUMN: Record<string, Record<string, unknown>> = {
  decidedById: { status: 'APPROVED', decidedAt: new Date() },
};

describe('a row points to rows of its own tenant only', () => {
  test('no insert may point to another tenant’s row, whatever the foreign key', async () => {
    expect(references.length).toBeGreaterThan(20);
    for (const reference of references) {
      const label = `${reference.table}.${reference.column}`;
      const row = sampleOf(reference.table, b, MADE_BY_COLUMN[reference.column]);
      const refused = await attempt(() =>
        insertRow(app, reference.table, { ...row, [reference.column]: foreignId(reference) }),
      );
      expect(refused, label).toMatchObject({ code: '23503', message: expect.stringContaining(reference.column) });
    }
  });

  test('no update may turn a reference to another tenant’s row', async () => {
    for (const reference of references) {
      const row = sampleOf(reference.table, b);
      const key = Object.keys(row).filter((column) =>
        ['id', 'taskId', 'campaignId', 'agentId', 'scopeId'].includes(column),
      );
      const by = key.includes('id') ? ['id'] : key;
      const refused = await attempt(async () => {
        await insertRow(app, reference.table, row);
        const where = by.map((column, index) => `"${column}" = $${index + 2}`).join(' AND ');
        const more = reference.column === 'decidedById' ? `, status = 'APPROVED', "decidedAt" = now()` : '';
        return app.query(`UPDATE "${reference.table}" SET "${reference.column}" = $1${more} WHERE ${where}`, [
          foreignId(reference),
          ...by.map((column) => row[column]),
        ]);
      });
      expect(refused.code, `${reference.table}.${reference.column}`).toBe('23503');
    }
  });

  test('the same inserts with rows of the own tenant are accepted', async () => {
    for (const table of new Set(references.map((reference) => reference.table)))
      expect(await attempt(() => insertRow(app, table, sampleOf(table, b))), table).toMatchObject({ code: 'accepted' });
  });
});
