import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Disk } from 'flydrive';
import { FSDriver } from 'flydrive/drivers/fs';
import { PERMISSIONS } from '../domain/access.ts';
import type { DomainContext } from '../domain/context.ts';
import { createPostgresMemoryStore } from '../domain/memory/postgres-memory-store.ts';
import { createShortTermMemory } from '../domain/memory/short-term-memory.ts';
import { readAllowList } from '../mcp/host/allow-list.ts';
import { createMcpHost } from '../mcp/host/mcp-host.ts';
import { createWeaviateServer } from '../mcp/servers/weaviate/server.ts';
import { systemClock } from '../platform/clock.ts';
import { openDatabase, openRelayDatabase, roleUrl } from '../platform/database.ts';
import { newId, newTraceId } from '../platform/ids.ts';
import { createLogger } from '../platform/logger.ts';
import { openRedis } from '../platform/redis.ts';
import { createMediaStore } from '../swarm/media-store.ts';
import { openQueues } from '../swarm/queues.ts';
import type { SwarmResources } from '../swarm/resources.ts';
import { fixedModel } from './fixed-model.ts';

export const SLOTS = 200;

export interface WorldAddress {
  databaseUrl: string;
  redisUrl: string;
  /** Of every Redis key: each run has its own. */
  prefix: string;
  directory: string;
}

/** Pools, queues and the swarm's resources on the benchmark's services: what a main.ts puts together. */
export async function openWorld(address: WorldAddress, { leaseSeconds = 60 } = {}) {
  const { databaseUrl, redisUrl, prefix } = address;
  const logger = createLogger({ level: process.env.LOG_LEVEL ?? 'warn', name: 'bench' });
  const onError = (error: Error) => logger.warn({ err: error });
  const database = openDatabase({ url: roleUrl(databaseUrl, 'chimera_app'), poolSize: 10, onError });
  const relayDatabase = openRelayDatabase({ url: roleUrl(databaseUrl, 'chimera_relay'), poolSize: 4, onError });
  const redis = openRedis(redisUrl, onError);
  const queues = openQueues({ redisUrl, prefix, onError });
  const memory = createPostgresMemoryStore((tenantId, sql, params) => database.tenant(tenantId).query(sql, params));
  const { weaviate } = readAllowList('mcp/servers.json').servers;
  const mcp = await createMcpHost({
    allowList: { servers: weaviate ? { weaviate } : {} },
    inProcess: { weaviate: () => createWeaviateServer({ store: memory }) },
  });
  const resources: SwarmResources = {
    database,
    memory,
    mcp,
    logger,
    model: fixedModel,
    shortTermMemory: createShortTermMemory({ redis, prefix }),
    mediaStore: createMediaStore(
      new Disk(new FSDriver({ location: path.join(address.directory, 'media'), visibility: 'private' })),
      'http://127.0.0.1',
    ),
    clock: systemClock,
    domainSettings: {
      reviewSlaMinutes: 15,
      retryBaseMs: 2_000,
      scheduleGraceSeconds: 900,
      walletEncryptionKey: randomBytes(32),
    },
    settings: {
      workerConcurrency: SLOTS,
      judgeConcurrency: SLOTS,
      leaseSeconds,
      mentionsPollSeconds: 86_400,
      trendsPollSeconds: 86_400,
      newsFeeds: [],
    },
    scheduleLookUp: async () => {},
    memberId: `bench-${process.pid}`,
  };
  return {
    ...address,
    database,
    relayDatabase,
    redis,
    queues,
    logger,
    resources,
    statements: () => database.statements() + relayDatabase.statements(),
    async close() {
      await mcp.close();
      await queues.close();
      redis.disconnect();
      await Promise.all([database.close(), relayDatabase.close()]);
    },
  };
}

export type World = Awaited<ReturnType<typeof openWorld>>;

/** Runs share one Redis and must not meet. */
export const newPrefix = (): string => `bench-${randomBytes(4).toString('hex')}`;

export const SOUL = readFileSync('examples/ethiopian-fashion/SOUL.md', 'utf8');

/** A tenant of its own, and the context in which its administrator acts. */
export async function createTenant(world: World): Promise<DomainContext & { userId: string }> {
  const [tenantId, userId] = [newId(), newId()];
  await world.relayDatabase.query('INSERT INTO "Tenant" (id, name) VALUES ($1, $2)', [tenantId, `bench ${tenantId}`]);
  await world.relayDatabase.query(
    `INSERT INTO "User" (id, "tenantId", email, name, role) VALUES ($1, $2, 'bench@example.com', 'Bench', 'ADMINISTRATOR')`,
    [userId, tenantId],
  );
  return {
    userId,
    tenantId,
    actor: { name: `user:${userId}`, userId, permissions: new Set(PERMISSIONS) },
    db: world.database.tenant(tenantId),
    clock: systemClock,
    traceId: newTraceId(),
    settings: world.resources.domainSettings,
  };
}
