import path from 'node:path';
import pg from 'pg';
import { ensureRoles } from '../../../platform/database.ts';
import { startEmbeddedPostgres } from '../../../platform/embedded/postgres.ts';
import { startEmbeddedRedis } from '../../../platform/embedded/redis.ts';
import type { EmbeddedService } from '../../../platform/embedded/service-process.ts';
import type { Redis } from '../../../platform/redis.ts';
import { openRedis } from '../../../platform/redis.ts';
import { migrate } from '../../../scripts/migrate.mjs';

/** A crash of the server's process loses nothing with these; only that of the machine would. */
const POSTGRES_SETTINGS = { fsync: 'off', synchronous_commit: 'on', max_connections: '120', deadlock_timeout: '100ms' };

/** PostgreSQL and Redis of the drill's own, which can be stopped, killed and started again on their ports. */
export interface DrillServices {
  postgresUrl: string;
  postgresPort: number;
  redisPort: number;
  /** As superuser, straight to the server; waits while it is away. */
  sql<R extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<R[]>;
  /** Straight to the server, for CONFIG and FLUSHALL. */
  redis: Redis;
  stopPostgres(how: 'stop' | 'kill'): Promise<void>;
  startPostgres(): Promise<void>;
  stopRedis(how: 'stop' | 'kill'): Promise<void>;
  startRedis(): Promise<void>;
  close(): Promise<void>;
}

export async function startDrillServices(directory: string): Promise<DrillServices> {
  const postgresOptions = { dir: path.join(directory, 'postgres'), password: 'drill', settings: POSTGRES_SETTINGS };
  const redisOptions = { dir: path.join(directory, 'redis') };
  let [postgres, redisServer]: [EmbeddedService, EmbeddedService] = await Promise.all([
    startEmbeddedPostgres(postgresOptions),
    startEmbeddedRedis(redisOptions),
  ]);
  const { url, port: postgresPort } = postgres;
  const { port: redisPort } = redisServer;
  await ensureRoles(url);
  await migrate(url);
  const pool = new pg.Pool({ connectionString: url, max: 8 });
  pool.on('error', () => {});
  const redis = openRedis(redisServer.url, () => {});

  const end = async (service: EmbeddedService, how: 'stop' | 'kill') => {
    if (how === 'kill') process.kill(service.pid, 'SIGKILL');
    await service.stop();
  };
  return {
    postgresUrl: url,
    postgresPort,
    redisPort,
    sql: async <R extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      (await pool.query<R>(text, values)).rows,
    redis,
    stopPostgres: (how) => end(postgres, how),
    async startPostgres() {
      postgres = await startEmbeddedPostgres({ ...postgresOptions, port: postgresPort });
    },
    stopRedis: (how) => end(redisServer, how),
    async startRedis() {
      redisServer = await startEmbeddedRedis({ ...redisOptions, port: redisPort });
    },
    async close() {
      redis.disconnect();
      await pool.end();
      await Promise.all([postgres.stop(), redisServer.stop()]);
    },
  };
}
