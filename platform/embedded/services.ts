import { existsSync } from 'node:fs';
import path from 'node:path';
import { ensureRoles } from '../database.ts';
import { isClusterDirectory } from './cluster-directory.ts';
import { claimHome, readOrCreateSecret } from './home.ts';
import { startEmbeddedPostgres } from './postgres.ts';
import { startEmbeddedRedis } from './redis.ts';
import type { EmbeddedService } from './service-process.ts';

export interface EmbeddedServicesOptions {
  /** CHIMERA_HOME: data, passwords and the claim live here. */
  home: string;
  /** Which of the two to run; the other is somebody else's (DATABASE_URL, REDIS_URL). */
  postgres: boolean;
  redis: boolean;
  onUnexpectedExit?: (error: Error) => void;
}

export interface EmbeddedServices {
  /** The superuser's URL, for migrations; `roleUrl` derives those of the restricted roles. Null when PostgreSQL is not ours. */
  databaseUrl: string | null;
  redisUrl: string | null;
  /** Stops what was started and gives the home back. Call it last: everything that uses the URLs must be closed. */
  stop(): Promise<void>;
}

/**
 * Claims `home` and starts the asked services in it, with the application's role in place. Throws HomeInUseError when
 * another living process has the home. When one service fails to start the other is stopped again.
 */
export async function startEmbeddedServices(options: EmbeddedServicesOptions): Promise<EmbeddedServices> {
  const claim = claimHome(options.home);
  const started: EmbeddedService[] = [];
  const stop = async () => {
    await Promise.all(started.map((service) => service.stop()));
    claim.release();
  };
  const keep = async (starting: Promise<EmbeddedService>) => {
    const service = await starting;
    started.push(service);
    return service;
  };
  const [postgres, redis] = await Promise.allSettled([
    options.postgres ? keep(startPostgresIn(options)) : null,
    options.redis ? keep(startRedisIn(options)) : null,
  ]);
  try {
    return {
      databaseUrl: await withRoles(startedOrThrow(postgres)),
      redisUrl: startedOrThrow(redis)?.url ?? null,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startPostgresIn({ home, onUnexpectedExit }: EmbeddedServicesOptions): Promise<EmbeddedService> {
  const dir = path.join(home, 'postgres');
  const passwordFile = 'postgres.password';
  if (isClusterDirectory(dir) && !existsSync(path.join(home, passwordFile))) {
    throw new Error(
      `${path.join(home, passwordFile)} is gone, and ${dir} cannot be opened without it: restore the one or remove both`,
    );
  }
  return startEmbeddedPostgres({ dir, password: readOrCreateSecret(home, passwordFile), onUnexpectedExit });
}

async function startRedisIn({ home, onUnexpectedExit }: EmbeddedServicesOptions): Promise<EmbeddedService> {
  return startEmbeddedRedis({
    dir: path.join(home, 'redis'),
    password: readOrCreateSecret(home, 'redis.password'),
    onUnexpectedExit,
  });
}

async function withRoles(postgres: EmbeddedService | null): Promise<string | null> {
  if (postgres === null) return null;
  await ensureRoles(postgres.url);
  return postgres.url;
}

function startedOrThrow<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
