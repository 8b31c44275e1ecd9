import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { ensureRoles } from '../../platform/database.ts';
import { startEmbeddedPostgres } from '../../platform/embedded/postgres.ts';
import { isAlive } from '../../platform/embedded/process-identity.ts';
import { startEmbeddedRedis } from '../../platform/embedded/redis.ts';
import { migrate } from '../../scripts/migrate.mjs';
import { onDatabase, TEMPLATE_DATABASE } from './database-url.ts';

const DIRECTORY_PREFIX = 'chimera-test-';

const FAST_BUT_FORGETFUL = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off', // it would hold connections to the template
  max_connections: '300',
};

declare module 'vitest' {
  export interface ProvidedContext {
    postgresAdminUrl: string;
    redisUrl: string;
  }
}

/** One PostgreSQL with a migrated template database and one Redis for the whole run; both end with the run, whatever ends it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  removeLeftovers();
  const dir = mkdtempSync(path.join(os.tmpdir(), `${DIRECTORY_PREFIX}${process.pid}-`));
  chmodSync(dir, 0o755); // as root, PostgreSQL runs as somebody else and has to pass through
  const [postgres, redis] = await Promise.all([
    startEmbeddedPostgres({ dir: path.join(dir, 'postgres'), password: 'test', settings: FAST_BUT_FORGETFUL }),
    startEmbeddedRedis({ dir: path.join(dir, 'redis') }),
  ]);
  const stop = async () => {
    await Promise.all([postgres.stop(), redis.stop()]);
    rmSync(dir, { recursive: true, force: true });
  };
  await createTemplate(postgres.url).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  project.provide('postgresAdminUrl', postgres.url);
  project.provide('redisUrl', redis.url);

  return stop;
}

async function createTemplate(adminUrl: string): Promise<void> {
  await ensureRoles(adminUrl);
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  await client.query(`CREATE DATABASE ${TEMPLATE_DATABASE}`);
  await migrate(onDatabase(adminUrl, TEMPLATE_DATABASE));
  await client.query(`ALTER DATABASE ${TEMPLATE_DATABASE} WITH ALLOW_CONNECTIONS false IS_TEMPLATE true`);
  await client.end();
}

/** A killed run cannot remove its directory: the next run does. */
function removeLeftovers(): void {
  for (const name of readdirSync(os.tmpdir()).filter((entry) => entry.startsWith(DIRECTORY_PREFIX))) {
    const pid = Number(name.slice(DIRECTORY_PREFIX.length).split('-')[0]);
    if (!isAlive(pid)) rmSync(path.join(os.tmpdir(), name), { recursive: true, force: true });
  }
}
