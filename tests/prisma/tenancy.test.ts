import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { createTestDatabase } from '../support/database.ts';
import { insertRow, layGround, sampleOf, tenantTables } from './ground.ts';
import type { Ground } from './sample-rows.ts';

/** The code of row-level security and of missing grants. */
const REFUSED = '42501';
/** The head of an audit chain is refused by its trigger before its policy is asked. */
const refusalOf = (table: string): string => (table === 'AuditHead' ? '23001' : REFUSED);

let testDatabase: TestDatabase;
let admin: pg.Client;
let app: pg.Client;
let a: Ground;
let b: Ground;
let tables: { table: string; tenantColumn: string }[];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  admin = new pg.Client({ connectionString: testDatabase.adminUrl });
  app = new pg.Client({ connectionString: testDatabase.appUrl });
  await Promise.all([admin.connect(), app.connect()]);
  a = await layGround(admin);
  b = await layGround(admin);
  tables = await tenantTables(admin);
  const chained = 'AuditHead'; // its rows come with the first AuditEntry
  for (const { table } of tables)
    for (const ground of [a, b]) if (table !== chained) await insertRow(admin, table, sampleOf(table, ground));
});
afterAll(async () => {
  await Promise.all([admin.end(), app.end()]);
  await testDatabase.drop();
});

const actAs = (tenantId: string) => app.query(`SELECT set_config('app.current_tenant', $1, false)`, [tenantId]);
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'accepted';
};
const rowsOf = async (table: string, column: string, tenantId: string): Promise<number> =>
  (await admin.query(`SELECT 1 FROM "${table}" WHERE "${column}" = $1`, [tenantId])).rows.length;

describe('every table with a tenant, found in the catalogue', () => {
  test('is behind enabled and forced row-level security, with a policy for each role', async () => {
    expect(tables.length).toBeGreaterThan(20);
    const { rows } = await admin.query(
      `SELECT c.relname AS "table", c.relrowsecurity AND c.relforcerowsecurity AS secured, (SELECT count(*)::int FROM pg_policy p JOIN pg_roles r ON r.oid = ANY(p.polroles) WHERE p.polrelid = c.oid AND r.rolname LIKE 'chimera%') AS policies
       FROM pg_class c WHERE c.relname = ANY($1) AND c.relnamespace = 'public'::regnamespace`,
      [tables.map(({ table }) => table)],
    );
    expect(rows.filter((row) => !row.secured || row.policies !== 2)).toEqual([]);
    expect(rows).toHaveLength(tables.length);
  });

  test('shows the rows of the tenant that is set, and no other tenant’s', async () => {
    for (const { table, tenantColumn } of tables) {
      expect(await rowsOf(table, tenantColumn, a.tenantId), `${table} has a row of A`).toBeGreaterThan(0);
      await actAs(b.tenantId);
      const { rows } = await app.query(`SELECT DISTINCT "${tenantColumn}"::text AS tenant FROM "${table}"`);
      expect(rows, table).toEqual([{ tenant: b.tenantId }]);
    }
  });

  test('shows nothing while no tenant is set', async () => {
    await actAs('');
    for (const { table } of tables)
      expect((await app.query(`SELECT count(*)::int AS n FROM "${table}"`)).rows, table).toEqual([{ n: 0 }]);
  });

  test.each(['another tenant', 'nobody'])('can be neither updated nor deleted as %s', async (who) => {
    await actAs(who === 'nobody' ? '' : b.tenantId);
    for (const { table, tenantColumn } of tables) {
      const before = await rowsOf(table, tenantColumn, a.tenantId);
      for (const statement of [
        `UPDATE "${table}" SET "${tenantColumn}" = "${tenantColumn}" WHERE "${tenantColumn}" = $1`,
        `DELETE FROM "${table}" WHERE "${tenantColumn}" = $1`,
      ]) {
        const outcome = await app.query(statement, [a.tenantId]).then(
          ({ rowCount }) => rowCount,
          (error: { code: string }) => error.code,
        );
        expect([0, REFUSED], `${statement}: ${outcome}`).toContain(outcome);
      }
      expect(await rowsOf(table, tenantColumn, a.tenantId), table).toBe(before);
    }
  });

  test('takes no row in another tenant’s name, and lets none of its own be given away', async () => {
    await actAs(b.tenantId);
    for (const { table, tenantColumn } of tables) {
      const before = await rowsOf(table, tenantColumn, a.tenantId);
      if (table !== 'Tenant')
        expect(await codeOf(insertRow(app, table, sampleOf(table, a))), `${table}: insert`).toBe(refusalOf(table));
      const given = codeOf(
        app.query(`UPDATE "${table}" SET "${tenantColumn}" = $1 WHERE "${tenantColumn}" = $2`, [
          a.tenantId,
          b.tenantId,
        ]),
      );
      expect(await given, `${table}: give away`).toBe(refusalOf(table));
      expect(await rowsOf(table, tenantColumn, a.tenantId), table).toBe(before);
    }
  });

  test('takes no row of a tenant while no tenant is set', async () => {
    await actAs('');
    for (const { table } of tables)
      expect(await codeOf(insertRow(app, table, sampleOf(table, b))), table).toBe(refusalOf(table));
  });
});

describe('the roles', () => {
  test('neither is a superuser or may bypass row-level security, create anything, or owns anything', async () => {
    const { rows } = await admin.query(
      `SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication AS mighty,
         (SELECT count(*)::int FROM pg_class WHERE relowner = r.oid) + (SELECT count(*)::int FROM pg_proc WHERE proowner = r.oid) + (SELECT count(*)::int FROM pg_database WHERE datdba = r.oid) AS owned,
         (SELECT count(*)::int FROM pg_auth_members WHERE member = r.oid) AS memberships,
         has_schema_privilege(rolname, 'public', 'CREATE') AS creates, has_table_privilege(rolname, '_prisma_migrations', 'SELECT') AS "readsMigrations"
       FROM pg_roles r WHERE rolname IN ('chimera_app', 'chimera_relay') ORDER BY 1`,
    );
    const harmless = { mighty: false, owned: 0, memberships: 0, creates: false, readsMigrations: false };
    expect(rows).toEqual([
      { rolname: 'chimera_app', ...harmless },
      { rolname: 'chimera_relay', ...harmless },
    ]);
  });

  test('the application cannot switch row-level security off, nor truncate, nor become the relay', async () => {
    await actAs(b.tenantId);
    expect(await codeOf(app.query('SET ROLE chimera_relay'))).toBe(REFUSED);
    for (const { table } of tables) {
      expect(await codeOf(app.query(`ALTER TABLE "${table}" DISABLE ROW LEVEL SECURITY`)), table).toBe(REFUSED);
      expect(await codeOf(app.query(`TRUNCATE "${table}" CASCADE`)), table).toBe(REFUSED);
    }
    await app.query('SET row_security = off');
    expect(await codeOf(app.query('SELECT * FROM "Agent"')), 'an error rather than unfiltered rows').toBe(REFUSED);
    await app.query('SET row_security = on');
  });

  test('every table without a tenant is known: a new one is either given a tenantId or thought about here', async () => {
    const { rows } = await admin.query(
      `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname <> ALL($1) ORDER BY 1`,
      [tables.map(({ table }) => table)],
    );
    expect(rows.map((row) => row.relname)).toEqual(['EventHead', '_prisma_migrations']);
    expect(await codeOf(app.query('SELECT * FROM "EventHead"'))).toBe(REFUSED);
  });
});
