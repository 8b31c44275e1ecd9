import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemoryQuery, MemoryScope } from '../../domain/memory/memory-store.ts';
import type { TestGateway } from '../support/gateway.ts';
import { startTestGateway } from '../support/gateway.ts';
import type { Seeded, SeededAgent, SeededTenant } from '../support/seed.ts';

const DAY_MS = 86_400_000;
/** The gateway's clock stands still at noon: figures "of today" and series do not depend on when the test runs. */
const noon = new Date(new Date().setUTCHours(12, 0, 0, 0));
const today = noon.toISOString().slice(0, 10);
const searches: { scope: MemoryScope; query: MemoryQuery }[] = [];

let gateway: TestGateway;
let tenant: SeededTenant;
let user: Seeded & { tenantId: string };
let token: string;
let other: { token: string; agent: SeededAgent };

beforeAll(async () => {
  gateway = await startTestGateway({
    clock: { now: () => noon },
    searchMemory: async (scope, query) => {
      searches.push({ scope, query });
      return [
        {
          id: 'm1',
          collection: 'AgentMemory',
          type: 'episode',
          content: 'Fog in May.',
          metadata: {},
          importance: 0.5,
          createdAt: new Date(0),
          score: 0.9,
        },
      ];
    },
    queueStats: async () => [{ name: 'task', waiting: 3, active: 1, delayed: 0, failed: 2, completedPerMinute: 12.5 }],
  });
  tenant = await gateway.seed.tenant({ name: 'Acme' });
  user = await tenant.user('ADMINISTRATOR', { email: 'ada@acme.example', name: 'Ada' });
  token = await gateway.tokenFor(user);
  const stranger = await gateway.seed.tenant();
  other = { token: await gateway.tokenFor(await stranger.user('ADMINISTRATOR')), agent: await stranger.agent() };
});
afterAll(() => gateway.close());

const ask = (query: string, variables: Record<string, unknown> = {}) => gateway.query(token, query, variables);

describe('viewer', () => {
  it('is the user of the token, with the permissions of its role and its tenant', async () => {
    const answer = await ask(
      '{ viewer { __typename user { email name role lastSeenAt } permissions tenant { name subscriptionTier thresholds { approve escalate } } } }',
    );
    expect(answer.data).toMatchInlineSnapshot(`
      {
        "viewer": {
          "__typename": "Viewer",
          "permissions": [
            "read:agents",
            "approve:hitl",
            "write:campaigns",
            "write:agents",
            "admin:*",
          ],
          "tenant": {
            "name": "Acme",
            "subscriptionTier": "free",
            "thresholds": {
              "approve": 0.9,
              "escalate": 0.7,
            },
          },
          "user": {
            "email": "ada@acme.example",
            "lastSeenAt": null,
            "name": "Ada",
            "role": "ADMINISTRATOR",
          },
        },
      }
    `);
  });
});

