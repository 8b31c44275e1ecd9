import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { createTestDatabase } from '../support/database.ts';
import { insertRow, layGround, sampleOf } from './ground.ts';
import type { Ground } from './sample-rows.ts';

const FIRST_HASH = '0'.repeat(64);

let testDatabase: TestDatabase;
let admin: pg.Client;
let ground: Ground;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  admin = new pg.Client({ connectionString: testDatabase.adminUrl });
  await admin.connect();
});
beforeEach(async () => {
  ground = await layGround(admin);
});
afterAll(async () => {
  await admin.end();
  await testDatabase.drop();
});

/** The sequence numbers at which a tenant's chain is broken: a wrong hash, a wrong predecessor, a gap, or a wrong head (-1). */
async function breaks(tenantId: string): Promise<number[]> {
  const { rows } = await admin.query<{ sequence: string }>(
    `SELECT sequence FROM (SELECT e.*, lag(hash, 1, $2) OVER w AS before, row_number() OVER w AS expected FROM "AuditEntry" e WHERE "tenantId" = $1 WINDOW w AS (ORDER BY sequence)) chain
       JOIN LATERAL (SELECT audit_digest(e) AS digest FROM "AuditEntry" e WHERE e.id = chain.id) d ON true
     WHERE digest <> hash OR before <> "previousHash" OR expected <> sequence
     UNION ALL SELECT -1 FROM "AuditHead" h WHERE "tenantId" = $1 AND (sequence, hash) IS DISTINCT FROM
       (SELECT ROW(sequence, hash)::record FROM "AuditEntry" WHERE "tenantId" = $1 ORDER BY sequence DESC LIMIT 1) ORDER BY 1`,
    [tenantId, FIRST_HASH],
  );
  return rows.map((row) => Number(row.sequence));
}

/** What somebody with the database's highest rights could do. */
async function behindItsBack(statement: string, values: unknown[]): Promise<void> {
  await admin.query('SET session_replication_role = replica');
  const { rowCount } = await admin.query(statement, values);
  await admin.query('SET session_replication_role = origin');
  expect(rowCount).toBe(1);
}

async function append(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1)
    await insertRow(
      admin,
      'AuditEntry',
      sampleOf('AuditEntry', ground, { data: { index }, ip: '10.0.0.1', userAgent: 'ünï' }),
    );
}

describe('the audit chain', () => {
  test('verifies: each entry’s hash covers all it says and the hash before it', async () => {
    await append(20);
    expect(await breaks(ground.tenantId)).toEqual([]);
    const { rows } = await admin.query(
      'SELECT count(DISTINCT hash)::int AS n FROM "AuditEntry" WHERE "tenantId" = $1',
      [ground.tenantId],
    );
    expect(rows).toEqual([{ n: 20 }]);
  });

  test.each([
    `action = 'nothing.happened'`,
    `actor = 'user:somebody-else'`,
    `data = '{"index": 99}'`,
    `at = at - interval '1 minute'`,
    `"subjectId" = gen_random_uuid()`,
    `"traceId" = 'another'`,
    `ip = '10.0.0.2'`,
    `"userAgent" = NULL`,
  ])('shows an entry whose %s was changed behind its back', async (change) => {
    await append(5);
    await behindItsBack(`UPDATE "AuditEntry" SET ${change} WHERE "tenantId" = $1 AND sequence = 3`, [ground.tenantId]);
    expect(await breaks(ground.tenantId)).toEqual([3]);
  });

  test('numbers and links the rows of one statement, those of several tenants side by side', async () => {
    const other = await layGround(admin);
    await append(2);
    await admin.query(
      `INSERT INTO "AuditEntry" (id, "tenantId", sequence, actor, action, hash, "previousHash")
       SELECT gen_random_uuid(), (ARRAY[$1, $2]::uuid[])[n % 2 + 1], 0, 'system:test', 'test.done', '', '' FROM generate_series(1, 10) n`,
      [ground.tenantId, other.tenantId],
    );
    await append(1);
    expect(await breaks(ground.tenantId)).toEqual([]);
    expect(await breaks(other.tenantId)).toEqual([]);
  });

  test('refuses entries that continue another end than the head, whatever a transaction says of it', async () => {
    await append(3);
    const setting = `chimera.audit_${ground.tenantId.replaceAll('-', '_')}`;
    for (const forged of [`7 ${FIRST_HASH}`, `3 ${FIRST_HASH}`, `1 ${'a'.repeat(64)}`]) {
      await admin.query('BEGIN');
      await admin.query('SELECT set_config($1, $2, true)', [setting, forged]);
      await expect(append(1)).rejects.toThrow(/do not continue the chain|duplicate key/);
      await admin.query('ROLLBACK');
    }
    await append(1);
    expect(await breaks(ground.tenantId)).toEqual([]);
  });

  test('shows an entry that was taken out of the middle, and one taken off the end', async () => {
    await append(5);
    await behindItsBack('DELETE FROM "AuditEntry" WHERE "tenantId" = $1 AND sequence = 5', [ground.tenantId]);
    expect(await breaks(ground.tenantId)).toEqual([-1]);
    await behindItsBack('DELETE FROM "AuditEntry" WHERE "tenantId" = $1 AND sequence = 2', [ground.tenantId]);
    expect(await breaks(ground.tenantId)).toContain(3);
  });

  test('shows an entry that was re-hashed after the change: the next one remembers the old hash', async () => {
    await append(5);
    await behindItsBack(`UPDATE "AuditEntry" SET action = 'nothing.happened' WHERE "tenantId" = $1 AND sequence = 3`, [
      ground.tenantId,
    ]);
    await behindItsBack(`UPDATE "AuditEntry" e SET hash = audit_digest(e) WHERE "tenantId" = $1 AND sequence = 3`, [
      ground.tenantId,
    ]);
    expect(await breaks(ground.tenantId)).toEqual([4]);
  });

  test('stays one line while 16 connections append at once, aborted transactions among them', async () => {
    const clients = await Promise.all(
      Array.from({ length: 16 }, async () => {
        const client = new pg.Client({ connectionString: testDatabase.appUrl });
        await client.connect();
        await client.query(`SELECT set_config('app.current_tenant', $1, false)`, [ground.tenantId]);
        return client;
      }),
    );
    await Promise.all(
      clients.map(async (client) => {
        for (let round = 0; round < 10; round += 1) {
          await client.query('BEGIN');
          await insertRow(client, 'AuditEntry', sampleOf('AuditEntry', ground));
          await insertRow(client, 'AuditEntry', sampleOf('AuditEntry', ground));
          await client.query(round % 5 === 4 ? 'ROLLBACK' : 'COMMIT');
        }
      }),
    );
    await Promise.all(clients.map((client) => client.end()));
    expect(await breaks(ground.tenantId)).toEqual([]);
    const { rows } = await admin.query(
      'SELECT max(sequence)::int AS last, count(*)::int AS n FROM "AuditEntry" WHERE "tenantId" = $1',
      [ground.tenantId],
    );
    expect(rows).toEqual([{ last: 256, n: 256 }]);
  });
});
