import path from 'node:path';
import { createAgent } from '../domain/agent/create-agent.ts';
import { emergencyStop } from '../domain/agent/emergency-stop.ts';
import type { DomainContext } from '../domain/context.ts';
import { effectCall } from '../domain/effect/effect-call.ts';
import { readAllowList } from '../mcp/host/allow-list.ts';
import { createMcpHost } from '../mcp/host/mcp-host.ts';
import { startSandbox } from '../mcp/sandbox/sandbox.ts';
import { createTwitterServer } from '../mcp/servers/twitter/server.ts';
import { newId } from '../platform/ids.ts';
import { startSwarm } from '../swarm/swarm.ts';
import { startRoles } from './pipeline/swarm-run.ts';
import type { Section } from './report.ts';
import type { BenchServices } from './services.ts';
import { percentile } from './statistics.ts';
import { waitUntil } from './wait-until.ts';
import { createTenant, newPrefix, openWorld, SOUL } from './world.ts';

const STOPS = 10;
const EFFECTS = 400;
/** Posts of the agent that have arrived when it is stopped: the flow is under way. */
const FLOWING = 32;
/** What the platform takes for a request, as one across a network: calls are on their way when the stop comes. */
const PLATFORM_MS = 200;
const REQUESTS = 20;
const GOAL = 'goal: p95 at most 1,000 ms';

interface Post {
  account: string;
  at: string;
}

/** An agent with approved posts that are due now: written as the Judge's approval leaves them, and announced. */
async function approvePosts(context: DomainContext, account: string): Promise<string> {
  const agent = await createAgent(context, {
    name: account,
    soulMarkdown: SOUL.replace(/^name: .*$/m, `name: ${account}`),
    socialHandles: [{ platform: 'TWITTER', username: account }],
    budgetDailyUsd: '1000',
    activate: true,
  });
  const rows = Array.from({ length: EFFECTS }, (_, index) => {
    const id = newId();
    const output = { platform: 'TWITTER', text: `${account}: ${index}`, mediaUrls: [], disclosure: 'AUTOMATED' };
    const task = { tenantId: context.tenantId, id, type: 'POST_CONTENT' as const, account };
    return { taskId: id, effectId: newId(), output, ...effectCall(task, output) };
  });
  await context.db.transaction(async (sql) => {
    const values = [context.tenantId, agent.id, JSON.stringify(rows)];
    const columns = `jsonb_to_recordset($3::jsonb) AS x("taskId" uuid, "effectId" uuid, output jsonb, server text, tool text, payload jsonb, "payloadDigest" text, "idempotencyKey" text)`;
    await sql.query(
      `INSERT INTO "Task" (id, "tenantId", "agentId", type, status, input, output, attempt, "traceId") SELECT x."taskId", $1::uuid, $2::uuid, 'POST_CONTENT', 'APPLYING', '{}', x.output, 1, 'bench' FROM ${columns}`,
      values,
    );
    await sql.query(
      `INSERT INTO "Effect" (id, "tenantId", "agentId", "taskId", server, tool, payload, "payloadDigest", "idempotencyKey", "approvedBy") SELECT x."effectId", $1::uuid, $2::uuid, x."taskId", x.server, x.tool, x.payload, x."payloadDigest", x."idempotencyKey", 'judge' FROM ${columns}`,
      values,
    );
    await sql.query(
      `INSERT INTO "Outbox" ("tenantId", topic, kind, "subjectId", "agentId", version, data, "traceId")
       SELECT $1::uuid, 'effect', 'CREATED', x."effectId", $2::uuid, 1, jsonb_build_object('taskId', x."taskId", 'status', 'PENDING', 'attempt', 0, 'notBefore', NULL), 'bench' FROM ${columns}`,
      values,
    );
  });
  return agent.id;
}

