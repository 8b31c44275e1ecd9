import type { Job } from 'bullmq';
import { Queue, Worker } from 'bullmq';
import type { JobName, JobPayload, ScheduledJob } from '../domain/jobs.ts';
import { JOBS } from '../domain/jobs.ts';
import type { Logger } from '../platform/logger.ts';
import { openBlockingRedis, openRedis } from '../platform/redis.ts';

export const QUEUE_NAMES = Object.keys(JOBS) as JobName[];

/** Braces: on a Redis Cluster all keys of a queue share a slot. */
const bullPrefix = (prefix: string): string => `{${prefix}}`;

export interface QueueStats {
  name: string;
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
  completedPerMinute: number;
}

export interface Queues {
  /** Enqueues; a job whose id is already there is left alone. Throws when Redis is away: the reconciler brings the jobs again. */
  schedule(jobs: readonly ScheduledJob[]): Promise<void>;
  stats(): Promise<QueueStats[]>;
  close(): Promise<void>;
}

const METRIC_MINUTES = 60;
/**
 * A job whose consumer died, or whose hand-over was lost with a connection, comes again after at most one and a half times
 * this; until then its id also keeps the reconciler from bringing it. A job run twice is harmless: the claim decides.
 */
const LOCK_MS = 6_000;

/** The sending side of all queues. */
export function openQueues(options: { redisUrl: string; prefix: string; onError: (error: Error) => void }): Queues {
  const connection = openRedis(options.redisUrl, options.onError);
  const queues = new Map(
    QUEUE_NAMES.map((name) => [name, new Queue(name, { connection, prefix: bullPrefix(options.prefix) })]),
  );
  for (const queue of queues.values()) queue.on('error', options.onError);
  return {
    async schedule(jobs) {
      for (const [name, queue] of queues) {
        const own = jobs.filter((job) => job.name === name);
        if (own.length === 0) continue;
        await queue.addBulk(
          own.map((job) => ({
            name: job.name,
            data: job.payload,
            opts: {
              jobId: job.jobId,
              ...(job.delayMs > 0 ? { delay: job.delayMs } : {}),
              ...(job.priority > 0 ? { priority: job.priority } : {}),
              removeOnComplete: true,
              removeOnFail: true,
            },
          })),
        );
      }
    },
    async stats() {
      return Promise.all(
        [...queues].map(async ([name, queue]) => {
          const [counts, metrics] = await Promise.all([
            queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed'),
            queue.getMetrics('completed', 0, 5),
          ]);
          return {
            name,
            waiting: (counts.waiting ?? 0) + (counts.prioritized ?? 0),
            active: counts.active ?? 0,
            delayed: counts.delayed ?? 0,
            failed: counts.failed ?? 0,
            completedPerMinute:
              metrics.data.length > 0
                ? metrics.data.reduce((sum, value) => sum + Number(value), 0) / metrics.data.length
                : 0,
          };
        }),
      );
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      connection.disconnect();
    },
  };
}

export interface JobConsumer {
  /** Stops taking jobs and waits for those in hand. */
  close(): Promise<void>;
}

export type JobHandler<N extends JobName> = (payload: JobPayload<N>) => Promise<void>;

/**
 * The receiving side of one queue. A payload that does not parse is logged and dropped: its truth is in PostgreSQL and the
 * reconciler brings it again. A handler's exception is logged; the job is not retried here, PostgreSQL knows what is due.
 */
export function consume<N extends JobName>(
  name: N,
  handler: JobHandler<N>,
  options: { redisUrl: string; prefix: string; concurrency: number; logger: Logger },
): JobConsumer {
  const onError = (error: Error) => options.logger.warn({ err: error, queue: name }, 'queue connection');
  const connection = openBlockingRedis(options.redisUrl, onError);
  const worker = new Worker<unknown>(
    name,
    async (job: Job<unknown>) => {
      const payload = JOBS[name].safeParse(job.data);
      if (!payload.success) {
        options.logger.error(
          { queue: name, jobId: job.id, issues: payload.error.issues },
          'job dropped: its payload is not of the catalogue',
        );
        return;
      }
      try {
        await handler(payload.data as JobPayload<N>);
      } catch (error) {
        options.logger.error(
          { err: error, queue: name, jobId: job.id, payload: payload.data },
          'job failed; the reconciler brings it again while it is due',
        );
      }
    },
    {
      connection,
      prefix: bullPrefix(options.prefix),
      concurrency: options.concurrency,
      metrics: { maxDataPoints: METRIC_MINUTES },
      drainDelay: 5,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS / 2,
      skipVersionCheck: true,
    },
  );
  worker.on('error', onError);
  return {
    async close() {
      await worker.close();
      connection.disconnect();
    },
  };
}
