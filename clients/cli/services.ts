import path from 'node:path';
import { Disk } from 'flydrive';
import { FSDriver } from 'flydrive/drivers/fs';
import type { DomainSettings } from '../../domain/context.ts';
import { createPostgresMemoryStore } from '../../domain/memory/postgres-memory-store.ts';
import { createShortTermMemory } from '../../domain/memory/short-term-memory.ts';
import { readAllowList } from '../../mcp/host/allow-list.ts';
import type { McpHost } from '../../mcp/host/mcp-host.ts';
import { createMcpHost } from '../../mcp/host/mcp-host.ts';
import { createIdeogramServer } from '../../mcp/servers/ideogram/server.ts';
import { createNewsServer } from '../../mcp/servers/news/server.ts';
import { createTwitterServer } from '../../mcp/servers/twitter/server.ts';
import { createWeaviateServer } from '../../mcp/servers/weaviate/server.ts';
import { systemClock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import type { Database, RelayDatabase } from '../../platform/database.ts';
import { openDatabase, openRelayDatabase, roleUrl } from '../../platform/database.ts';
import { readOrCreateSecret } from '../../platform/embedded/home.ts';
import { newId } from '../../platform/ids.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Redis } from '../../platform/redis.ts';
import { openRedis } from '../../platform/redis.ts';
import type { MediaStore } from '../../swarm/media-store.ts';
import { createMediaStore } from '../../swarm/media-store.ts';
import { createLanguageModel } from '../../swarm/models/create-language-model.ts';
import type { LanguageModel } from '../../swarm/models/language-model.ts';
import type { Queues } from '../../swarm/queues.ts';
import { openQueues } from '../../swarm/queues.ts';
import type { SwarmResources } from '../../swarm/resources.ts';

/** Where the data services and the outside are; embedded ones are started before. */
export interface Addresses {
  /** The administrator's URL: the application's and the relay's roles are derived from it. */
  databaseUrl: string;
  redisUrl: string;
  /** Where browsers and platforms fetch `/media/`. */
  gatewayUrl: string;
  sandboxUrl: string | null;
}

/** Everything the processes are built from, opened once. */
export interface Services {
  config: Config;
  logger: Logger;
  database: Database;
  relayDatabase: RelayDatabase;
  redis: Redis;
  queues: Queues;
  model: LanguageModel;
  mcp: McpHost;
  mediaStore: MediaStore;
  swarm: SwarmResources;
  domainSettings: DomainSettings;
  jwtSecret: string;
  addresses: Addresses;
  /** Pools last: call it after everything that uses them has stopped. */
  close(): Promise<void>;
}

/** Feeds as the news server takes them: files by their absolute path, and the directories that it may read for them. */
function feedsOf(newsFeeds: readonly string[]): { feeds: string[]; fileRoots: string[] } {
  const isFile = (feed: string) => !/^https?:\/\//i.test(feed);
  const feeds = newsFeeds.map((feed) => (isFile(feed) ? path.resolve(feed) : feed));
  return { feeds, fileRoots: [...new Set(feeds.filter(isFile).map((feed) => path.dirname(feed)))] };
}

function openHost(
  config: Config,
  addresses: Addresses,
  newsFeeds: readonly string[],
  memory: Parameters<typeof createWeaviateServer>[0]['store'],
  logger: Logger,
): Promise<McpHost> {
  const { twitter, ideogram, serversFile, newsAllowPrivateAddresses } = config.outside;
  const sandbox = addresses.sandboxUrl ?? '';
  return createMcpHost({
    allowList: readAllowList(serversFile),
    inProcess: {
      twitter: () =>
        createTwitterServer({
          apiUrl: twitter?.apiUrl ?? sandbox,
          bearerToken: twitter?.bearerToken || 'sandbox',
          timeoutMs: 10_000,
          mediaOrigins: [new URL(addresses.gatewayUrl).origin],
        }),
      ideogram: () =>
        createIdeogramServer({
          apiUrl: ideogram?.apiUrl ?? sandbox,
          apiKey: ideogram?.apiKey ?? 'sandbox',
          timeoutMs: 60_000,
        }),
      news: () =>
        createNewsServer({
          ...feedsOf(newsFeeds),
          timeoutMs: 15_000,
          allowPrivateAddresses: newsAllowPrivateAddresses,
        }),
      weaviate: () => createWeaviateServer({ store: memory }),
    },
    log: logger,
  });
}

/** Opens what the configuration names. Throws with a clear message when a service cannot be reached. */
export async function openServices(
  config: Config,
  addresses: Addresses,
  newsFeeds: readonly string[],
  logger: Logger,
): Promise<Services> {
  const onError = (what: string) => (error: Error) => logger.warn({ err: error }, `${what} connection`);
  const database = openDatabase({
    url: roleUrl(addresses.databaseUrl, 'chimera_app'),
    poolSize: config.database.poolSize,
    onError: onError('PostgreSQL'),
  });
  const relayDatabase = openRelayDatabase({
    url: roleUrl(addresses.databaseUrl, 'chimera_relay'),
    poolSize: 4,
    onError: onError('PostgreSQL'),
  });
  const redis = openRedis(addresses.redisUrl, onError('Redis'));
  const { prefix, queueShards: shards } = config.redis;
  const queues = openQueues({ redisUrl: addresses.redisUrl, prefix, shards, onError: onError('Redis') });
  const { anthropic, google, strong, fast, offlineSeed } = config.models;
  const model = createLanguageModel({
    anthropic,
    google,
    models: { ...(strong ? { STRONG: strong } : {}), ...(fast ? { FAST: fast } : {}) },
    offlineSeed,
  });
  const memory = createPostgresMemoryStore((tenantId, sql, params) => database.tenant(tenantId).query(sql, params));
  const mcp = await openHost(config, addresses, newsFeeds, memory, logger);
  const mediaStore = createMediaStore(
    new Disk(new FSDriver({ location: path.join(config.home, 'media'), visibility: 'private' })),
    addresses.gatewayUrl,
  );
  const domainSettings: DomainSettings = {
    reviewSlaMinutes: config.review.slaMinutes,
    retryBaseMs: 2_000,
    scheduleGraceSeconds: config.swarm.scheduleGraceSeconds,
    walletEncryptionKey: Buffer.from(
      config.walletEncryptionKey ?? readOrCreateSecret(config.home, 'wallet.key'),
      'hex',
    ),
  };
  const swarm: SwarmResources = {
    database,
    model,
    mcp,
    memory,
    mediaStore,
    logger,
    domainSettings,
    shortTermMemory: createShortTermMemory({
      redis,
      prefix,
      onError: (error) => logger.debug({ err: error }, 'short-term memory'),
    }),
    clock: systemClock,
    settings: { ...config.swarm, newsFeeds: feedsOf(newsFeeds).feeds },
    scheduleLookUp: (job, delayMs) =>
      queues.schedule([{ name: 'effect', jobId: `lookup-${newId()}`, payload: job, delayMs, priority: 0 }]),
    memberId: `${process.pid}-${newId().slice(-6)}`,
  };
  return {
    config,
    logger,
    database,
    relayDatabase,
    redis,
    queues,
    model,
    mcp,
    mediaStore,
    swarm,
    domainSettings,
    addresses,
    jwtSecret: config.jwt.secret ?? readOrCreateSecret(config.home, 'jwt.secret'),
    async close() {
      await mcp.close();
      await queues.close();
      redis.disconnect();
      await Promise.all([database.close(), relayDatabase.close()]);
    },
  };
}