describe('an agent', () => {
  it('shows its persona, handles, wallet and the figures of today', async () => {
    const agent = await tenant.agent({ name: 'Figures' });
    await agent.handle('TWITTER', 'figures');
    await tenant.account(agent.id, today, 1_234_567);
    await tenant.account(agent.id, '1970-01-01', 9_000_000);
    await agent.transaction();
    await agent.transaction({ direction: 'OUTBOUND', amountBaseUnits: '500000' });
    await agent.transaction({ status: 'PENDING', confirmedAt: null, hash: null });
    const task = await agent.task({ status: 'COMPLETE' });
    await task.post({ likes: 3, comments: 1, publishedAt: noon });
    await (await agent.task({ status: 'COMPLETE' })).post({ publishedAt: new Date(noon.getTime() - 2 * DAY_MS) });
    await (await agent.task({ status: 'ESCALATED' })).review();
    await agent.mention({ suspicious: true });

    const answer = await ask(
      `query ($id: ID!) { agent(id: $id) {
        __typename name bio persona { voiceTraits coreBeliefs directives backstory soulMarkdown } socialHandles { platform username }
        walletBalanceUsdc status budgetDailyUsd spentTodayUsd postsToday confidenceAvg24h hitlQueueDepth lastSeenAt version
        posts { totalCount nodes { platform text likes disclosure url agent { name } task { status } } }
        transactions(first: 1) { totalCount nodes { direction status amountBaseUnits amountUsd blockNumber gasCostWei } }
        mentions { nodes { author text suspicious task { id } } }
      } }`,
      { id: agent.globalId },
    );
    expect(answer.data).toMatchInlineSnapshot(`
      {
        "agent": {
          "__typename": "Agent",
          "bio": "Harbour light.",
          "budgetDailyUsd": "25.00",
          "confidenceAvg24h": 0.8,
          "hitlQueueDepth": 1,
          "lastSeenAt": null,
          "mentions": {
            "nodes": [
              {
                "author": "reader",
                "suspicious": true,
                "task": null,
                "text": "Where was this?",
              },
            ],
          },
          "name": "Figures",
          "persona": {
            "backstory": "Grew up by the sea.",
            "coreBeliefs": [
              "Look twice.",
            ],
            "directives": [],
            "soulMarkdown": "# Mira",
            "voiceTraits": [
              "warm",
            ],
          },
          "posts": {
            "nodes": [
              {
                "agent": {
                  "name": "Figures",
                },
                "disclosure": "AUTOMATED",
                "likes": 3,
                "platform": "TWITTER",
                "task": {
                  "status": "COMPLETE",
                },
                "text": "Morning fog over the harbour.",
                "url": "https://example.com/1",
              },
              {
                "agent": {
                  "name": "Figures",
                },
                "disclosure": "AUTOMATED",
                "likes": 0,
                "platform": "TWITTER",
                "task": {
                  "status": "COMPLETE",
                },
                "text": "Morning fog over the harbour.",
                "url": "https://example.com/1",
              },
            ],
            "totalCount": 2,
          },
          "postsToday": 1,
          "socialHandles": [
            {
              "platform": "TWITTER",
              "username": "figures",
            },
          ],
          "spentTodayUsd": "1.234567",
          "status": "ACTIVE",
          "transactions": {
            "nodes": [
              {
                "amountBaseUnits": "2500000",
                "amountUsd": "2.50",
                "blockNumber": null,
                "direction": "INBOUND",
                "gasCostWei": null,
                "status": "PENDING",
              },
            ],
            "totalCount": 3,
          },
          "version": 1,
          "walletBalanceUsdc": "2",
        },
      }
    `);
  });

  it('has metrics over a period: rates, money and series', async () => {
    const agent = await tenant.agent();
    await agent.spend(30_000, { settledAt: noon });
    await agent.spend(10_000, { category: 'MEDIA', model: null, settledAt: noon });
    await agent.spend(990_000, {
      settledAt: new Date(noon.getTime() - 3 * DAY_MS),
      day: new Date(noon.getTime() - 3 * DAY_MS),
    });
    await agent.transaction({ amountMicroUsd: 80_000 });
    const done = await agent.task({ status: 'COMPLETE' });
    await done.result({ verdict: 'APPROVED', judgedAt: noon });
    await done.post({ likes: 4, publishedAt: noon });
    const reviewed = await agent.task({ status: 'COMPLETE', approvedByUserId: user.id });
    await reviewed.result({ verdict: 'ESCALATED', confidence: 0.6, judgedAt: noon });
    await agent.task({ status: 'FAILED' });

    const answer = await ask(
      `query ($id: ID!) { agent(id: $id) {
        day: metrics(period: LAST_24_HOURS) { postsCreated engagementRate followersGained spendUsd revenueUsd roi autonomyRate successRate escalationRate costPerPostUsd spendBy { category model amountUsd } confidence { value } spend { value } }
        week: metrics { spendUsd spend { at value } }
      } }`,
      { id: agent.globalId },
    );
    const { week, ...day } = answer.data.agent;
    expect(week.spendUsd).toBe('1.03');
    expect(week.spend.map((point: { value: number }) => point.value)).toEqual([0.99, 0.04]);
    expect(week.spend[0].at).toMatch(/T00:00:00\.000Z$/);
    expect(day).toMatchInlineSnapshot(`
      {
        "day": {
          "autonomyRate": 0.5,
          "confidence": [
            {
              "value": 0.7,
            },
          ],
          "costPerPostUsd": "0.04",
          "engagementRate": 4,
          "escalationRate": 0.5,
          "followersGained": null,
          "postsCreated": 1,
          "revenueUsd": "0.08",
          "roi": 1,
          "spend": [
            {
              "value": 0.04,
            },
          ],
          "spendBy": [
            {
              "amountUsd": "0.03",
              "category": "MODEL",
              "model": "offline",
            },
            {
              "amountUsd": "0.01",
              "category": "MEDIA",
              "model": null,
            },
          ],
          "spendUsd": "0.04",
          "successRate": 0.6666666666666666,
        },
      }
    `);
  });

  it('answers metrics with nulls where nothing happened yet', async () => {
    const agent = await tenant.agent();
    const answer = await ask(
      'query ($id: ID!) { agent(id: $id) { metrics { postsCreated roi autonomyRate successRate escalationRate engagementRate costPerPostUsd spendUsd spend { value } } } }',
      { id: agent.globalId },
    );
    expect(answer.data.agent.metrics).toEqual({
      postsCreated: 0,
      roi: null,
      autonomyRate: null,
      successRate: null,
      escalationRate: null,
      engagementRate: null,
      costPerPostUsd: null,
      spendUsd: '0.00',
      spend: [],
    });
  });

  it('remembers: memories are searched for this tenant and agent, at most 50', async () => {
    const agent = await tenant.agent();
    const answer = await ask(
      'query ($id: ID!) { agent(id: $id) { memories(query: "fog", limit: 500, from: "2026-01-01T00:00:00Z") { id content type importance relevance at } } }',
      { id: agent.globalId },
    );
    expect(answer.data.agent.memories).toEqual([
      {
        id: 'm1',
        content: 'Fog in May.',
        type: 'episode',
        importance: 0.5,
        relevance: 0.9,
        at: '1970-01-01T00:00:00.000Z',
      },
    ]);
    expect(searches.at(-1)).toEqual({
      scope: { tenantId: tenant.id, agentId: agent.id },
      query: { query: 'fog', limit: 50, from: new Date('2026-01-01T00:00:00Z'), to: undefined },
    });
  });

  it('refuses a search for nothing', async () => {
    const agent = await tenant.agent();
    const answer = await ask('query ($id: ID!) { agent(id: $id) { memories(query: " ") { id } } }', {
      id: agent.globalId,
    });
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'VALIDATION', fields: [{ path: ['query'] }] });
  });
});

