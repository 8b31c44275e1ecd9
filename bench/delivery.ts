import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { Registry } from 'prom-client';
import WebSocket, { WebSocketServer } from 'ws';
import { recordEvents } from '../domain/outbox.ts';
import type { TaskChange } from '../domain/task/cancel-tasks.ts';
import { TASK_CHANGE_COLUMNS, taskEvent } from '../domain/task/cancel-tasks.ts';
import { issueToken } from '../gateway/authentication.ts';
import { startGateway } from '../gateway/server.ts';
import { openBlockingRedis, openRedis } from '../platform/redis.ts';
import { createBenchCampaign, planPosts } from './campaign.ts';
import { outboxEmpty } from './pipeline/run-ours.ts';
import { startRoles } from './pipeline/swarm-run.ts';
import type { Section } from './report.ts';
import type { BenchServices } from './services.ts';
import { percentile } from './statistics.ts';
import { waitUntil } from './wait-until.ts';
import type { WorldAddress } from './world.ts';
import { createTenant, newPrefix, openWorld } from './world.ts';

const CHANGES = 100;
const EVERY_MS = 50;
const WARM_UP = 10;
const JWT = { secret: 'a secret of the benchmark, 32 characters', issuer: 'bench', audience: 'bench' };
const DOCUMENT = 'subscription { tasks { cursor kind task { id status version } } }';

/** Sends changes at a steady rate; each subscriber tells when change `n` arrived. Milliseconds from commit to receipt. */
async function measure(
  subscribers: number,
  send: (change: number) => Promise<number>,
  received: Map<number, number[]>,
): Promise<number[]> {
  const committedAt: number[] = [];
  for (let change = 0; change < CHANGES + WARM_UP; change += 1) {
    const next = delay(EVERY_MS);
    committedAt.push(await send(change));
    await next;
  }
  const all = () => committedAt.every((_, change) => (received.get(change)?.length ?? 0) >= subscribers);
  await waitUntil(all, 'every change at every subscriber', 30_000);
  return committedAt.flatMap((at, change) =>
    change < WARM_UP ? [] : (received.get(change) ?? []).map((receivedAt) => Math.max(0, receivedAt - at)),
  );
}

const note = (received: Map<number, number[]>, change: number): void => {
  const times = received.get(change) ?? [];
  times.push(performance.now());
  received.set(change, times);
};

/** A task's version counts the changes: 1 is its creation, so change n makes version n + 2. */
async function measureOurs(address: WorldAddress, subscribers: number): Promise<number[]> {
  const world = await openWorld(address);
  const roles = startRoles(world, { worker: false, judge: false, relay: true });
  const subscriber = openBlockingRedis(address.redisUrl, () => {});
  const gateway = await startGateway({
    host: '127.0.0.1',
    port: 0,
    development: false,
    corsOrigins: [],
    jwt: { ...JWT, jwksUrl: null },
    database: world.database,
    redis: world.redis,
    subscriber,
    redisPrefix: address.prefix,
    eventRetentionHours: 24,
    clock: world.resources.clock,
    settings: world.resources.domainSettings,
    logger: world.logger,
    metrics: new Registry(),
    searchMemory: async () => [],
    queueStats: async () => [],
  });
  const clients: { dispose(): void | Promise<void> }[] = [];
  try {
    const context = await createTenant(world);
    await planPosts(context, await createBenchCampaign(context), 1);
    await waitUntil(() => outboxEmpty(world), 'an empty outbox');
    const token = await issueToken({ ...JWT, userId: context.userId, tenantId: context.tenantId, expiresIn: '1h' });
    const received = new Map<number, number[]>();
    for (let number = 0; number < subscribers; number += 1) {
      const client = createClient({
        url: `${gateway.url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${token}` },
        retryAttempts: 0,
      });
      clients.push(client);
      let change = 0;
      client.subscribe(
        { query: DOCUMENT },
        {
          next: () => note(received, change++),
          error: (error) => world.logger.warn({ err: error }),
          complete: () => {},
        },
      );
    }
    await waitUntil(() => gateway.subscribers() >= subscribers, `${subscribers} subscribers`);
    const send = async (): Promise<number> => {
      await context.db.transaction(async (sql) => {
        const changed = await sql.query<TaskChange>(
          `UPDATE "Task" t SET priority = 1 + (priority % 10), version = version + 1 RETURNING ${TASK_CHANGE_COLUMNS}`,
        );
        await recordEvents(
          sql,
          context.tenantId,
          context.traceId,
          changed.map((task) => taskEvent(task)),
        );
      });
      return performance.now();
    };
    return await measure(subscribers, send, received);
  } finally {
    for (const client of clients) await client.dispose();
    await gateway.close();
    subscriber.disconnect();
    await roles.stop();
    await world.close();
  }
}

/** Redis tells a bare `ws` server, which sends one string to all. */
async function measureBound(address: WorldAddress, subscribers: number): Promise<number[]> {
  const [publisher, listener] = [openRedis(address.redisUrl, () => {}), openBlockingRedis(address.redisUrl, () => {})];
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  const received = new Map<number, number[]>();
  await listener.subscribe(address.prefix);
  listener.on('message', (_channel, message) => {
    for (const client of server.clients) client.send(message);
  });
  const { port } = server.address() as { port: number };
  const sockets = await Promise.all(
    Array.from({ length: subscribers }, async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}`);
      socket.on('message', (data) => note(received, Number(String(data).split(' ')[0])));
      await new Promise((resolve) => socket.once('open', resolve));
      return socket;
    }),
  );
  const padding = 'x'.repeat(300);
  const times = await measure(
    subscribers,
    async (change) => {
      const at = performance.now();
      await publisher.publish(address.prefix, `${change} ${padding}`);
      return at;
    },
    received,
  );
  for (const socket of sockets) socket.terminate();
  await new Promise((resolve) => server.close(resolve));
  for (const redis of [publisher, listener]) redis.disconnect();
  return times;
}

/** From the commit of a task's change to its receipt over WebSocket: outbox → relay → Redis → gateway → subscriber. */
export async function benchDelivery(services: BenchServices): Promise<Section[]> {
  const sections: Section[] = [];
  for (const subscribers of [1, 100]) {
    const bound = await measureBound({ ...services, prefix: newPrefix() }, subscribers);
    const ours = await measureOurs({ ...services, prefix: newPrefix() }, subscribers);
    sections.push({
      title: `Commit → subscriber: ${subscribers} WebSocket${subscribers > 1 ? 's' : ''} on \`tasks\`, ${1000 / EVERY_MS} changes/s; bound: Redis publish → ws send`,
      figures: [0.5, 0.95].map((rank) => ({
        name: `p${rank * 100}`,
        unit: 'ms',
        ours: percentile(ours, rank),
        bound: percentile(bound, rank),
      })),
    });
  }
  return sections;
}
