import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditExport, auditVerify } from '../../../clients/cli/audit.ts';
import { recordAudit } from '../../../domain/audit/record-audit.ts';
import { readConfig } from '../../../platform/config.ts';
import type { Domain } from '../../domain/domain-fixture.ts';
import { openDomain } from '../../domain/domain-fixture.ts';
import type { SeededTenant } from '../../support/seed.ts';

let domain: Domain;
let good: SeededTenant;
let bad: SeededTenant;
const home = mkdtempSync(path.join(os.tmpdir(), 'chimera-audit-'));
const environment = (more: Record<string, string> = {}) => ({ CHIMERA_HOME: home, ...more });
const here = () => readConfig(environment({ DATABASE_URL: domain.adminUrl }));

beforeAll(async () => {
  domain = await openDomain();
  [good, bad] = [await domain.seed.tenant(), await domain.seed.tenant()];
  for (const tenant of [good, bad])
    for (const action of ['first.done', 'second.done', 'third.done']) {
      const context = domain.context(tenant.id);
      const entry = { action, subjectType: 'Tenant', subjectId: tenant.id };
      await context.db.transaction((sql) => recordAudit(sql, context, [entry]));
    }
});
afterAll(async () => {
  await domain.close();
  rmSync(home, { recursive: true, force: true });
});

async function verify(options: object, config = here): Promise<{ out: string; code: number }> {
  const stream = new PassThrough();
  const code = await auditVerify(config, options, stream);
  stream.end();
  return { code, out: await text(stream) };
}

test('verify says for each tenant whether its chain is whole; the command ends with 1 when one is not', async () => {
  const { out, code } = await verify({});
  expect([code, ...out.trim().split('\n').toSorted()]).toEqual([
    0,
    ...[good.id, bad.id].toSorted().map((id) => `${id}  valid, 3 entries`),
  ]);
  await domain.sql('SET session_replication_role = replica');
  await domain.sql(`UPDATE "AuditEntry" SET actor = 'user:nobody' WHERE "tenantId" = $1 AND sequence = 2`, [bad.id]);
  await domain.sql('SET session_replication_role = origin');
  expect(await verify({ tenant: good.id })).toEqual({ code: 0, out: `${good.id}  valid, 3 entries\n` });
  const child = spawn(process.execPath, ['--import', 'tsx', 'clients/cli/main.ts', 'audit', 'verify'], {
    env: { PATH: process.env.PATH, ...environment({ DATABASE_URL: domain.adminUrl }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  expect(await text(child.stdout)).toContain(`${bad.id}  BROKEN at entry 2: changed`);
  expect(await ended).toBe(1);
}, 60_000);

test('export prints what verify --file checks without a database; it finds the database of a running npm start', async () => {
  writeFileSync(path.join(home, 'endpoints.json'), JSON.stringify({ postgres: domain.adminUrl }));
  const stream = new PassThrough();
  const printed = text(stream);
  await auditExport(readConfig(environment()), { tenant: good.id, to: '2100-01-01' }, stream);
  stream.end();
  const lines = (await printed).split('\n');
  expect(lines).toHaveLength(5);
  const [whole, cut] = ['whole', 'cut'].map((name) => path.join(home, `${name}.jsonl`)) as [string, string];
  writeFileSync(whole, lines.join('\n'));
  writeFileSync(cut, lines.slice(0, 2).join('\n'));
  const unasked = () => {
    throw new Error('it needs no configuration');
  };
  expect(await verify({ file: whole }, unasked)).toEqual({ code: 0, out: `${good.id}  valid, 3 entries\n` });
  expect(await verify({ file: cut }, unasked)).toMatchObject({
    code: 1,
    out: expect.stringContaining('BROKEN at entry 3'),
  });
});

test('what cannot be done is said plainly', async () => {
  const nowhere = () => readConfig({ CHIMERA_HOME: path.join(home, 'nowhere') });
  await expect(verify({}, nowhere)).rejects.toThrow('needs DATABASE_URL');
  await expect(verify({ tenant: 'mine' })).rejects.toThrow('--tenant should be the id of a tenant');
  await expect(verify({ file: path.join(home, 'nothing.jsonl') })).rejects.toThrow('cannot be verified');
  await expect(auditExport(here(), { from: 'yesterday' }, new PassThrough())).rejects.toThrow(
    '--from should be a time',
  );
});