describe('a campaign', () => {
  it('shows its agents, progress, spending and newest plan with the graph of its tasks', async () => {
    const [mira, noor] = [await tenant.agent({ name: 'Mira' }), await tenant.agent({ name: 'Noor' })];
    const campaign = await tenant.campaign([mira, noor], { budgetTotalMicroUsd: 50_000_000 });
    await tenant.account(campaign.id, '1970-01-01', 2_000_000);
    await campaign.plan(1);
    const plan = await campaign.plan(2, { reason: 'HUMAN', note: 'Less fog.' });
    const write = await mira.task({ campaignId: campaign.id, planId: plan.id, status: 'COMPLETE' });
    const post = await mira.task({
      campaignId: campaign.id,
      planId: plan.id,
      type: 'POST_CONTENT',
      status: 'PENDING',
      openDependencies: 1,
    });
    await post.dependsOn(write.id);
    for (const status of ['IN_PROGRESS', 'ESCALATED', 'FAILED', 'CANCELLED'] as const)
      await noor.task({ campaignId: campaign.id, status });

    const answer = await ask(
      `query ($id: ID!) { campaign(id: $id) {
        __typename name goals agents { name } priority status budgetDailyUsd budgetTotalUsd spentUsd estimatedPosts progress { total complete inFlight escalated failed }
        plan { revision reason note model costUsd tasks { type status dependsOn { type } } }
        plans { totalCount nodes { revision } }
        tasks(filter: { status: [FAILED] }) { totalCount nodes { status error { code message } agent { name } campaign { name } } }
        stateVersion version
      } }`,
      { id: campaign.globalId },
    );
    expect(answer.data).toMatchInlineSnapshot(`
      {
        "campaign": {
          "__typename": "Campaign",
          "agents": [
            {
              "name": "Mira",
            },
            {
              "name": "Noor",
            },
          ],
          "budgetDailyUsd": null,
          "budgetTotalUsd": "50.00",
          "estimatedPosts": 3,
          "goals": "3 posts about fog",
          "name": "Fog week",
          "plan": {
            "costUsd": "0.004",
            "model": "offline",
            "note": "Less fog.",
            "reason": "HUMAN",
            "revision": 2,
            "tasks": [
              {
                "dependsOn": [],
                "status": "COMPLETE",
                "type": "GENERATE_POST",
              },
              {
                "dependsOn": [
                  {
                    "type": "GENERATE_POST",
                  },
                ],
                "status": "PENDING",
                "type": "POST_CONTENT",
              },
            ],
          },
          "plans": {
            "nodes": [
              {
                "revision": 2,
              },
              {
                "revision": 1,
              },
            ],
            "totalCount": 2,
          },
          "priority": "MEDIUM",
          "progress": {
            "complete": 1,
            "escalated": 1,
            "failed": 1,
            "inFlight": 1,
            "total": 5,
          },
          "spentUsd": "2.00",
          "stateVersion": 1,
          "status": "ACTIVE",
          "tasks": {
            "nodes": [
              {
                "agent": {
                  "name": "Noor",
                },
                "campaign": {
                  "name": "Fog week",
                },
                "error": {
                  "code": "WORKER_TIMEOUT",
                  "message": "No answer.",
                },
                "status": "FAILED",
              },
            ],
            "totalCount": 1,
          },
          "version": 1,
        },
      }
    `);
  });
});

