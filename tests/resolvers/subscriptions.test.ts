import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestGateway } from '../support/gateway.ts';
import { startTestGateway } from '../support/gateway.ts';
import { openLiveClient } from '../support/live-client.ts';
import type { Seeded, SeededAgent, SeededTenant } from '../support/seed.ts';
import { waitFor } from '../support/wait-for.ts';

let gateway: TestGateway;
let tenant: SeededTenant;
let reviewer: Seeded & { tenantId: string };
let token: string;
let live: ReturnType<typeof openLiveClient>;
let agent: SeededAgent;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

beforeEach(async () => {
  await live?.close();
  tenant = await gateway.seed.tenant();
  reviewer = await tenant.user('CONTENT_REVIEWER', { name: 'Rae' });
  token = await gateway.tokenFor(reviewer);
  live = openLiveClient(gateway.url, token);
  agent = await tenant.agent({ name: 'Mira' });
});
afterAll(() => live.close());

/** The subscription is there: an event that comes now reaches it. */
const listening = (count = 1) =>
  waitFor(() => gateway.gateway.subscribers() >= count, { message: `${count} subscribers` });
const publish = () => gateway.publishEvents({ tenantId: tenant.id });

describe('reviewQueue', () => {
  const QUEUE =
    'subscription ($filter: ReviewFilter, $after: String) { reviewQueue(filter: $filter, after: $after) { __typename cursor kind at depth review { id status risk content agent { name campaigns { nodes { name } } } task { status } confidence { score } } } }';

  it('tells of an escalation and of its decision, with the depth of the queue', async () => {
    const queue = live.subscribe(QUEUE);
    await listening();
    const task = await agent.task({ status: 'ESCALATED' });
    const review = await task.review();
    await tenant.event({ topic: 'review', kind: 'CREATED', subjectId: review.id, agentId: agent.id, data: {} });
    await publish();
    const [created] = await queue.received(1);
    expect(created?.data.reviewQueue.review.id).toBe(review.globalId);
    expect(created).toMatchInlineSnapshot(
      {
        data: {
          reviewQueue: { cursor: expect.any(String), at: expect.any(String), review: { id: expect.any(String) } },
        },
      },
      `
      {
        "data": {
          "reviewQueue": {
            "__typename": "ReviewQueueEvent",
            "at": Any<String>,
            "cursor": Any<String>,
            "depth": 1,
            "kind": "CREATED",
            "review": {
              "agent": {
                "campaigns": {
                  "nodes": [],
                },
                "name": "Mira",
              },
              "confidence": {
                "score": 0.8,
              },
              "content": {
                "estimatedEngagement": 0.4,
                "hashtags": [
                  "#harbour",
                ],
                "text": "Morning fog over the harbour.",
              },
              "id": Any<String>,
              "risk": "MEDIUM",
              "status": "PENDING",
              "task": {
                "status": "ESCALATED",
              },
            },
          },
        },
      }
    `,
    );
    await gateway.query(
      token,
      'mutation ($input: DecideReviewInput!) { approveReview(input: $input) { __typename } }',
      { input: { id: review.globalId, expectedVersion: 1 } },
    );
    await publish();
    const [, decided] = await queue.received(2);
    expect(decided?.data.reviewQueue).toMatchObject({
      kind: 'UPDATED',
      depth: 0,
      review: { status: 'APPROVED', task: { status: 'COMPLETE' } },
    });
  });

  it('tells of a due time that comes near and passes, as a notice: the review itself has not changed', async () => {
    const notices = live.subscribe('subscription { reviewQueue { kind notice review { status overdue version } } }');
    await listening();
    const review = await (await agent.task({ status: 'ESCALATED' })).review({ dueAt: new Date(Date.now() - 1_000) });
    for (const data of [{ notice: 'DUE_SOON' }, { notice: 'OVERDUE' }, {}])
      await tenant.event({ topic: 'review', subjectId: review.id, agentId: agent.id, data });
    await publish();
    const told = (await notices.received(3)).map(({ data }) => data.reviewQueue);
    expect(told.map(({ notice }) => notice)).toEqual(['DUE_SOON', 'OVERDUE', null]);
    expect(told[1]).toMatchObject({ kind: 'UPDATED', review: { status: 'PENDING', overdue: true, version: 1 } });
  });

  it('tells each subscriber what its filter lets through', async () => {
    const other = await tenant.agent({ name: 'Noor' });
    const all = live.subscribe(QUEUE);
    const filters = {
      high: { risk: ['HIGH'] },
      noor: { agentId: other.globalId },
      low: { confidenceBelow: 0.75 },
      mine: { mine: true },
      overdue: { overdue: true },
      reason: { reason: 'POLITICS' },
      images: { taskType: ['GENERATE_IMAGE'] },
      decided: { status: ['REJECTED'] },
      nobody: { agentId: 'garbage' },
    };
    const subscriptions = Object.entries(filters).map(([name, filter]) => ({
      name,
      stream: live.subscribe(QUEUE, { filter }),
    }));
    await listening(10);
    const reviewOf = async (
      owner: SeededAgent,
      text: string,
      columns: Record<string, unknown> = {},
      type = 'GENERATE_POST' as const,
    ) => {
      const review = await (await owner.task({ status: 'ESCALATED', type })).review({ content: { text }, ...columns });
      await tenant.event({ topic: 'review', kind: 'CREATED', subjectId: review.id, agentId: owner.id, data: {} });
    };
    await reviewOf(agent, 'high', { risk: 'HIGH' });
    await reviewOf(other, 'noor');
    await reviewOf(agent, 'low', { confidence: 0.71 });
    await reviewOf(agent, 'mine', { assignedToId: reviewer.id, assignedAt: new Date() });
    await reviewOf(agent, 'overdue', { dueAt: new Date(0) });
    await reviewOf(agent, 'reason', { reasons: ['POLITICS'] });
    await reviewOf(agent, 'decided', { status: 'REJECTED', decidedById: reviewer.id, decidedAt: new Date() });
    await reviewOf(agent, 'last');
    await publish();
    await all.received(8);
    const texts = (stream: typeof all) => stream.answers.map((answer) => answer.data.reviewQueue.review.content.text);
    expect(texts(all)).toEqual(['high', 'noor', 'low', 'mine', 'overdue', 'reason', 'decided', 'last']);
    for (const { name, stream } of subscriptions) {
      if (name === 'images' || name === 'nobody') continue;
      await stream.received(1);
      expect(texts(stream), name).toEqual([name]);
    }
    expect(
      subscriptions.filter(({ name }) => name === 'images' || name === 'nobody').map(({ stream }) => stream.answers),
    ).toEqual([[], []]);
  });

  it('goes on when a review is deleted before it could be shown', async () => {
    const queue = live.subscribe(QUEUE);
    await listening();
    await tenant.event({ topic: 'review', subjectId: tenant.id });
    const review = await (await agent.task({ status: 'ESCALATED' })).review();
    await tenant.event({ topic: 'review', subjectId: review.id, agentId: agent.id });
    await publish();
    const [shown] = await queue.received(1);
    expect(shown?.data.reviewQueue.review.id).toBe(review.globalId);
  });
});

