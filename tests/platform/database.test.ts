import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { ensureRoles, openDatabase, openRelayDatabase, roleUrl } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import type { TestDatabase } from '../support/database.ts';
import { createTestDatabase } from '../support/database.ts';
import type { Seed } from '../support/seed.ts';
import { createSeed } from '../support/seed.ts';
import { waitFor } from '../support/wait-for.ts';

let testDatabase: TestDatabase;
let seed: Seed;
let database: Database;
const errors: Error[] = [];
const tenants: { id: string; agentId: string }[] = [];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  seed = await createSeed(testDatabase.adminUrl);
  database = openDatabase({ url: testDatabase.appUrl, poolSize: 4, onError: (error) => void errors.push(error) });
  for (let index = 0; index < 12; index += 1) {
    const tenant = await seed.tenant();
    const agent = await tenant.agent({ name: `agent of ${tenant.id}` });
    tenants.push({ id: tenant.id, agentId: agent.id });
  }
});
afterAll(async () => {
  await database.close();
  await seed.close();
  await testDatabase.drop();
});

const at = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;
/** mulberry32: the same numbers every run. */
function seeded(state: number): () => number {
  let value = state;
  return () => {
    value = (value + 0x6d2b79f5) | 0;
    let mixed = Math.imul(value ^ (value >>> 15), 1 | value);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Tenant = { id: string; agentId: string };
const READS: ((reader: Tenant, wanted: Tenant) => Promise<string | undefined>)[] = [
  async (reader, wanted) =>
    (await database.tenant(reader.id).prisma.agent.findUnique({ where: { id: wanted.agentId } }))?.tenantId,
  async (reader, wanted) =>
    (await database.tenant(reader.id).prisma.agent.findFirst({ where: { id: wanted.agentId } }))?.tenantId,
  async (reader, wanted) =>
    (
      await database
        .tenant(reader.id)
        .query<{ tenantId: string }>('SELECT "tenantId" FROM "Agent" WHERE id = $1', [wanted.agentId])
    )[0]?.tenantId,
  (reader, wanted) =>
    database.tenant(reader.id).transaction(async (sql) => {
      const [row] = await sql.query<{ tenantId: string }>('SELECT "tenantId" FROM "Agent" WHERE id = $1', [
        wanted.agentId,
      ]);
      return row?.tenantId;
    }),
  (reader, wanted) =>
    database
      .tenant(reader.id)
      .prisma.$transaction(async (tx) => (await tx.agent.findUnique({ where: { id: wanted.agentId } }))?.tenantId),
];
const FAILURES: ((tenantId: string) => Promise<unknown>)[] = [
  (tenantId) => database.tenant(tenantId).query('SELECT 1 / 0'),
  (tenantId) => database.tenant(tenantId).prisma.agent.findMany({ where: { id: 'not an id' } }),
  (tenantId) =>
    database.tenant(tenantId).transaction(async (sql) => {
      await sql.query('SELECT 1');
      throw new Error('given up');
    }),
  (tenantId) =>
    database.tenant(tenantId).transaction(async (sql) => {
      await sql.query('SELECT * FROM nowhere').catch(() => {});
      return sql.query('SELECT 1');
    }),
  (tenantId) =>
    database.tenant(tenantId).prisma.$transaction(async (tx) => {
      await tx.agent.count();
      throw new Error('given up');
    }),
];

async function readEverything(seedNumber: number, failing: boolean): Promise<void> {
  const random = seeded(seedNumber);
  const pick = <T>(list: readonly T[]): T => at(list, Math.floor(random() * list.length));
  for (let round = 0; round < 12; round += 1) {
    const seen = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const reader = pick(tenants);
        const wanted = random() < 0.5 ? reader : pick(tenants);
        if (failing && random() < 0.3) await expect(pick(FAILURES)(reader.id)).rejects.toThrow();
        return { reader: reader.id, wanted: wanted.id, got: await pick(READS)(reader, wanted) };
      }),
    );
    expect(seen.filter(({ reader, wanted, got }) => got !== (wanted === reader ? reader : undefined))).toEqual([]);
  }
}