describe('a task', () => {
  it('shows its input, attempts with tool calls and judgement, and its review', async () => {
    const agent = await tenant.agent();
    const task = await agent.task({
      status: 'ESCALATED',
      errorCode: 'SOMETHING_OLD',
      errorMessage: 'old',
      errorAt: new Date(),
    });
    await task.result({ attempt: 2, verdict: null, output: null });
    await task.review();
    const answer = await ask(
      `query ($id: ID!) { task(id: $id) {
        __typename type status priority input attempt maxAttempts timeoutSeconds error { code message }
        result { attempt output confidence { score } verdict }
        results { attempt output confidence { score raw } verdict checks { name score passed flags detail } reasoning toolCalls { server tool durationMs ok error } model tokens costUsd executionMs workerId }
        review { status risk }
      } }`,
      { id: task.globalId },
    );
    expect(answer.data).toMatchInlineSnapshot(`
      {
        "task": {
          "__typename": "Task",
          "attempt": 1,
          "error": {
            "code": "INTERNAL",
            "message": "old",
          },
          "input": {
            "platform": "TWITTER",
            "topic": "fog",
          },
          "maxAttempts": 3,
          "priority": 5,
          "result": {
            "attempt": 2,
            "confidence": null,
            "output": null,
            "verdict": null,
          },
          "results": [
            {
              "attempt": 2,
              "checks": [
                {
                  "detail": "A little stiff.",
                  "flags": [
                    "VOICE_MISMATCH",
                  ],
                  "name": "PERSONA",
                  "passed": true,
                  "score": 0.8,
                },
              ],
              "confidence": null,
              "costUsd": "0.0012",
              "executionMs": 80,
              "model": "offline",
              "output": null,
              "reasoning": "Fog is calm.",
              "tokens": 420,
              "toolCalls": [
                {
                  "durationMs": 12,
                  "error": null,
                  "ok": true,
                  "server": "news",
                  "tool": "get_trending_topics",
                },
              ],
              "verdict": null,
              "workerId": "worker-1",
            },
            {
              "attempt": 1,
              "checks": [
                {
                  "detail": "A little stiff.",
                  "flags": [
                    "VOICE_MISMATCH",
                  ],
                  "name": "PERSONA",
                  "passed": true,
                  "score": 0.8,
                },
              ],
              "confidence": {
                "raw": 0.8,
                "score": 0.8,
              },
              "costUsd": "0.0012",
              "executionMs": 80,
              "model": "offline",
              "output": {
                "estimatedEngagement": 0.4,
                "hashtags": [
                  "#harbour",
                ],
                "text": "Morning fog over the harbour.",
              },
              "reasoning": "Fog is calm.",
              "tokens": 420,
              "toolCalls": [
                {
                  "durationMs": 12,
                  "error": null,
                  "ok": true,
                  "server": "news",
                  "tool": "get_trending_topics",
                },
              ],
              "verdict": "ESCALATED",
              "workerId": "worker-1",
            },
          ],
          "review": {
            "risk": "MEDIUM",
            "status": "PENDING",
          },
          "status": "ESCALATED",
          "timeoutSeconds": 300,
          "type": "GENERATE_POST",
        },
      }
    `);
  });
});