describe('confidence', () => {
  it('tells of every judgement with its parts and the average of the day', async () => {
    const all = live.subscribe(
      'subscription { confidence { __typename cursor at verdict average24h agent { name } task { type status } confidence { score raw modelProbability personaSimilarity contentSafety historicalSuccess } } }',
    );
    const none = live.subscribe('subscription ($id: ID!) { confidence(agentId: $id) { cursor } }', {
      id: (await tenant.agent()).globalId,
    });
    await listening(2);
    const task = await agent.task({ status: 'COMPLETE' });
    const earlier = await (await agent.task({ status: 'COMPLETE' })).result({ verdict: 'APPROVED', confidence: 1 });
    const result = await task.result({ verdict: 'ESCALATED', confidence: 0.8, modelProbability: 0.7 });
    const judged = (id: string, resultId: string) =>
      tenant.event({
        topic: 'confidence',
        subjectId: id,
        agentId: agent.id,
        data: { taskId: id, resultId, score: 0.8, verdict: 'ESCALATED' },
      });
    await judged(task.id, result.id);
    await judged(task.id, tenant.id); // a result that is gone
    await judged(task.id, earlier.id);
    await publish();
    const [first, second] = await all.received(2);
    expect(first).toMatchInlineSnapshot(
      { data: { confidence: { cursor: expect.any(String), at: expect.any(String) } } },
      `
      {
        "data": {
          "confidence": {
            "__typename": "ConfidenceEvent",
            "agent": {
              "name": "Mira",
            },
            "at": Any<String>,
            "average24h": 0.9,
            "confidence": {
              "contentSafety": 0.8,
              "historicalSuccess": 0.8,
              "modelProbability": 0.7,
              "personaSimilarity": 0.8,
              "raw": 0.8,
              "score": 0.8,
            },
            "cursor": Any<String>,
            "task": {
              "status": "COMPLETE",
              "type": "GENERATE_POST",
            },
            "verdict": "ESCALATED",
          },
        },
      }
    `,
    );
    expect(second?.data.confidence.verdict).toBe('APPROVED');
    expect(none.answers).toEqual([]);
  });
});

