import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { auditedTenants, readAuditSnapshot } from '../../../domain/audit/read-audit.ts';
import { recordAudit } from '../../../domain/audit/record-audit.ts';
import { exportAudit, verifyAudit, verifyExport } from '../../../domain/audit/verify-audit.ts';
import { newId } from '../../../platform/ids.ts';
import type { SeededTenant } from '../../support/seed.ts';
import type { Domain } from '../domain-fixture.ts';
import { openDomain } from '../domain-fixture.ts';

let domain: Domain;
let tenant: SeededTenant;
beforeAll(async () => {
  domain = await openDomain();
});
beforeEach(async () => {
  tenant = await domain.seed.tenant();
});
afterAll(() => domain.close());

const append = (count: number): Promise<void> => {
  const context = { ...domain.context(tenant.id), ip: '10.0.0.1', userAgent: 'ünï "quoted"\n' };
  const data = { text: 'a\\b\u2028 “x” 😀', amount: 1.5, big: 12345678901234, nested: { b: [1, null, true], a: {} } };
  return context.db.transaction((sql) =>
    recordAudit(
      sql,
      context,
      Array.from({ length: count }, () => ({ action: 'test.done', subjectType: 'Agent', subjectId: newId(), data })),
    ),
  );
};
const verify = () => readAuditSnapshot(domain.relay, (sql) => verifyAudit(sql, tenant.id));
async function exported(time: { from?: Date; to?: Date } = {}): Promise<string[]> {
  return readAuditSnapshot(domain.relay, async (sql) => {
    const lines: string[] = [];
    for await (const line of exportAudit(sql, tenant.id, { from: time.from ?? null, to: time.to ?? null }))
      lines.push(JSON.stringify(line));
    return lines;
  });
}
async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

/** What somebody with the database's highest rights could do. */
async function behindItsBack(...statements: string[]): Promise<void> {
  await domain.sql('SET session_replication_role = replica');
  for (const statement of statements) await domain.sql(statement.replaceAll('$tenant', `'${tenant.id}'`));
  await domain.sql('SET session_replication_role = origin');
}
const OF = 'WHERE "tenantId" = $tenant';
const FORGED = `INSERT INTO "AuditEntry" (id, "tenantId", sequence, actor, action, hash, "previousHash")
  SELECT gen_random_uuid(), $tenant, sequence + 1, 'user:nobody', 'nothing.happened', repeat('a', 64), hash FROM "AuditHead" ${OF}`;
const REHASH = `UPDATE "AuditEntry" e SET hash = audit_digest(e) ${OF}`;

describe('verifying the audit log', () => {
  test('recomputes every entry of a chain over several pages, whatever text and numbers they hold', async () => {
    await append(2_345);
    expect(await verify()).toEqual({ tenantId: tenant.id, entries: 2_345, broken: null });
  });

  test('a tenant without entries has nothing broken', async () => {
    expect(await verify()).toEqual({ tenantId: tenant.id, entries: 0, broken: null });
  });

  test.each([
    ['edited', [`UPDATE "AuditEntry" SET action = 'nothing.happened' ${OF} AND sequence = 3`], 3, 'changed'],
    [
      'whose time was moved',
      [`UPDATE "AuditEntry" SET at = at - interval '1 ms' ${OF} AND sequence = 5`],
      5,
      'changed',
    ],
    ['removed from the middle', [`DELETE FROM "AuditEntry" ${OF} AND sequence = 2`], 2, 'missing'],
    ['removed from the start', [`DELETE FROM "AuditEntry" ${OF} AND sequence <= 2`], 1, 'missing'],
    ['removed from the end', [`DELETE FROM "AuditEntry" ${OF} AND sequence >= 4`], 4, 'missing'],
    ['removed altogether', [`DELETE FROM "AuditEntry" ${OF}`], 1, 'missing'],
    ['added at the end', [FORGED, `${REHASH} AND sequence = 6`], 6, 'added'],
    ['added with a hash of fancy', [FORGED], 6, 'changed'],
    [
      'edited and hashed anew',
      [`UPDATE "AuditEntry" SET actor = 'user:nobody' ${OF} AND sequence = 3`, `${REHASH} AND sequence = 3`],
      4,
      'replaced',
    ],
    [
      'inserted in the middle',
      [
        `UPDATE "AuditEntry" SET sequence = -sequence ${OF} AND sequence > 2`,
        `UPDATE "AuditEntry" SET sequence = 1 - sequence ${OF} AND sequence < 0`,
        `INSERT INTO "AuditEntry" (id, "tenantId", sequence, actor, action, hash, "previousHash") SELECT gen_random_uuid(), $tenant, 3, 'user:nobody', 'nothing.happened', '', hash FROM "AuditEntry" ${OF} AND sequence = 2`,
        `${REHASH} AND sequence = 3`,
      ],
      4,
      'changed',
    ],
    ['without its head', [`DELETE FROM "AuditHead" ${OF}`], 1, 'added'],
    [
      'the last one exchanged',
      [`UPDATE "AuditEntry" SET ip = NULL ${OF} AND sequence = 5`, `${REHASH} AND sequence = 5`],
      5,
      'made last',
    ],
  ])('finds an entry %s behind its back, where the chain first breaks', async (_what, statements, sequence, reason) => {
    await append(5);
    await behindItsBack(...statements);
    const { broken } = await verify();
    expect(broken).toMatchObject({ sequence, reason: expect.stringContaining(reason) });
    const [offline] = await verifyExport(each(await exported()));
    expect(offline?.broken, 'an export shows the same').toMatchObject({
      sequence,
      reason: expect.stringContaining(reason),
    });
  });

  test('sees one moment: what is appended meanwhile breaks nothing', async () => {
    await append(3);
    const report = await readAuditSnapshot(domain.relay, async (sql) => {
      await sql.query('SELECT 1 FROM "AuditHead"');
      await append(2);
      return verifyAudit(sql, tenant.id);
    });
    expect(report).toMatchObject({ entries: 3, broken: null });
  });

  test('names every tenant that has, or should have, entries', async () => {
    await append(1);
    const emptied = tenant;
    await behindItsBack(`DELETE FROM "AuditEntry" ${OF}`);
    tenant = await domain.seed.tenant();
    await append(1);
    await behindItsBack(`DELETE FROM "AuditHead" ${OF}`);
    const tenants = await readAuditSnapshot(domain.relay, auditedTenants);
    expect(tenants).toEqual(expect.arrayContaining([emptied.id, tenant.id]));
  });
});