/** One request after the other, each a post: what the sandbox itself takes. */
async function measureSandbox(url: string): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < REQUESTS; index += 1) {
    const startedAt = performance.now();
    const answer = await fetch(`${url}/2/tweets`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer sandbox', 'x-account': 'bound' },
      body: JSON.stringify({ text: `bound ${index}` }),
    });
    await answer.text();
    if (!answer.ok) throw new Error(`the sandbox refused a post: ${answer.status}`);
    times.push(performance.now() - startedAt);
  }
  return times;
}

/** From the answer of emergencyStop, in the middle of a flow of approved posts, to the last post that arrives outside. */
export async function benchEmergencyStop(services: BenchServices): Promise<Section[]> {
  const address = { ...services, prefix: newPrefix() };
  const world = await openWorld(address);
  const sandbox = await startSandbox({
    host: '127.0.0.1',
    port: 0,
    dataDir: path.join(services.directory, address.prefix),
    seed: 1,
  });
  const { twitter } = readAllowList('mcp/servers.json').servers;
  const mcp = await createMcpHost({
    allowList: { servers: twitter ? { twitter } : {} },
    inProcess: {
      twitter: () => createTwitterServer({ apiUrl: sandbox.url, bearerToken: 'sandbox', timeoutMs: 10_000 }),
    },
  });
  const relay = startRoles(world, { worker: false, judge: false, relay: true });
  const executor = startSwarm(['effects'], { ...world.resources, mcp }, address);
  const postsOf = async (account: string): Promise<Post[]> =>
    ((await (await fetch(`${sandbox.url}/posts`)).json()) as Post[]).filter((post) => post.account === account);
  try {
    const slow = { match: { path: '/2/tweets' }, kind: 'slow', delayMs: PLATFORM_MS, times: 1_000_000 };
    await fetch(`${sandbox.url}/control/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(slow),
    });
    const bound = await measureSandbox(sandbox.url);
    const context = await createTenant(world);
    const [lastPost, stopping, afterwards]: [number[], number[], number[]] = [[], [], []];
    for (let stop = 0; stop < STOPS; stop += 1) {
      const account = `stopped_${stop}`;
      const agentId = await approvePosts(context, account);
      await waitUntil(async () => (await postsOf(account)).length >= FLOWING, 'a flow of posts', 60_000);
      const askedAt = performance.now();
      await emergencyStop(context, { agentId, reason: 'bench' });
      const answeredAt = Date.now();
      stopping.push(performance.now() - askedAt);
      const unsettled = `SELECT 1 FROM "Effect" WHERE "agentId" = $1 AND status IN ('PENDING', 'SENT') LIMIT 1`;
      await waitUntil(async () => (await context.db.query(unsettled, [agentId])).length === 0, 'every outcome', 60_000);
      const posts = await postsOf(account);
      if (posts.length >= EFFECTS) throw new Error('the stop came after the last post: nothing was measured');
      const late = posts.map(({ at }) => Date.parse(at) - answeredAt).filter((ms) => ms > 0);
      lastPost.push(Math.max(0, ...late));
      afterwards.push(late.length);
    }
    const row = (name: string, ours: number[], rank: number, note?: string) => ({
      name: `${name}, p${rank * 100}`,
      unit: 'ms',
      ours: percentile(ours, rank),
      bound: percentile(bound, rank),
      note,
    });
    return [
      {
        title: `Emergency stop: ${STOPS} stops of an agent with ${EFFECTS} approved posts under way, ${PLATFORM_MS} ms a request; bound: one request`,
        figures: [
          row('answer → last post outside', lastPost, 0.5),
          row('answer → last post outside', lastPost, 0.95, GOAL),
          row('asked → answered', stopping, 0.95),
          { name: 'posts that were on their way, most', unit: 'posts', ours: Math.max(...afterwards), bound: null },
        ],
      },
    ];
  } finally {
    await executor.stop();
    await relay.stop();
    await mcp.close();
    await sandbox.close();
    await world.close();
  }
}
