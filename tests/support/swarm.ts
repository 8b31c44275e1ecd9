import { randomBytes } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Disk } from 'flydrive';
import { FSDriver } from 'flydrive/drivers/fs';
import { PERMISSIONS } from '../../domain/access.ts';
import type { DomainContext } from '../../domain/context.ts';
import type { PositionedEvent } from '../../domain/events.ts';
import { createPostgresMemoryStore } from '../../domain/memory/postgres-memory-store.ts';
import { createShortTermMemory } from '../../domain/memory/short-term-memory.ts';
import { readAllowList } from '../../mcp/host/allow-list.ts';
import { createMcpHost } from '../../mcp/host/mcp-host.ts';
import { startSandbox } from '../../mcp/sandbox/sandbox.ts';
import { createIdeogramServer } from '../../mcp/servers/ideogram/server.ts';
import { createNewsServer } from '../../mcp/servers/news/server.ts';
import { createTwitterServer } from '../../mcp/servers/twitter/server.ts';
import { createWeaviateServer } from '../../mcp/servers/weaviate/server.ts';
import { systemClock } from '../../platform/clock.ts';
import { openDatabase, openRelayDatabase } from '../../platform/database.ts';
import { newId, newTraceId } from '../../platform/ids.ts';
import { createLogger } from '../../platform/logger.ts';
import { openRedis } from '../../platform/redis.ts';
import { createMediaStore } from '../../swarm/media-store.ts';
import { createLanguageModel } from '../../swarm/models/create-language-model.ts';
import type { LanguageModel } from '../../swarm/models/language-model.ts';
import { openQueues } from '../../swarm/queues.ts';
import { startRelay } from '../../swarm/relay/relay.ts';
import type { SwarmResources } from '../../swarm/resources.ts';
import { startSwarm } from '../../swarm/swarm.ts';
import { createTestDatabase } from './database.ts';
import { createTestRedis } from './redis.ts';

export interface TestSwarmOptions {
  model?: LanguageModel;
  feeds?: string[];
  settings?: Partial<SwarmResources['settings']>;
  domainSettings?: Partial<SwarmResources['domainSettings']>;
  reconcileSeconds?: number;
  /** Where the swarm finds the run's Redis: a proxy in front of it. */
  redisUrl?: string;
}

export interface SandboxPost {
  platform: string;
  externalId: string;
  text: string;
  mediaUrls: string[];
  idempotencyKey: string;
  account: string;
  inReplyTo: string | null;
  /** When the platform took it, ISO 8601. */
  at: string;
}