describe('lists', () => {
  it('are filtered by status, owner and text', async () => {
    const agent = await tenant.agent({ name: '100% Zelda_x', status: 'PAUSED', niche: 'chess' });
    const campaign = await tenant.campaign([agent], { name: 'Zebra', status: 'DRAFT' });
    await agent.task({ campaignId: campaign.id, type: 'ANALYZE_TREND', status: 'FAILED' });
    const answer = await ask(
      `query ($agent: ID!, $campaign: ID!, $foreign: ID!) {
        byText: agents(filter: { search: "100% zelda_" }) { nodes { name } }
        byNiche: agents(filter: { search: "CHESS", status: [PAUSED] }) { nodes { name } }
        wildcard: agents(filter: { search: "100%x" }) { nodes { name } }
        campaigns(filter: { agentId: $agent, status: [DRAFT], search: "zeb" }) { totalCount nodes { name } }
        tasks(filter: { agentId: $agent, campaignId: $campaign, type: [ANALYZE_TREND], status: [FAILED] }) { totalCount }
        none: tasks(filter: { agentId: $foreign }) { totalCount nodes { id } }
        garbage: tasks(filter: { agentId: "no id" }) { totalCount nodes { id } }
        wrongType: tasks(filter: { agentId: $campaign }) { totalCount }
      }`,
      { agent: agent.globalId, campaign: campaign.globalId, foreign: other.agent.globalId },
    );
    expect(answer.data).toMatchInlineSnapshot(`
      {
        "byNiche": {
          "nodes": [
            {
              "name": "100% Zelda_x",
            },
          ],
        },
        "byText": {
          "nodes": [
            {
              "name": "100% Zelda_x",
            },
          ],
        },
        "campaigns": {
          "nodes": [
            {
              "name": "Zebra",
            },
          ],
          "totalCount": 1,
        },
        "garbage": {
          "nodes": [],
          "totalCount": 0,
        },
        "none": {
          "nodes": [],
          "totalCount": 0,
        },
        "tasks": {
          "totalCount": 1,
        },
        "wildcard": {
          "nodes": [],
        },
        "wrongType": {
          "totalCount": 0,
        },
      }
    `);
  });

  it('are paged newest first, forwards and backwards, and stay right while rows come and go', async () => {
    const agent = await tenant.agent();
    const tasks = [];
    for (let index = 0; index < 7; index++)
      tasks.push(
        await agent.task({
          priority: index + 1,
          createdAt: new Date(Date.UTC(2026, 0, 1, 0, 0, Math.floor(index / 2))),
        }),
      );
    const page = (args: string) =>
      `query ($id: ID!) { agent(id: $id) { tasks(${args}) { edges { cursor node { priority } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } } }`;
    const read = async (args: string) => (await ask(page(args), { id: agent.globalId })).data.agent.tasks;
    const priorities = (connection: { edges: { node: { priority: number } }[] }) =>
      connection.edges.map((edge) => edge.node.priority);

    const first = await read('first: 3');
    expect(priorities(first)).toEqual([7, 6, 5]);
    expect(first).toMatchObject({ totalCount: 7, pageInfo: { hasNextPage: true, hasPreviousPage: false } });

    await agent.task({ priority: 10 });
    await gateway.seed.sql('DELETE FROM "Task" WHERE id = $1', [tasks[4]?.id]);
    const second = await read(`first: 3, after: "${first.pageInfo.endCursor}"`);
    expect(priorities(second)).toEqual([4, 3, 2]);
    expect(second.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    expect(second.edges[2].cursor).toBe(second.pageInfo.endCursor);

    const third = await read(`first: 3, after: "${second.pageInfo.endCursor}"`);
    expect(priorities(third)).toEqual([1]);
    expect(third.pageInfo.hasNextPage).toBe(false);

    const back = await read(`last: 2, before: "${third.pageInfo.startCursor}"`);
    expect(priorities(back)).toEqual([3, 2]);
    expect(back.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: true });
    expect(priorities(await read('last: 2'))).toEqual([2, 1]);
  });

  it('give at most 100 a page, 20 where nothing is said, none for 0', async () => {
    const agent = await tenant.agent();
    await gateway.seed.sql(
      `INSERT INTO "Task" (id, "tenantId", "agentId", type, status, input, "traceId") SELECT gen_random_uuid(), $1, $2, 'GENERATE_POST', 'QUEUED', '{}', 't' FROM generate_series(1, 120)`,
      [tenant.id, agent.id],
    );
    const answer = await ask(
      'query ($id: ID!) { agent(id: $id) { most: tasks(first: 1000) { nodes { id } } some: tasks { nodes { id } } none: tasks(first: 0) { nodes { id } pageInfo { hasNextPage } } } }',
      { id: agent.globalId },
    );
    const { most, some, none } = answer.data.agent;
    expect([most.nodes.length, some.nodes.length, none.nodes.length]).toEqual([100, 20, 0]);
  });

  it.each([
    ['a cursor of nothing', 'after: "nonsense"'],
    ['a cursor of another kind of list', `after: "${Buffer.from(JSON.stringify([1, 2, 'x'])).toString('base64url')}"`],
    ['a negative page', 'first: -1'],
    ['two directions', 'first: 1, last: 1'],
  ])('refuse %s with VALIDATION', async (_what, args) => {
    const answer = await ask(`{ agents(${args}) { nodes { id } } }`);
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'VALIDATION', retryable: false });
  });

  it('count only when asked', async () => {
    const statements = async (query: string): Promise<number> => {
      const before = gateway.database.statements();
      await ask(query);
      return gateway.database.statements() - before;
    };
    // Twice: the first may open a connection or read the viewer's role anew.
    const fewest = async (query: string) => Math.min(await statements(query), await statements(query));
    expect(await fewest('{ agents(first: 1) { nodes { id } } }')).toBe(2);
    expect(await fewest('{ agents(first: 1) { totalCount } }')).toBe(1);
    expect(await fewest('{ agents(first: 1) { totalCount nodes { id } } }')).toBe(3);
  });
});