describe('tasks, agents and campaigns', () => {
  it('tell of their changes; tasks of one campaign or agent alone', async () => {
    const campaign = await tenant.campaign([agent]);
    const other = await tenant.agent();
    const inCampaign = live.subscribe(
      'subscription ($id: ID!) { tasks(campaignId: $id) { cursor kind at task { id status campaign { name } } } }',
      { id: campaign.globalId },
    );
    const ofAgent = live.subscribe(
      'subscription ($id: ID!) { tasks(agentId: $id) { cursor task { id agent { id } } } }',
      { id: other.globalId },
    );
    const agents = live.subscribe('subscription { agents { cursor kind at agent { id name spentTodayUsd } } }');
    const campaigns = live.subscribe(
      'subscription { campaigns { cursor kind at campaign { id status progress { total } } } }',
    );
    await listening(4);
    const mine = await agent.task({ campaignId: campaign.id });
    const theirs = await other.task();
    await tenant.event({
      topic: 'task',
      kind: 'CREATED',
      subjectId: mine.id,
      agentId: agent.id,
      campaignId: campaign.id,
    });
    await tenant.event({ topic: 'task', subjectId: theirs.id, agentId: other.id });
    await tenant.event({ topic: 'agent', subjectId: agent.id, agentId: agent.id });
    await tenant.event({ topic: 'campaign', subjectId: campaign.id, campaignId: campaign.id });
    await publish();
    await Promise.all([inCampaign, ofAgent, agents, campaigns].map((stream) => stream.received(1)));
    const common = { cursor: expect.any(String), at: expect.stringMatching(/Z$/) };
    expect([inCampaign, ofAgent, agents, campaigns].map((stream) => stream.answers)).toEqual([
      [
        {
          data: {
            tasks: {
              ...common,
              kind: 'CREATED',
              task: { id: mine.globalId, status: 'QUEUED', campaign: { name: 'Fog week' } },
            },
          },
        },
      ],
      [{ data: { tasks: { cursor: common.cursor, task: { id: theirs.globalId, agent: { id: other.globalId } } } } }],
      [
        {
          data: {
            agents: { ...common, kind: 'UPDATED', agent: { id: agent.globalId, name: 'Mira', spentTodayUsd: '0.00' } },
          },
        },
      ],
      [
        {
          data: {
            campaigns: {
              ...common,
              kind: 'UPDATED',
              campaign: { id: campaign.globalId, status: 'ACTIVE', progress: { total: 1 } },
            },
          },
        },
      ],
    ]);
  });

  it('show the figures of the moment in every payload, not those of the first', async () => {
    const agents = live.subscribe('subscription { agents { agent { spentTodayUsd } } }');
    await listening();
    const change = () => tenant.event({ topic: 'agent', subjectId: agent.id, agentId: agent.id });
    await change();
    await publish();
    await agents.received(1);
    await tenant.account(agent.id, new Date().toISOString().slice(0, 10), 3_000_000);
    await change();
    await publish();
    const answers = await agents.received(2);
    expect(answers.map((answer) => answer.data.agents.agent.spentTodayUsd)).toEqual(['0.00', '3.00']);
  });
});

describe('over SSE', () => {
  it('streams the same payloads, and lets go when the reader leaves', async () => {
    const controller = new AbortController();
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: 'subscription { agents { kind agent { name } } }' }),
      signal: controller.signal,
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/event-stream'),
    ]);
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>)
        text += Buffer.from(chunk).toString();
    })().catch(() => {});
    await listening();
    await tenant.event({ topic: 'agent', subjectId: agent.id, agentId: agent.id });
    await publish();
    await waitFor(() => text.includes('data: {'), { message: 'an event' });
    expect(text).toContain('event: next\ndata: {"data":{"agents":{"kind":"UPDATED","agent":{"name":"Mira"}}}}');
    controller.abort();
    await reading;
    await waitFor(() => gateway.gateway.subscribers() === 0, { message: 'the subscriber to be gone' });
  });
});

describe('a hundred subscribers of one event', () => {
  it('cost the statements of a few', async () => {
    const query = 'subscription { reviewQueue { cursor depth review { id agent { name } } } }';
    const measure = async (subscribers: number): Promise<number> => {
      const streams = Array.from({ length: subscribers }, () => live.subscribe(query));
      await listening(subscribers);
      const review = await (await agent.task({ status: 'ESCALATED' })).review();
      await tenant.event({ topic: 'review', subjectId: review.id, agentId: agent.id });
      const before = gateway.database.statements();
      await publish();
      await Promise.all(streams.map((stream) => stream.received(1)));
      const statements = gateway.database.statements() - before;
      for (const stream of streams) stream.stop();
      await waitFor(() => gateway.gateway.subscribers() === 0);
      return statements;
    };
    await measure(1);
    const few = await measure(2);
    expect(await measure(100)).toBeLessThanOrEqual(few + 6);
  });
});

describe('a token without read:agents', () => {
  it('may not watch either', async () => {
    const narrowed = openLiveClient(gateway.url, await gateway.tokenFor(reviewer, { permissions: ['approve:hitl'] }));
    const stream = narrowed.subscribe('subscription { agents { cursor } }');
    await stream.ended();
    expect(stream.answers).toMatchObject([
      { errors: [{ extensions: { code: 'FORBIDDEN', requires: 'read:agents' } }] },
    ]);
    await narrowed.close();
  });
});
