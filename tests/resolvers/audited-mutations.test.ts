import { afterAll, beforeAll, expect, it } from 'vitest';
import { digestOf } from '../../platform/canonical-json.ts';
import { createSchema } from '../../resolvers/index.ts';
import type { TestGateway } from '../support/gateway.ts';
import { startTestGateway } from '../support/gateway.ts';
import type { SeededTenant } from '../support/seed.ts';

const DRAFT = { text: 'Morning fog over the harbour.', hashtags: ['#harbour'], estimatedEngagement: 0.4 };
const MUTATIONS = Object.keys(createSchema().getMutationType()?.getFields() ?? {});

let gateway: TestGateway;
let tenant: SeededTenant;
let token: string;
beforeAll(async () => {
  gateway = await startTestGateway();
  tenant = await gateway.seed.tenant();
  token = await gateway.tokenFor(await tenant.user('ADMINISTRATOR'));
});
afterAll(() => gateway.close());

const escalated = async () => {
  const agent = await tenant.agent();
  const campaign = await tenant.campaign([agent]);
  const task = await agent.task({ status: 'ESCALATED', campaignId: campaign.id });
  return task.review({ content: DRAFT, contentDigest: digestOf(DRAFT) });
};
const deciding = async (more: Record<string, unknown> = {}) => {
  const { globalId } = await escalated();
  return { input: { id: globalId, expectedVersion: 1, ...more }, subject: 'Review' };
};
const changing = async (type: 'Agent' | 'Campaign', more: Record<string, unknown>) => {
  const agent = await tenant.agent();
  const row = type === 'Agent' ? agent : await tenant.campaign([agent]);
  return { input: { id: row.globalId, ...more }, subject: type };
};

/** How each mutation is called so that it changes something, and the table of what it changes. */
const CALLS: Record<string, () => Promise<{ input: Record<string, unknown>; inputType?: string; subject: string }>> = {
  createAgent: async () => ({
    input: {
      name: 'Iris',
      backstory: 'By a lighthouse.',
      voiceTraits: ['calm'],
      coreBeliefs: ['Less.'],
      budgetDailyUsd: '1',
    },
    subject: 'Agent',
  }),
  updateAgent: () => changing('Agent', { expectedVersion: 1, bio: 'Fog.' }),
  setAgentStatus: () => changing('Agent', { status: 'PAUSED' }),
  emergencyStop: async () => ({
    input: { agentId: (await tenant.agent()).globalId, reason: 'wild' },
    subject: 'Agent',
  }),
  createCampaign: async () => ({
    input: { agentIds: [(await tenant.agent()).globalId], name: 'Fog', goals: '3 posts about fog', durationDays: 7 },
    subject: 'Campaign',
  }),
  updateCampaign: () => changing('Campaign', { expectedVersion: 1, goals: '4 posts about fog' }),
  setCampaignStatus: () => changing('Campaign', { status: 'PAUSED' }),
  replanCampaign: () => changing('Campaign', { note: 'More fog.' }),
  claimReview: async () => ({ ...(await deciding()), inputType: 'ReviewIdInput' }),
  releaseReview: async () => ({ ...(await deciding()), inputType: 'ReviewIdInput' }),
  approveReview: async () => ({ ...(await deciding()), inputType: 'DecideReviewInput' }),
  rejectReview: async () => ({ ...(await deciding()), inputType: 'DecideReviewInput' }),
  editReview: () => deciding({ content: { ...DRAFT, text: 'Evening fog.' } }),
};

it.each(MUTATIONS)('%s writes its audit entry in the transaction of its change', async (name) => {
  const call = CALLS[name];
  if (!call) throw new Error(`say in this test how ${name} is called: each mutation is audited`);
  const { input, inputType = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`, subject } = await call();
  const [before] = await gateway.seed.sql<{ n: number }>(
    'SELECT coalesce(max(sequence), 0)::int AS n FROM "AuditEntry" WHERE "tenantId" = $1',
    [tenant.id],
  );
  const answer = await gateway.query(
    token,
    `mutation ($input: ${inputType}!) { ${name}(input: $input) { __typename ... on Error { message } } }`,
    { input },
  );
  expect(answer.errors).toBeUndefined();
  expect(answer.data[name].__typename, answer.data[name].message).toMatch(/Success$/);
  const entries = await gateway.seed.sql<{ actor: string; subjectType: string; ours: boolean }>(
    `SELECT e.actor, e."subjectType", e."traceId" IS NOT NULL AND e.ip IS NOT NULL AND e.xmin = s.xmin AS ours FROM "AuditEntry" e LEFT JOIN "${subject}" s ON s.id = e."subjectId" WHERE e."tenantId" = $1 AND e.sequence > $2`,
    [tenant.id, before?.n],
  );
  expect(entries).toEqual([{ actor: expect.stringMatching(/^user:/), subjectType: subject, ours: true }]);
});