describe('reviewQueue', () => {
  it('lists what waits, highest risk first, then oldest; with what a decision needs', async () => {
    const own = await gateway.seed.tenant();
    const reviewer = await own.user('CONTENT_REVIEWER', { name: 'Rae' });
    const ownToken = await gateway.tokenFor(reviewer);
    const agent = await own.agent();
    const reviewWith = async (text: string, columns: object = {}) =>
      (await agent.task({ status: 'ESCALATED' })).review({ content: { text, hashtags: [] }, ...columns });
    const decided = { status: 'REJECTED', decidedById: reviewer.id, decidedAt: new Date(), feedback: 'Too loud.' };
    await reviewWith('Quiet harbour at dawn today.', decided);
    await reviewWith('Buy three lamps now.', decided);
    await reviewWith('A low one.', {
      risk: 'LOW',
      dueAt: new Date(noon.getTime() + DAY_MS),
      createdAt: new Date(Date.now() - DAY_MS),
    });
    await reviewWith('A high one.', {
      risk: 'HIGH',
      reasons: ['POLITICS'],
      confidence: 0.71,
      assignedToId: reviewer.id,
      assignedAt: new Date(),
      dueAt: new Date(noon.getTime() + DAY_MS),
    });
    await reviewWith('Quiet harbour at dawn.', {
      dueAt: new Date(noon.getTime() - 60_000),
      createdAt: new Date(Date.now() - 3_600_000),
    });
    await reviewWith('A middle one.', { dueAt: new Date(noon.getTime() + DAY_MS) });

    const answer = await gateway.query(
      ownToken,
      `{
      reviewQueue { totalCount nodes { content risk overdue assignedTo { name } similar(limit: 1) { content status feedback } confidence { score } checks { name } reasons mediaUrls taskType } }
      mine: reviewQueue(filter: { mine: true }) { nodes { content } }
      overdue: reviewQueue(filter: { overdue: true }) { nodes { content } }
      reason: reviewQueue(filter: { reason: "POLITICS", confidenceBelow: 0.75, risk: [HIGH], taskType: [GENERATE_POST] }) { nodes { content } }
      decided: reviewQueue(filter: { status: [REJECTED] }) { totalCount nodes { decidedBy { name } } }
    }`,
    );
    expect(answer.data).toMatchInlineSnapshot(`
      {
        "decided": {
          "nodes": [
            {
              "decidedBy": {
                "name": "Rae",
              },
            },
            {
              "decidedBy": {
                "name": "Rae",
              },
            },
          ],
          "totalCount": 2,
        },
        "mine": {
          "nodes": [
            {
              "content": {
                "hashtags": [],
                "text": "A high one.",
              },
            },
          ],
        },
        "overdue": {
          "nodes": [
            {
              "content": {
                "hashtags": [],
                "text": "Quiet harbour at dawn.",
              },
            },
          ],
        },
        "reason": {
          "nodes": [
            {
              "content": {
                "hashtags": [],
                "text": "A high one.",
              },
            },
          ],
        },
        "reviewQueue": {
          "nodes": [
            {
              "assignedTo": {
                "name": "Rae",
              },
              "checks": [
                {
                  "name": "SAFETY",
                },
              ],
              "confidence": {
                "score": 0.71,
              },
              "content": {
                "hashtags": [],
                "text": "A high one.",
              },
              "mediaUrls": [],
              "overdue": false,
              "reasons": [
                "POLITICS",
              ],
              "risk": "HIGH",
              "similar": [
                {
                  "content": {
                    "hashtags": [],
                    "text": "Quiet harbour at dawn today.",
                  },
                  "feedback": "Too loud.",
                  "status": "REJECTED",
                },
              ],
              "taskType": "GENERATE_POST",
            },
            {
              "assignedTo": null,
              "checks": [
                {
                  "name": "SAFETY",
                },
              ],
              "confidence": {
                "score": 0.8,
              },
              "content": {
                "hashtags": [],
                "text": "Quiet harbour at dawn.",
              },
              "mediaUrls": [],
              "overdue": true,
              "reasons": [
                "CONFIDENCE",
              ],
              "risk": "MEDIUM",
              "similar": [
                {
                  "content": {
                    "hashtags": [],
                    "text": "Quiet harbour at dawn today.",
                  },
                  "feedback": "Too loud.",
                  "status": "REJECTED",
                },
              ],
              "taskType": "GENERATE_POST",
            },
            {
              "assignedTo": null,
              "checks": [
                {
                  "name": "SAFETY",
                },
              ],
              "confidence": {
                "score": 0.8,
              },
              "content": {
                "hashtags": [],
                "text": "A middle one.",
              },
              "mediaUrls": [],
              "overdue": false,
              "reasons": [
                "CONFIDENCE",
              ],
              "risk": "MEDIUM",
              "similar": [
                {
                  "content": {
                    "hashtags": [],
                    "text": "Quiet harbour at dawn today.",
                  },
                  "feedback": "Too loud.",
                  "status": "REJECTED",
                },
              ],
              "taskType": "GENERATE_POST",
            },
            {
              "assignedTo": null,
              "checks": [
                {
                  "name": "SAFETY",
                },
              ],
              "confidence": {
                "score": 0.8,
              },
              "content": {
                "hashtags": [],
                "text": "A low one.",
              },
              "mediaUrls": [],
              "overdue": false,
              "reasons": [
                "CONFIDENCE",
              ],
              "risk": "LOW",
              "similar": [
                {
                  "content": {
                    "hashtags": [],
                    "text": "Quiet harbour at dawn today.",
                  },
                  "feedback": "Too loud.",
                  "status": "REJECTED",
                },
              ],
              "taskType": "GENERATE_POST",
            },
          ],
          "totalCount": 4,
        },
      }
    `);
    const page = await gateway.query(ownToken, '{ reviewQueue(first: 2) { pageInfo { endCursor } } }');
    const rest = await gateway.query(
      ownToken,
      'query ($after: String) { reviewQueue(after: $after) { nodes { content } } }',
      { after: page.data.reviewQueue.pageInfo.endCursor },
    );
    expect(rest.data.reviewQueue.nodes.map((node: { content: { text: string } }) => node.content.text)).toEqual([
      'A middle one.',
      'A low one.',
    ]);
  });
});

