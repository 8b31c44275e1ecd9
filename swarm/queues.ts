import { crc32 } from 'node:zlib';
import type { Job } from 'bullmq';
import { Worker } from 'bullmq';
import type { JobName, JobPayload, ScheduledJob } from '../domain/jobs.ts';
import { JOBS } from '../domain/jobs.ts';
import type { Logger } from '../platform/logger.ts';
import { openBlockingRedis, openRedis } from '../platform/redis.ts';
import type { JobQueue, QueueAddress, QueueStats } from './job-queue.ts';
import { bullPrefix, openJobQueue } from './job-queue.ts';

const JOB_NAMES = Object.keys(JOBS) as JobName[];

export interface Queues {
  readonly all: readonly JobQueue[];
  /** Where a job goes: by its name, and by its flow when the name has several queues. */
  queueOf(job: ScheduledJob): JobQueue;
  /** Enqueues; a job whose id is already there is left alone. Throws when Redis is away: the reconciler brings the jobs again. */
  schedule(jobs: readonly ScheduledJob[]): Promise<void>;
  /** Those of the jobs that wait neither for their turn nor for their time; what runs at the moment is among them. */
  missing(jobs: readonly ScheduledJob[]): Promise<ScheduledJob[]>;
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
export function openQueues(options: QueueAddress & { onError: (error: Error) => void }): Queues {
  const { prefix, shards = 1, onError } = options;
  const connection = openRedis(options.redisUrl, onError);
  const all = JOB_NAMES.flatMap((job) =>
    Array.from({ length: shards }, (_, shard) => openJobQueue({ job, shard, prefix, connection, onError })),
  );
  const queueOf = ({ name, flow, jobId }: ScheduledJob): JobQueue => {
    const shard = shards === 1 ? 0 : crc32(flow ?? jobId) % shards;
    return all[JOB_NAMES.indexOf(name) * shards + shard] as JobQueue;
  };
  const byQueue = (jobs: readonly ScheduledJob[]) =>
    all
      .map((queue) => ({ queue, own: jobs.filter((job) => queueOf(job) === queue) }))
      .filter(({ own }) => own.length > 0);
  return {
    all,
    queueOf,
    async schedule(jobs) {
      await Promise.all(byQueue(jobs).map(({ queue, own }) => queue.add(own)));
    },
    async missing(jobs) {
      return (await Promise.all(byQueue(jobs).map(({ queue, own }) => queue.missing(own)))).flat();
    },
    async stats() {
      const stats = await Promise.all(all.map(async (queue) => ({ job: queue.job, ...(await queue.stats()) })));
      return JOB_NAMES.map((name) => {
        const own = stats.filter(({ job }) => job === name);
        const sum = (key: Exclude<keyof QueueStats, 'name'>) => own.reduce((total, one) => total + one[key], 0);
        return {
          name,
          waiting: sum('waiting'),
          active: sum('active'),
          delayed: sum('delayed'),
          failed: sum('failed'),
          completedPerMinute: sum('completedPerMinute'),
        };
      });
    },
    async close() {
      await Promise.all(all.map((queue) => queue.close()));
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
 * The receiving side of a job's queues; shards share the slots evenly. A payload that does not parse is logged and dropped: its truth is in PostgreSQL and the
 * reconciler brings it again. A handler's exception is logged; the job is not retried here, PostgreSQL knows what is due.
 */
export function consume<N extends JobName>(
  name: N,
  handler: JobHandler<N>,
  options: QueueAddress & { concurrency: number; logger: Logger },
): JobConsumer {
  const { shards = 1 } = options;
  const onError = (error: Error) => options.logger.warn({ err: error, queue: name }, 'queue connection');
  const connection = openBlockingRedis(options.redisUrl, onError);
  const perform = async (job: Job<unknown>) => {
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
  };
  const workers = Array.from({ length: shards }, (_, shard) => {
    const worker = new Worker<unknown>(name, perform, {
      connection,
      prefix: bullPrefix(options.prefix, name, shard),
      concurrency: Math.ceil(options.concurrency / shards),
      metrics: { maxDataPoints: METRIC_MINUTES },
      drainDelay: 5,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS / 2,
      skipVersionCheck: true,
    });
    worker.on('error', onError);
    return worker;
  });
  return {
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
      connection.disconnect();
    },
  };
}
