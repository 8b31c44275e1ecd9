import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AlertRequest } from '../../../domain/alert/raise-alert.ts';
import { raiseAlert } from '../../../domain/alert/raise-alert.ts';
import type { SeededTenant } from '../../support/seed.ts';
import type { Domain } from '../domain-fixture.ts';
import { openDomain } from '../domain-fixture.ts';

let domain: Domain;
let tenant: SeededTenant;
beforeAll(async () => {
  domain = await openDomain();
  tenant = await domain.seed.tenant();
});
afterAll(() => domain.close());
const raise = (more: Partial<AlertRequest> = {}) =>
  domain
    .context(tenant.id)
    .db.transaction((sql) =>
      raiseAlert(sql, tenant.id, { rule: 'E1001', severity: 'CRITICAL', message: 'no money', ...more }),
    );

test('an alert is raised once while an equal one is open; another rule or subject is another alert', async () => {
  const [agent, other] = [await tenant.agent(), await tenant.agent()];
  expect(await raise({ agentId: agent.id })).toMatchObject([
    {
      topic: 'alert',
      kind: 'CREATED',
      agentId: agent.id,
      data: { rule: 'E1001', severity: 'CRITICAL', message: 'no money' },
    },
  ]);
  expect(await raise({ agentId: agent.id })).toEqual([]);
  for (const more of [{ agentId: other.id }, { agentId: agent.id, rule: 'E2001' }, {}])
    expect(await raise(more)).toHaveLength(1);
  expect(await raise()).toEqual([]);
});

test('it is raised again when the earlier one was acknowledged or is an hour old', async () => {
  const agent = await tenant.agent();
  await raise({ agentId: agent.id });
  await domain.sql('UPDATE "Alert" SET "acknowledgedAt" = now() WHERE "agentId" = $1', [agent.id]);
  expect(await raise({ agentId: agent.id })).toHaveLength(1);
  await domain.sql(`UPDATE "Alert" SET "createdAt" = now() - interval '61 minutes' WHERE "agentId" = $1`, [agent.id]);
  expect(await raise({ agentId: agent.id })).toHaveLength(1);
});

test('an open alert of one tenant does not silence another’s, also when the relay raises it', async () => {
  const other = await domain.seed.tenant();
  const byRelay = (tenantId: string) =>
    domain.relay.transaction((sql) => raiseAlert(sql, tenantId, { rule: 'RELAY', severity: 'INFO', message: 'm' }));
  expect(await byRelay(tenant.id)).toHaveLength(1);
  expect(await byRelay(other.id)).toHaveLength(1);
  expect(await byRelay(other.id)).toHaveLength(0);
});

test('a long message is cut, not refused', async () => {
  const [event] = await raise({ rule: 'LONG', message: 'a'.repeat(10_000) });
  expect(event?.data.message).toHaveLength(2_000);
});