describe('one pool for all tenants', () => {
  test('40 reads at once, by Prisma (findUnique too), raw SQL and transactions, see their own tenant and lose nothing', () =>
    readEverything(1, false));

  test('also while statements fail and transactions abort on the same connections', () => readEverything(2, true));

  test('also after the server has cut every connection', async () => {
    const cut =
      'SELECT count(pg_terminate_backend(pid))::int AS n FROM pg_stat_activity WHERE usename = $1 AND datname = current_database()';
    const [{ n } = { n: 0 }] = await seed.sql<{ n: number }>(cut, ['chimera_app']);
    expect(n).toBeGreaterThan(0);
    await waitFor(() => database.ping().then(() => true), { message: 'the pool to connect again' });
    await waitFor(() => errors.length > 0, { message: 'the loss to be told' });
    await readEverything(3, false);
  });

  test('more tenants than clients are kept: an evicted one works again', async () => {
    const [first] = tenants as [Tenant];
    for (let index = 0; index < 250; index += 1) database.tenant(newId());
    expect(await READS[0]?.(first, first)).toBe(first.id);
  });

  test('a connection without a tenant sees no rows', async () => {
    const client = new pg.Client({ connectionString: testDatabase.appUrl });
    await client.connect();
    expect((await client.query('SELECT * FROM "Agent"')).rows).toEqual([]);
    await client.end();
  });
});

describe('a transaction', () => {
  test('is all or nothing', async () => {
    const [tenant] = tenants as [Tenant];
    const db = database.tenant(tenant.id);
    const name = () => seed.sql('SELECT name FROM "Agent" WHERE id = $1', [tenant.agentId]);
    const before = await name();
    await expect(
      db.transaction(async (sql) => {
        await sql.query(`UPDATE "Agent" SET name = 'half' WHERE id = $1`, [tenant.agentId]);
        throw new Error('died');
      }),
    ).rejects.toThrow('died');
    expect(await name()).toEqual(before);
  });

  test('is run again as a whole when it deadlocks with another', async () => {
    const [a, b] = [at(tenants, 0), at(tenants, 0)];
    const other = await (await seed.tenant()).agent();
    await seed.sql('UPDATE "Agent" SET "tenantId" = $2 WHERE id = $1', [other.id, a.id]);
    const runs = { count: 0 };
    let waiting = 0;
    let open = () => {};
    const bothLocked = new Promise<void>((resolve) => {
      open = resolve;
    });
    const lockBoth = (first: string, second: string) =>
      database.tenant(b.id).transaction(async (sql) => {
        runs.count += 1;
        await sql.query('UPDATE "Agent" SET version = version + 1 WHERE id = $1', [first]);
        waiting += 1;
        if (waiting === 2) open();
        await bothLocked;
        await sql.query('UPDATE "Agent" SET version = version + 1 WHERE id = $1', [second]);
      });
    await Promise.all([lockBoth(a.agentId, other.id), lockBoth(other.id, a.agentId)]);
    expect(runs.count).toBeGreaterThan(2);
    expect(await seed.sql('SELECT version FROM "Agent" WHERE id = ANY($1)', [[a.agentId, other.id]])).toEqual([
      { version: 3 },
      { version: 3 },
    ]);
  });

  test('a number of bigint type arrives as a number', async () => {
    const [tenant] = tenants as [Tenant];
    expect(await database.tenant(tenant.id).query('SELECT 25000000::bigint AS micro')).toEqual([{ micro: 25_000_000 }]);
  });
});

describe('the restricted roles', () => {
  test('have passwords derived from the administrator’s, one each, and creating them twice at once is harmless', async () => {
    expect(roleUrl('postgresql://admin:secret@db:5432/chimera', 'chimera_app')).not.toContain('secret');
    expect(new URL(testDatabase.appUrl).password).not.toBe(new URL(testDatabase.relayUrl).password);
    await Promise.all(Array.from({ length: 4 }, () => ensureRoles(testDatabase.adminUrl)));
    await database.ping();
  });

  test('the relay sees every tenant', async () => {
    const relay = openRelayDatabase({ url: testDatabase.relayUrl, poolSize: 2 });
    const [row] = await relay.query<{ n: number }>('SELECT count(DISTINCT "tenantId") AS n FROM "Agent"');
    expect(row?.n).toBe(tenants.length);
    await relay.close();
  });
});
