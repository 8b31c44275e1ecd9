import { Redis } from 'ioredis';

export type { Redis };

/** How long a command waits for a lost Redis before it fails; the swarm's truth is PostgreSQL, so waiting longer helps nobody. */
const COMMAND_TIMEOUT_MS = 5_000;

const retryStrategy = (times: number) => Math.min(times * 50, 1_000);

/** For commands: fails fast while Redis is away, reconnects by itself. */
export function openRedis(url: string, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 1,
    commandTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy,
    connectTimeout: 5_000,
  });
  redis.on('error', onError);
  return redis;
}

/** For BullMQ workers and subscribers: blocking commands wait through an outage and resume. */
export function openBlockingRedis(url: string, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy, connectTimeout: 5_000 });
  redis.on('error', onError);
  return redis;
}
