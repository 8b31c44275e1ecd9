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
  /** A service that ended by itself, and is being started again on the same port. */
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

const RESTART_PAUSE_MS = 500;

/**
 * Keeps a service running on its first port: when it ends by itself it is started again, so that whoever uses it sees an
 * outage, not an end. `stop()` also ends a restart that is under way.
 */
async function keepRunning(
  start: (port: number | undefined, onUnexpectedExit: (error: Error) => void) => Promise<EmbeddedService>,
  report: (error: Error) => void,
): Promise<EmbeddedService> {
  let stopped = false;
  let current: Promise<EmbeddedService>;
  const restart = (port: number) => async (error: Error) => {
    report(error);
    current = again(port);
    await current.catch(() => {});
  };
  async function again(port: number): Promise<EmbeddedService> {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, RESTART_PAUSE_MS));
      if (stopped) throw new Error('stopped');
      try {
        return await start(port, (error) => void restart(port)(error));
      } catch (error) {
        report(error as Error);
      }
    }
  }
  const first = await start(undefined, (error) => void restart(first.port)(error));
  current = Promise.resolve(first);
  return {
    ...first,
    async stop() {
      stopped = true;
      const service = await current.catch(() => null);
      await service?.stop();
    },
  };
}

async function startPostgresIn({
  home,
  onUnexpectedExit = () => {},
}: EmbeddedServicesOptions): Promise<EmbeddedService> {
  const dir = path.join(home, 'postgres');
  const passwordFile = 'postgres.password';
  if (isClusterDirectory(dir) && !existsSync(path.join(home, passwordFile))) {
    throw new Error(
      `${path.join(home, passwordFile)} is gone, and ${dir} cannot be opened without it: restore the one or remove both`,
    );
  }
  const password = readOrCreateSecret(home, passwordFile);
  return keepRunning(
    (port, onExit) => startEmbeddedPostgres({ dir, port, password, onUnexpectedExit: onExit }),
    onUnexpectedExit,
  );
}

async function startRedisIn({ home, onUnexpectedExit = () => {} }: EmbeddedServicesOptions): Promise<EmbeddedService> {
  const dir = path.join(home, 'redis');
  const password = readOrCreateSecret(home, 'redis.password');
  return keepRunning(
    (port, onExit) => startEmbeddedRedis({ dir, port, password, onUnexpectedExit: onExit }),
    onUnexpectedExit,
  );
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
