import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordAudit } from '../../../domain/audit/record-audit.ts';
import type { SeededTenant } from '../../support/seed.ts';
import type { Domain } from '../domain-fixture.ts';
import { openDomain } from '../domain-fixture.ts';

let domain: Domain;
let tenant: SeededTenant;
beforeAll(async () => {
  domain = await openDomain({ poolSize: 20 });
  tenant = await domain.seed.tenant();
});
afterAll(() => domain.close());
const entries = (tenantId: string) =>
  domain.sql('SELECT * FROM "AuditEntry" WHERE "tenantId" = $1 ORDER BY sequence', [tenantId]);

test('an entry says who did what to what, from where, under which trace', async () => {
  const agent = await tenant.agent();
  const context = { ...domain.context(tenant.id), ip: '10.0.0.1', userAgent: 'curl' };
  await context.db.transaction((sql) =>
    recordAudit(sql, context, [
      { action: 'agent.created', subjectType: 'Agent', subjectId: agent.id, data: { name: 'Mira' } },
      { action: 'agent.seen', subjectType: 'Agent', subjectId: agent.id, actor: 'agent:mira', traceId: 'other' },
    ]),
  );
  expect(await entries(tenant.id)).toMatchObject([
    {
      sequence: '1',
      actor: 'system:test',
      action: 'agent.created',
      subjectId: agent.id,
      data: { name: 'Mira' },
      ip: '10.0.0.1',
      userAgent: 'curl',
      traceId: context.traceId,
    },
    { sequence: '2', actor: 'agent:mira', action: 'agent.seen', traceId: 'other' },
  ]);
});

test('an entry of a change that was rolled back is not there, and leaves no gap', async () => {
  const other = await domain.seed.tenant();
  const context = domain.context(other.id);
  const record = (fail: boolean) =>
    context.db.transaction(async (sql) => {
      await recordAudit(sql, context, [{ action: 'a.b', subjectType: 'Tenant', subjectId: other.id }]);
      if (fail) throw new Error('rolled back');
    });
  await record(false);
  await expect(record(true)).rejects.toThrow('rolled back');
  await record(false);
  expect(await entries(other.id)).toMatchObject([{ sequence: '1' }, { sequence: '2' }]);
});

test('40 transactions at once number their entries without gaps, and each chain is its tenant’s own', async () => {
  const tenants = [await domain.seed.tenant(), await domain.seed.tenant()];
  await Promise.all(
    Array.from({ length: 40 }, (_, index) => {
      const context = domain.context(tenants[index % 2]?.id ?? '');
      return context.db.transaction((sql) =>
        recordAudit(sql, context, [
          { action: 'a.b', subjectType: 'Tenant', subjectId: context.tenantId, data: { index } },
        ]),
      );
    }),
  );
  for (const { id } of tenants) {
    const chain = await entries(id);
    expect(chain.map((entry) => Number(entry.sequence))).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(chain.slice(1).map((entry) => entry.previousHash)).toEqual(chain.slice(0, -1).map((entry) => entry.hash));
  }
});
