import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureRoles } from '../platform/database.ts';
import { startEmbeddedPostgres } from '../platform/embedded/postgres.ts';
import { startEmbeddedRedis } from '../platform/embedded/redis.ts';
import { migrate } from '../scripts/migrate.mjs';

/** A durable PostgreSQL and Redis of the benchmark's own, in a temporary directory. */
export interface BenchServices {
  directory: string;
  /** The superuser's. */
  databaseUrl: string;
  redisUrl: string;
  postgresPid: number;
  redisPid: number;
  /** Stops both and removes what they wrote. */
  stop(): Promise<void>;
}

/** What promises durability is on, whatever the default is: nothing is measured without it. */
const DURABLE = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' };
/** `--statements` reads it. */
const COUNTING = { shared_preload_libraries: 'pg_stat_statements', 'pg_stat_statements.track': 'all' };

export async function startBenchServices(options: { countStatements: boolean }): Promise<BenchServices> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'chimera-bench-'));
  chmodSync(directory, 0o755); // as root, PostgreSQL runs as somebody else and has to pass through
  const [postgres, redis] = await Promise.all([
    startEmbeddedPostgres({
      dir: path.join(directory, 'postgres'),
      password: 'bench',
      settings: { ...DURABLE, ...(options.countStatements ? COUNTING : {}) },
    }),
    startEmbeddedRedis({ dir: path.join(directory, 'redis') }),
  ]);
  const stop = async () => {
    await Promise.all([postgres.stop(), redis.stop()]);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await ensureRoles(postgres.url);
    await migrate(postgres.url);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    directory,
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    postgresPid: postgres.pid,
    redisPid: redis.pid,
    stop,
  };
}
