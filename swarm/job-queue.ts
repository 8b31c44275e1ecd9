import type { JobsOptions } from 'bullmq';
import { Queue } from 'bullmq';
import { z } from 'zod';
import type { JobName, ScheduledJob } from '../domain/jobs.ts';
import type { Redis } from '../platform/redis.ts';
import { inTime } from '../platform/redis.ts';

/** What one process needs to find the queues. All processes of an installation need the same. */
export interface QueueAddress {
  redisUrl: string;
  prefix: string;
  /** Queues for each job name (1), on a cluster perhaps on different nodes: the jobs are spread over them by their flow. */
  shards?: number;
}

/** Braces: on a Redis Cluster all keys of a queue share a slot, and the queues are spread over the nodes. */
export const bullPrefix = (prefix: string, name: JobName, shard: number): string => `{${prefix}-${name}-${shard}}`;

export interface QueueStats {
  name: string;
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
  completedPerMinute: number;
}

/** A job that waits for its time and will then take its turn. */
export interface DelayedJob {
  tenantId: string;
  flow: string;
  setPriority(priority: number): Promise<void>;
}

/** One queue of BullMQ: a name's, or a shard of it. */
export interface JobQueue {
  readonly job: JobName;
  add(jobs: readonly ScheduledJob[]): Promise<void>;
  /** Those of the jobs that wait neither for their turn nor for their time; what runs at the moment is among them. */
  missing(jobs: readonly ScheduledJob[]): Promise<ScheduledJob[]>;
  /** Whether the queue's keys were lost since the last look (or nobody has looked yet): a mark beside them is gone. Sets it anew. */
  lost(): Promise<boolean>;
  /** The priority of the job whose turn is next; null when none waits. */
  head(): Promise<number | null>;
  /** Takes `by` off the priority of every job that waits for its turn; their order stays. */
  lowerPriorities(by: number): Promise<void>;
  /** The jobs of a flow whose time comes after `fromMs` and until `untilMs`. */
  delayedBetween(fromMs: number, untilMs: number): Promise<DelayedJob[]>;
  stats(): Promise<Omit<QueueStats, 'name'>>;
  close(): Promise<void>;
}

// How BullMQ keeps the order of its sorted sets: a time in the delayed set is shifted by 12 bits, a priority by 32.
const DELAYED_UNIT = 0x1000;
const PRIORITY_UNIT = 0x1_0000_0000;

const LOWER = `local members = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for at = 1, #members, 2 do redis.call('ZADD', KEYS[1], string.format('%.0f', members[at + 1] - ARGV[1]), members[at]) end`;

/** A job of a flow that is delayed carries the flow: it gets its turn when its time has come. */
const delayedSchema = z.object({ tenantId: z.string(), flow: z.string() });

function toBullJob(job: ScheduledJob): { name: string; data: object; opts: JobsOptions } {
  const { name, payload, flow, delayMs, priority, jobId } = job;
  const options = { jobId, removeOnComplete: true, removeOnFail: true, ...(priority > 0 ? { priority } : {}) };
  return delayMs > 0
    ? { name, data: { ...payload, flow }, opts: { ...options, delay: delayMs } }
    : { name, data: payload, opts: options };
}

export function openJobQueue(options: {
  job: JobName;
  shard: number;
  prefix: string;
  connection: Redis;
  onError: (error: Error) => void;
}): JobQueue {
  const { job, connection } = options;
  const queue = new Queue(job, { connection, prefix: bullPrefix(options.prefix, job, options.shard) });
  queue.on('error', options.onError);
  const [prioritized, delayed] = [queue.toKey('prioritized'), queue.toKey('delayed')];
  return {
    job,
    async add(jobs) {
      await inTime(queue.addBulk(jobs.map(toBullJob)));
    },
    async missing(jobs) {
      const ids = jobs.map(({ jobId }) => jobId);
      const [waiting, later] = await inTime(
        Promise.all([connection.zmscore(prioritized, ids), connection.zmscore(delayed, ids)]),
      );
      return jobs.filter((_, index) => waiting[index] === null && later[index] === null);
    },
    lost: async () => (await inTime(connection.set(queue.toKey('mark'), '1', 'NX'))) === 'OK',
    async head() {
      const [, score] = await inTime(connection.zrange(prioritized, 0, 0, 'WITHSCORES'));
      return score === undefined ? null : Math.floor(Number(score) / PRIORITY_UNIT);
    },
    async lowerPriorities(by) {
      await inTime(connection.eval(LOWER, 1, prioritized, by * PRIORITY_UNIT));
    },
    async delayedBetween(fromMs, untilMs) {
      const after = (fromMs + 1) * DELAYED_UNIT;
      const ids = await inTime(connection.zrangebyscore(delayed, after, `(${(untilMs + 1) * DELAYED_UNIT}`));
      const jobs = await inTime(Promise.all(ids.map((id) => queue.getJob(id))));
      return jobs.flatMap((one) => {
        const data = delayedSchema.safeParse(one?.data);
        return one && data.success
          ? [{ ...data.data, setPriority: (priority: number) => one.changePriority({ priority }) }]
          : [];
      });
    },
    async stats() {
      const [counts, metrics] = await inTime(
        Promise.all([
          queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed'),
          queue.getMetrics('completed', 0, 5),
        ]),
      );
      const { data } = metrics;
      return {
        waiting: (counts.waiting ?? 0) + (counts.prioritized ?? 0),
        active: counts.active ?? 0,
        delayed: counts.delayed ?? 0,
        failed: counts.failed ?? 0,
        completedPerMinute: data.length > 0 ? data.reduce((sum, value) => sum + Number(value), 0) / data.length : 0,
      };
    },
    close: () => queue.close(),
  };
}