describe('reviewQueue with overdue reviews', () => {
  it('lists them first, among themselves by risk and age, on every page', async () => {
    const own = await gateway.seed.tenant();
    const ownToken = await gateway.tokenFor(await own.user('CONTENT_REVIEWER'));
    const agent = await own.agent();
    const reviewWith = async (text: string, columns: object) =>
      (await agent.task({ status: 'ESCALATED' })).review({ content: { text }, ...columns });
    await reviewWith('overdue, low', { risk: 'LOW', overdueOrder: 0 });
    await reviewWith('new, high', { risk: 'HIGH' });
    await reviewWith('overdue, high', { risk: 'HIGH', overdueOrder: 0 });
    await reviewWith('new, low', { risk: 'LOW' });
    const listed: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const page = await gateway.query(
        ownToken,
        'query ($after: String) { reviewQueue(first: 1, after: $after) { nodes { content } pageInfo { endCursor hasNextPage } } }',
        { after },
      );
      const { nodes, pageInfo } = page.data.reviewQueue;
      listed.push(nodes[0].content.text);
      [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
    }
    expect(listed).toEqual(['overdue, high', 'overdue, low', 'new, high', 'new, low']);
  });
});

describe('node and nodes', () => {
  it('find any type by its id, in the order asked, null for what is not there', async () => {
    const agent = await tenant.agent({ name: 'Nodia' });
    const campaign = await tenant.campaign([agent], { name: 'Nodal' });
    const task = await agent.task({ status: 'ESCALATED' });
    const review = await task.review();
    const ids = [
      review.globalId,
      'garbage',
      agent.globalId,
      other.agent.globalId,
      campaign.globalId,
      user.globalId,
      tenant.globalId,
      task.globalId,
      agent.globalId,
      Buffer.from('Agent:1').toString('base64'),
    ];
    const answer = await ask(
      `query ($ids: [ID!]!, $id: ID!) {
        nodes(ids: $ids) { __typename id ... on Agent { name campaigns { nodes { name } } } ... on Campaign { name } ... on User { role } ... on Review { agent { name } } }
        node(id: $id) { __typename ... on Agent { name } }
        missing: node(id: "!") { id }
      }`,
      { ids, id: agent.globalId },
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data.nodes.map((node: { __typename: string } | null) => node?.__typename ?? null)).toEqual([
      'Review',
      null,
      'Agent',
      null,
      'Campaign',
      'User',
      'Tenant',
      'Task',
      'Agent',
      null,
    ]);
    expect(answer.data.nodes[2]).toEqual({
      __typename: 'Agent',
      id: agent.globalId,
      name: 'Nodia',
      campaigns: { nodes: [{ name: 'Nodal' }] },
    });
    expect(answer.data.node).toEqual({ __typename: 'Agent', name: 'Nodia' });
    expect(answer.data.missing).toBeNull();
  });

  it('take at most 100 ids', async () => {
    const answer = await ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      ids: Array.from({ length: 101 }, () => 'x'),
    });
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'VALIDATION' });
  });
});

