import pg from 'pg';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { issueToken } from '../../gateway/authentication.ts';
import type { GatewayOptions } from '../../gateway/server.ts';
import { startGateway } from '../../gateway/server.ts';
import { systemClock } from '../../platform/clock.ts';
import { openDatabase } from '../../platform/database.ts';
import { openBlockingRedis, openRedis } from '../../platform/redis.ts';
import { moveOutbox } from '../../swarm/relay/move-outbox.ts';
import { createTestDatabase } from './database.ts';
import { createTestRedis } from './redis.ts';
import type { Seeded } from './seed.ts';
import { createSeed } from './seed.ts';

export const JWT = { secret: 'a secret of tests, thirty-two characters', issuer: 'chimera', audience: 'chimera' };

/** Whatever a document asked for, as JSON brings it. */
type Parsed = ReturnType<typeof JSON.parse>;

export type Answer = {
  data?: Parsed;
  errors?: { message: string; path?: (string | number)[]; extensions?: Parsed }[];
  extensions?: Parsed;
};

/** A whole gateway on a free port, on a database and a Redis prefix of its own. Logs are collected, not printed. */
export async function startTestGateway(overrides: Partial<GatewayOptions> = {}) {
  const testDatabase = await createTestDatabase();
  const testRedis = createTestRedis();
  const logs: Record<string, unknown>[] = [];
  const logger = pino(
    { level: 'debug' },
    { write: (line: string) => void logs.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const database = overrides.database ?? openDatabase({ url: testDatabase.appUrl, poolSize: 4 });
  const redis = openRedis(testRedis.url, () => {});
  const subscriber = openBlockingRedis(testRedis.url, () => {});
  const seed = await createSeed(testDatabase.adminUrl);
  const relay = new pg.Client({ connectionString: testDatabase.adminUrl });
  await relay.connect();
  relay.on('error', () => {});
  const options: GatewayOptions = {
    host: '127.0.0.1',
    port: 0,
    development: false,
    corsOrigins: [],
    jwt: { ...JWT, jwksUrl: null },
    database,
    redis,
    subscriber,
    redisPrefix: testRedis.prefix,
    eventRetentionHours: 168,
    clock: systemClock,
    settings: {
      reviewSlaMinutes: 15,
      retryBaseMs: 2_000,
      scheduleGraceSeconds: 900,
      walletEncryptionKey: Buffer.alloc(32, 7),
    },
    logger,
    metrics: new Registry(),
    searchMemory: async () => [],
    queueStats: async () => [],
    ...overrides,
  };
  const gateway = await startGateway(options);

  const tokenFor = (
    user: Seeded & { tenantId: string },
    more: Partial<Parameters<typeof issueToken>[0]> = {},
  ): Promise<string> => issueToken({ ...JWT, userId: user.id, tenantId: user.tenantId, expiresIn: '1h', ...more });

  return {
    gateway,
    options,
    logs,
    seed,
    database,
    redis,
    subscriber,
    tokenFor,
    url: `${gateway.url}/graphql`,
    redisUrl: testRedis.url,
    redisPrefix: testRedis.prefix,
    adminUrl: testDatabase.adminUrl,
    appUrl: testDatabase.appUrl,
    /** Posts a document as JSON and parses the answer. */
    async query(token: string, query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as Answer;
    },
    /** What the relay does: gives committed events their positions; with `hint`, also says so on Redis. */
    async publishEvents(hint: { tenantId: string } | null = null): Promise<number> {
      const events = await moveOutbox(
        { query: async (text, values) => (await relay.query({ text, values: [...(values ?? [])] })).rows },
        10_000,
      );
      if (hint) await redis.publish(`${testRedis.prefix}:events:${hint.tenantId}`, '1');
      return events.length;
    },
    async close(): Promise<void> {
      await gateway.close();
      await database.close();
      redis.disconnect();
      subscriber.disconnect();
      await relay.end();
      await seed.close();
      await testDatabase.drop();
    },
  };
}

export type TestGateway = Awaited<ReturnType<typeof startTestGateway>>;
