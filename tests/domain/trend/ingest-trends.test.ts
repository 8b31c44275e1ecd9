import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IncomingTrend } from '../../../domain/trend/ingest-trends.ts';
import { ingestTrends } from '../../../domain/trend/ingest-trends.ts';
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
const trend = (topic: string, relevance: number, more: Partial<IncomingTrend> = {}): IncomingTrend => ({
  digest: createHash('sha256').update(topic).digest('hex'),
  topic,
  summary: 'Summary.',
  url: null,
  source: 'feed',
  relevance,
  suspicious: false,
  publishedAt: null,
  ...more,
});
const ingest = (agentId: string, trends: IncomingTrend[]) => ingestTrends(domain.context(tenant.id), agentId, trends);

/** An agent whose campaign has a plan of two hours ago and a post that has not started. */
async function planned(columns: Record<string, unknown> = {}, planColumns: Record<string, unknown> = {}) {
  const agent = await tenant.agent();
  const campaign = await tenant.campaign([agent], { planRevision: 1, ...columns });
  await campaign.plan(1, { createdAt: new Date(Date.now() - 7_200_000), ...planColumns });
  await agent.task({ campaignId: campaign.id, status: 'QUEUED' });
  return { agent, campaign };
}

test('the same item again, in one reading, in the next and in 10 readings at once, is recorded once', async () => {
  const { agent } = await planned();
  const items = [trend('fog', 0.3), trend('fog', 0.3), trend('rain', 0.3)];
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => ingest(agent.id, items)));
  expect(outcomes.reduce((sum, outcome) => sum + outcome.recorded, 0)).toBe(2);
  expect(await ingest(agent.id, items)).toEqual({ recorded: 0, replanned: 0 });
});

test('one that was cut in the middle of an emoji keeps nobody’s news from being recorded', async () => {
  const { agent } = await planned();
  const cut = trend('cut', 0.3, { summary: `${'x'.repeat(499)}🙂`.slice(0, 500) });
  expect(await ingest(agent.id, [cut, trend('whole', 0.3)])).toMatchObject({ recorded: 2 });
});

test('a strongly relevant new one asks for a re-plan with its topic, once', async () => {
  const { agent, campaign } = await planned();
  expect(await ingest(agent.id, [trend('weak', 0.59), trend('strong', 0.6), trend('strongest', 0.9)])).toEqual({
    recorded: 3,
    replanned: 1,
  });
  expect(await domain.row('Campaign', campaign.id)).toMatchObject({
    planDueReason: 'CONTEXT_CHANGED',
    planDueNote: 'A new trend: strongest',
    stateVersion: 1,
    version: 2,
  });
  expect(await domain.events(campaign.id)).toMatchObject([{ data: { planDueReason: 'CONTEXT_CHANGED' } }]);
  expect(await ingest(agent.id, [trend('another', 0.9)])).toEqual({ recorded: 1, replanned: 0 });
});

test.each<[string, Record<string, unknown>, Record<string, unknown>, Partial<IncomingTrend>]>([
  ['its newest plan is younger than an hour', {}, { createdAt: new Date() }, {}],
  ['it is paused', { status: 'PAUSED' }, {}, {}],
  ['it has no plan yet', { planRevision: 0 }, {}, {}],
  ['the item is suspicious', {}, {}, { suspicious: true }],
])('a campaign is left alone when %s', async (_what, columns, planColumns, more) => {
  const { agent } = await planned(columns, planColumns);
  expect(await ingest(agent.id, [trend('strong', 0.9, more)])).toEqual({ recorded: 1, replanned: 0 });
});

test('an agent of another tenant takes no trend', async () => {
  const stranger = await (await domain.seed.tenant()).agent();
  await expect(ingest(stranger.id, [trend('fog', 0.1)])).rejects.toMatchObject({ code: '23503' });
});