describe('queues', () => {
  it('are what the queue service reports', async () => {
    const answer = await ask('{ queues { name waiting active delayed failed completedPerMinute } }');
    expect(answer.data.queues).toEqual([
      { name: 'task', waiting: 3, active: 1, delayed: 0, failed: 2, completedPerMinute: 12.5 },
    ]);
  });
});

describe('another tenant', () => {
  it('sees none of it: by id, by list or by node', async () => {
    const agent = await tenant.agent();
    const campaign = await tenant.campaign([agent]);
    const task = await agent.task({ campaignId: campaign.id, status: 'ESCALATED' });
    const review = await task.review();
    const answer = await gateway.query(
      other.token,
      `query ($agent: ID!, $campaign: ID!, $task: ID!, $review: ID!) {
        agent(id: $agent) { id } campaign(id: $campaign) { id } task(id: $task) { id } review(id: $review) { id } node(id: $agent) { id }
        agents { totalCount } campaigns { totalCount } tasks(filter: { agentId: $agent }) { totalCount } reviewQueue { totalCount }
      }`,
      { agent: agent.globalId, campaign: campaign.globalId, task: task.globalId, review: review.globalId },
    );
    expect(answer.data).toEqual({
      agent: null,
      campaign: null,
      task: null,
      review: null,
      node: null,
      agents: { totalCount: 1 },
      campaigns: { totalCount: 0 },
      tasks: { totalCount: 0 },
      reviewQueue: { totalCount: 0 },
    });
  });
});

describe('a token without read:agents', () => {
  it('gets FORBIDDEN with the permission it lacks', async () => {
    const narrowed = await gateway.tokenFor(user, { permissions: ['approve:hitl'] });
    const answer = await gateway.query(narrowed, '{ agents { nodes { id } } }');
    expect(answer).toMatchObject({
      data: null,
      errors: [{ extensions: { code: 'FORBIDDEN', requires: 'read:agents', retryable: false } }],
    });
  });
});
