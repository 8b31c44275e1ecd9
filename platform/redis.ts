import type { ClusterOptions, RedisOptions } from 'ioredis';
import { Cluster, Redis as Server } from 'ioredis';
import { readRedisUrl } from './redis-url.ts';

/** One server or a cluster: both understand the same commands, a cluster only on keys of one hash tag at a time. */
export type Redis = Server | Cluster;

/** How long a command waits for a lost Redis before it fails; the swarm's truth is PostgreSQL, so waiting longer helps nobody. */
const COMMAND_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 5_000;
const WORK_TIMEOUT_MS = 8_000;

/**
 * Work of several commands, or of a library. BullMQ waits for the first connection of a process, and a cluster of which no
 * node answers keeps its commands, both without a limit: whoever calls goes on after this one. What comes later is ignored.
 */
export function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Redis did not answer in time')), WORK_TIMEOUT_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

const retryStrategy = (times: number) => Math.min(times * 50, 1_000);

function connect(url: string, options: RedisOptions, onError: (error: Error) => void): Redis {
  const address = readRedisUrl(url);
  const first = new URL(address?.nodes[0] ?? url);
  const redis = address?.cluster
    ? new Cluster(address.nodes, {
        clusterRetryStrategy: retryStrategy,
        redisOptions: {
          ...options,
          ...(first.password ? { password: decodeURIComponent(first.password) } : {}),
          ...(first.username ? { username: decodeURIComponent(first.username) } : {}),
          ...(first.protocol === 'rediss:' ? { tls: {} } : {}),
        },
        // A node that restarts is asked again for some seconds: the others go on meanwhile.
        retryDelayOnFailover: 200,
        retryDelayOnClusterDown: 200,
        slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
      } satisfies ClusterOptions)
    : new Server(url, { ...options, retryStrategy });
  redis.on('error', onError);
  return redis;
}

/** For commands: fails fast while Redis is away, reconnects by itself. */
export const openRedis = (url: string, onError: (error: Error) => void): Redis =>
  connect(
    url,
    { maxRetriesPerRequest: 1, commandTimeout: COMMAND_TIMEOUT_MS, connectTimeout: CONNECT_TIMEOUT_MS },
    onError,
  );

/** For BullMQ workers and subscribers: blocking commands wait through an outage and resume. */
export const openBlockingRedis = (url: string, onError: (error: Error) => void): Redis =>
  connect(url, { maxRetriesPerRequest: null, connectTimeout: CONNECT_TIMEOUT_MS }, onError);