describe('an export of the audit log', () => {
  test('verifies with nothing but sha-256 and JSON', async () => {
    await append(3);
    const lines = (await exported()).map((line) => JSON.parse(line));
    const head = lines.pop();
    let previousHash = '0'.repeat(64);
    for (const [index, line] of lines.entries()) {
      expect(line.previousHash).toBe(previousHash);
      expect(
        createHash('sha256')
          .update(line.previousHash + line.entry)
          .digest('hex'),
      ).toBe(line.hash);
      expect(JSON.parse(line.entry)).toMatchObject({
        sequence: index + 1,
        tenantId: tenant.id,
        action: 'test.done',
        ip: '10.0.0.1',
      });
      previousHash = line.hash;
    }
    expect(head).toEqual({ tenantId: tenant.id, first: 1, last: 3, head: { sequence: 3, hash: previousHash } });
  });

  test('of a time verifies too, and has every entry between its first and its last', async () => {
    await append(2);
    const from = new Date(Date.now() + 3_600_000);
    await behindItsBack(`ALTER TABLE "AuditEntry" ALTER COLUMN at SET DEFAULT now() + interval '2 hours'`);
    await append(2);
    const to = new Date(Date.now() + 3 * 3_600_000);
    await behindItsBack(`ALTER TABLE "AuditEntry" ALTER COLUMN at SET DEFAULT now() + interval '4 hours'`);
    await append(1);
    await behindItsBack(`ALTER TABLE "AuditEntry" ALTER COLUMN at SET DEFAULT now()`);
    const report = async (time: { from?: Date; to?: Date }) => {
      const lines = await exported(time);
      return { last: JSON.parse(lines.at(-1) ?? 'null'), reports: await verifyExport(each(lines)) };
    };
    expect(await report({ from })).toMatchObject({
      last: { first: 3, last: 5 },
      reports: [{ entries: 3, broken: null }],
    });
    expect(await report({ to })).toMatchObject({
      last: { first: 1, last: 4 },
      reports: [{ entries: 4, broken: null }],
    });
    expect(await report({ from, to })).toMatchObject({
      last: { first: 3, last: 4 },
      reports: [{ entries: 2, broken: null }],
    });
    expect(await exported({ from: new Date(Date.now() + 9 * 3_600_000) })).toEqual([]);
  });

  test('shows what was done to the file: a line changed, taken out, cut off, or of another tenant', async () => {
    await append(5);
    const lines = await exported();
    const broken = async (changed: string[]) => (await verifyExport(each(changed)))[0]?.broken;
    expect(await broken(lines)).toBeNull();
    expect(
      await broken(lines.map((line, index) => (index === 2 ? line.replace('test.done', 'test.gone') : line))),
    ).toMatchObject({ sequence: 3 });
    expect(await broken(lines.toSpliced(2, 1))).toMatchObject({ sequence: 3 });
    expect(await broken(lines.toSpliced(0, 1))).toMatchObject({ sequence: 1 });
    expect(await broken(lines.toSpliced(4, 1))).toMatchObject({ sequence: 5 });
    expect(await broken(lines.slice(0, 4))).toMatchObject({ sequence: 5 });
    tenant = await domain.seed.tenant();
    await append(4);
    const others = await exported();
    expect(await broken([...lines.slice(0, 3), others[3] ?? '', ...lines.slice(4)])).toMatchObject({ sequence: 4 });
    expect(await verifyExport(each([...lines, ...others]))).toMatchObject([
      { entries: 5, broken: null },
      { entries: 4, broken: null },
    ]);
  });
});