/** The whole swarm (all roles, relay, MCP servers, sandbox) on a database and key prefix of its own, with one tenant and an administrator. */
export async function startTestSwarm(options: TestSwarmOptions = {}) {
  const testDatabase = await createTestDatabase();
  const { url, prefix } = createTestRedis();
  const redisUrl = options.redisUrl ?? url;
  const directory = mkdtempSync(path.join(os.tmpdir(), 'chimera-swarm-'));
  const logger = createLogger({ level: process.env.TEST_LOG ?? 'silent', name: 'test' });
  const onError = (error: Error) => logger.warn({ err: error });
  const database = openDatabase({ url: testDatabase.appUrl, poolSize: 10, onError });
  const relayDatabase = openRelayDatabase({ url: testDatabase.relayUrl, poolSize: 4, onError });
  const redis = openRedis(redisUrl, onError);
  const queues = openQueues({ redisUrl, prefix, onError });
  const sandbox = await startSandbox({ host: '127.0.0.1', port: 0, dataDir: path.join(directory, 'sandbox'), seed: 1 });
  const mediaDirectory = path.join(directory, 'media');
  const mediaServer = await serveDirectory(mediaDirectory);
  const media = createMediaStore(
    new Disk(new FSDriver({ location: mediaDirectory, visibility: 'private' })),
    mediaServer.url,
  );
  const memory = createPostgresMemoryStore((tenantId, sql, params) => database.tenant(tenantId).query(sql, params));
  const mcp = await createMcpHost({
    allowList: readAllowList('mcp/servers.json'),
    inProcess: {
      twitter: () =>
        createTwitterServer({
          apiUrl: sandbox.url,
          bearerToken: 'sandbox',
          timeoutMs: 5_000,
          settleMs: 1_000,
          mediaOrigins: [mediaServer.url],
        }),
      ideogram: () => createIdeogramServer({ apiUrl: sandbox.url, apiKey: 'sandbox', timeoutMs: 10_000 }),
      news: () =>
        createNewsServer({
          feeds: [],
          fileRoots: [path.resolve('examples'), path.resolve('tests')],
          timeoutMs: 5_000,
          allowPrivateAddresses: false,
        }),
      weaviate: () => createWeaviateServer({ store: memory }),
    },
  });
  const resources: SwarmResources = {
    database,
    memory,
    mcp,
    logger,
    model: options.model ?? createLanguageModel({ anthropic: null, google: null, offlineSeed: 'test' }),
    shortTermMemory: createShortTermMemory({ redis, prefix }),
    mediaStore: media,
    clock: systemClock,
    domainSettings: {
      reviewSlaMinutes: 15,
      retryBaseMs: 200,
      scheduleGraceSeconds: 900,
      walletEncryptionKey: randomBytes(32),
      ...options.domainSettings,
    },
    settings: {
      workerConcurrency: 8,
      judgeConcurrency: 8,
      leaseSeconds: 30,
      mentionsPollSeconds: 1,
      trendsPollSeconds: 3600,
      newsFeeds: options.feeds ?? [],
      ...options.settings,
    },
    scheduleLookUp: (job, delayMs) =>
      queues.schedule([{ name: 'effect', jobId: `lookup-${newId()}`, payload: job, delayMs, priority: 0 }]),
    memberId: 'test',
  };
  const tenant = await seedTenant(relayDatabase);
  const events: PositionedEvent[] = [];
  const start = () => ({
    relay: startRelay({
      database: relayDatabase,
      queues,
      redis,
      prefix,
      clock: systemClock,
      logger,
      reconcileSeconds: options.reconcileSeconds ?? 30,
      eventRetentionHours: 24,
      mentionsPollSeconds: resources.settings.mentionsPollSeconds,
      trendsPollSeconds: 3600,
      onEvents: (batch) => events.push(...batch),
    }),
    swarm: startSwarm(['planner', 'worker', 'judge', 'effects'], resources, { redisUrl, prefix }),
  });
  let running: ReturnType<typeof start> | null = start();
  const context = (): DomainContext => ({
    tenantId: tenant.tenantId,
    actor: { name: `user:${tenant.userId}`, userId: tenant.userId, permissions: new Set(PERMISSIONS) },
    db: database.tenant(tenant.tenantId),
    clock: systemClock,
    traceId: newTraceId(),
    settings: resources.domainSettings,
  });

  async function halt(): Promise<void> {
    const was = running;
    running = null;
    await was?.swarm.stop();
    await was?.relay.stop();
  }

  return {
    ...tenant,
    context,
    events,
    resources,
    redis,
    redisUrl,
    prefix,
    queues,
    sandboxUrl: sandbox.url,
    relayDatabase,
    testDatabase,
    posts: async (): Promise<SandboxPost[]> => (await (await fetch(`${sandbox.url}/posts`)).json()) as SandboxPost[],
    control: (name: string, body: unknown) =>
      fetch(`${sandbox.url}/control/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    halt,
    resume: () => {
      running = start();
    },
    async stop() {
      await halt();
      await mcp.close();
      await queues.close();
      redis.disconnect();
      await Promise.all([database.close(), relayDatabase.close(), sandbox.close(), mediaServer.close()]);
      await testDatabase.drop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** What the gateway does at /media/: the platforms fetch pictures there. */
async function serveDirectory(directory: string): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const file = path.join(directory, path.normalize(request.url ?? '').replace(/^\/media\//, ''));
    response.setHeader('content-type', 'image/png');
    createReadStream(file)
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

export type TestSwarm = Awaited<ReturnType<typeof startTestSwarm>>;

async function seedTenant(database: {
  query(text: string, values?: readonly unknown[]): Promise<unknown>;
}): Promise<{ tenantId: string; userId: string }> {
  const tenantId = newId();
  const userId = newId();
  await database.query('INSERT INTO "Tenant" (id, name) VALUES ($1, $2)', [tenantId, `tenant ${tenantId}`]);
  await database.query(
    `INSERT INTO "User" (id, "tenantId", email, name, role) VALUES ($1, $2, 'admin@example.com', 'Admin', 'ADMINISTRATOR')`,
    [userId, tenantId],
  );
  return { tenantId, userId };
}
