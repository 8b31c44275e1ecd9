import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IncomingMention } from '../../../domain/mention/ingest-mentions.ts';
import { ingestMentions } from '../../../domain/mention/ingest-mentions.ts';
import { newId } from '../../../platform/ids.ts';
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
const mention = (relevance: number, more: Partial<IncomingMention> = {}): IncomingMention => ({
  platform: 'TWITTER',
  externalId: newId(),
  author: 'reader',
  text: 'Where?',
  suspicious: false,
  relevance,
  receivedAt: new Date(),
  ...more,
});
const ingest = (agentId: string, mentions: IncomingMention[], maxReplies = 10) =>
  ingestMentions(domain.context(tenant.id), agentId, mentions, { threshold: 0.4, maxReplies });
const repliesOf = (agentId: string) =>
  domain.sql<{ text: string; tainted: boolean; priority: number }>(
    `SELECT m.text, t.tainted, t.priority, t.status, t."stateVersion", t."campaignId", t.input->>'mentionId' = m.id::text AS linked FROM "Task" t JOIN "Mention" m ON m."taskId" = t.id WHERE t."agentId" = $1 ORDER BY m.relevance DESC`,
    [agentId],
  );

test('each relevant mention becomes one urgent reply of the agent’s oldest active campaign; the others are only recorded', async () => {
  const agent = await tenant.agent();
  await tenant.campaign([agent], { status: 'PAUSED', createdAt: new Date(0) });
  const oldest = await tenant.campaign([agent], { createdAt: new Date(1), stateVersion: 4 });
  await tenant.campaign([agent]);
  expect(
    await ingest(agent.id, [mention(0.9, { text: 'a' }), mention(0.39, { text: 'b' }), mention(0.4, { text: 'c' })]),
  ).toEqual({ recorded: 3, replies: 2 });
  const common = {
    priority: 7,
    status: 'QUEUED',
    stateVersion: 4,
    campaignId: oldest.id,
    tainted: false,
    linked: true,
  };
  expect(await repliesOf(agent.id)).toEqual([
    { text: 'a', ...common },
    { text: 'c', ...common },
  ]);
  const [task] = await domain.sql<{ id: string }>('SELECT id FROM "Task" WHERE "agentId" = $1 LIMIT 1', [agent.id]);
  expect(await domain.events(task?.id ?? '')).toMatchObject([
    { topic: 'task', kind: 'CREATED', data: { status: 'QUEUED' } },
  ]);
});

test('one that was cut in the middle of an emoji keeps nobody’s mentions from being recorded', async () => {
  const agent = await tenant.agent();
  const cut = mention(0.1, { text: `${'x'.repeat(1_999)}🙂`.slice(0, 2_000), author: 'a\0' });
  expect(await ingest(agent.id, [mention(0.1), cut])).toEqual({ recorded: 2, replies: 0 });
});

test('the same mentions again, in one poll, in the next and in 10 polls at once, make nothing new', async () => {
  const agent = await tenant.agent();
  await tenant.campaign([agent]);
  const polled = [mention(0.9), mention(0.8)];
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => ingest(agent.id, [...polled, ...polled])));
  expect(outcomes.reduce((sum, outcome) => sum + outcome.recorded, 0)).toBe(2);
  expect(await ingest(agent.id, polled)).toEqual({ recorded: 0, replies: 0 });
  expect(await repliesOf(agent.id)).toHaveLength(2);
});

test('the most relevant are answered first, at most as many as allowed', async () => {
  const agent = await tenant.agent();
  await tenant.campaign([agent]);
  expect(
    await ingest(
      agent.id,
      [mention(0.5, { text: 'low' }), mention(0.9, { text: 'high' }), mention(0.7, { text: 'middle' })],
      2,
    ),
  ).toEqual({ recorded: 3, replies: 2 });
  expect((await repliesOf(agent.id)).map((reply) => reply.text)).toEqual(['high', 'middle']);
});

test('a suspicious mention makes a tainted task', async () => {
  const agent = await tenant.agent();
  await tenant.campaign([agent]);
  await ingest(agent.id, [mention(0.9, { suspicious: true })]);
  expect(await repliesOf(agent.id)).toMatchObject([{ tainted: true }]);
});

test('without an active campaign, or without mentions, nothing is answered', async () => {
  const agent = await tenant.agent();
  await tenant.campaign([agent], { startsAt: new Date(Date.now() + 60_000) });
  expect(await ingest(agent.id, [mention(0.9)])).toEqual({ recorded: 1, replies: 0 });
  expect(await ingest(agent.id, [])).toEqual({ recorded: 0, replies: 0 });
});

test('one mention of two agents is each one’s own; an agent of another tenant takes none', async () => {
  const [first, second] = [await tenant.agent(), await tenant.agent()];
  const both = mention(0.9);
  expect(await ingest(first.id, [both])).toMatchObject({ recorded: 1 });
  expect(await ingest(second.id, [both])).toMatchObject({ recorded: 1 });
  const stranger = await (await domain.seed.tenant()).agent();
  await expect(ingest(stranger.id, [both])).rejects.toMatchObject({ code: '23503' });
});
