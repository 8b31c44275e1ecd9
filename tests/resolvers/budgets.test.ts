import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TestGateway } from '../support/gateway.ts';
import { startTestGateway } from '../support/gateway.ts';
import type { SeededAgent, SeededTenant } from '../support/seed.ts';

let gateway: TestGateway;
let tenant: SeededTenant;
let manager: string;
let agent: SeededAgent;
beforeAll(async () => {
  gateway = await startTestGateway();
  tenant = await gateway.seed.tenant();
  manager = await gateway.tokenFor(await tenant.user('CAMPAIGN_MANAGER'));
  agent = await tenant.agent({ budgetTotalMicroUsd: 1_000_000 });
});
afterAll(() => gateway.close());

const CAMPAIGN = 'campaign { status statusReason endsAt budgetDailyUsd budgetTotalUsd version }';
async function mutate(name: string, fields: string, input: Record<string, unknown>) {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const { data, errors } = await gateway.query(
    manager,
    `mutation ($input: ${type}Input!) { ${name}(input: $input) { __typename ... on ${type}Success { ${fields} } ... on Error { code } } }`,
    { input },
  );
  expect(errors).toBeUndefined();
  return data[name];
}
/** A campaign that E1001 has paused, as the governor leaves it: it asked for 400 where `scopeId` has no room left. */
async function pausedCampaign(scopeId?: string) {
  const campaign = await tenant.campaign([agent], {
    budgetTotalMicroUsd: 1_000,
    budgetDailyMicroUsd: 5_000,
    endsAt: new Date('2031-01-01T00:00:00Z'),
  });
  const scope = scopeId ?? campaign.id;
  await gateway.seed.sql(
    `UPDATE "Campaign" SET status = 'PAUSED', "statusReason" = 'E1001: spent', "budgetHoldScopeId" = $2, "budgetHoldDay" = '1970-01-01', "budgetHoldMicroUsd" = 400 WHERE id = $1`,
    [campaign.id, scope],
  );
  return campaign;
}

it('raising the budget of a campaign that E1001 paused answers with it ACTIVE again', async () => {
  const campaign = await pausedCampaign();
  await tenant.account(campaign.id, '1970-01-01', 1_000);
  const seen = await gateway.query(manager, `query ($id: ID!) { campaign(id: $id) { status statusReason } }`, {
    id: campaign.globalId,
  });
  expect(seen.data.campaign).toEqual({ status: 'PAUSED', statusReason: 'E1001: spent' });
  const input = { id: campaign.globalId, expectedVersion: 1, budgetTotalUsd: '0.0014' };
  expect(await mutate('updateCampaign', CAMPAIGN, input)).toEqual({
    __typename: 'UpdateCampaignSuccess',
    campaign: {
      status: 'ACTIVE',
      statusReason: null,
      endsAt: '2031-01-01T00:00:00.000Z',
      budgetDailyUsd: '0.005',
      budgetTotalUsd: '0.0014',
      version: 3,
    },
  });
});

it('null takes limits and the end away, and what is left out stays', async () => {
  const campaign = await pausedCampaign();
  await tenant.account(campaign.id, '1970-01-01', 1_000);
  const id = campaign.globalId;
  const first = await mutate('updateCampaign', CAMPAIGN, { id, expectedVersion: 1, budgetDailyUsd: null, name: null });
  expect(first.campaign).toMatchObject({ status: 'PAUSED', budgetDailyUsd: null, budgetTotalUsd: '0.001' });
  const input = { id, expectedVersion: first.campaign.version, budgetTotalUsd: null, endsAt: null };
  expect((await mutate('updateCampaign', CAMPAIGN, input)).campaign).toMatchObject({
    status: 'ACTIVE',
    budgetDailyUsd: null,
    budgetTotalUsd: null,
    endsAt: null,
  });
});

it('an agent’s total is set, shown, raised by a campaign manager, and taken away', async () => {
  await tenant.account(agent.id, '1970-01-01', 1_000_000);
  const campaign = await pausedCampaign(agent.id);
  const fields = 'agent { budgetDailyUsd budgetTotalUsd version campaigns { nodes { id status } } }';
  const update = (more: Record<string, unknown>) =>
    mutate('updateAgent', fields, { id: agent.globalId, expectedVersion: 1, ...more });
  const raised = await update({ budgetTotalUsd: '1.0004' });
  expect(raised.agent).toMatchObject({ budgetDailyUsd: '25.00', budgetTotalUsd: '1.0004', version: 2 });
  expect(raised.agent.campaigns.nodes).toContainEqual({ id: campaign.globalId, status: 'ACTIVE' });
  const without = await update({ expectedVersion: 2, budgetTotalUsd: null });
  expect(without.agent).toMatchObject({ budgetDailyUsd: '25.00', budgetTotalUsd: null });
});
