import type { ScheduledJob } from '../../domain/jobs.ts';
import type { JobQueue } from '../job-queue.ts';
import type { Queues } from '../queues.ts';
import { createTurnOrder } from './turn-order.ts';

/** A delayed job gets its turn this long before its time; until then it holds the one it was enqueued with. */
const TURN_BEFORE_MS = 1_500;
/** Jobs that are added at once: who comes meanwhile waits for so many at most. */
const CHUNK = 250;

export interface FairQueues extends Queues {
  /** Enqueues by turns; resolves when all jobs of their queues are there. When it throws, the reconciler brings them again. */
  schedule(jobs: readonly ScheduledJob[]): Promise<void>;
  /** Gives the jobs that become due within the next moments their turn. Call it every second. */
  takeTurns(nowMs: number): Promise<void>;
  /** Whether Redis lost a queue since the last look: a FLUSHALL, or a node that came back empty. */
  lost(): Promise<boolean>;
  /** Jobs on their way to Redis. */
  waiting(): number;
  /** Forgets what is on its way, and resolves when nothing is being sent. The queues stay open. */
  stop(): Promise<void>;
}

/**
 * The queues with everybody's jobs in turns: the next job of an agent goes beside the first of another agent's flood, not
 * behind the last; also on the way to Redis. The order is the leader's; a new leader starts a new one, which is harmless.
 */
export function fairQueues(queues: Queues): FairQueues {
  const lines = new Map(queues.all.map((queue) => [queue, openLine(queue)]));
  let dueUntilMs = 0;
  return {
    ...queues,
    async schedule(jobs) {
      const adding: Promise<void>[] = [];
      for (const [queue, line] of lines) {
        const own = jobs.filter((job) => queues.queueOf(job) === queue);
        const atOnce = own.filter((job) => job.flow === undefined);
        if (atOnce.length > 0) adding.push(queue.add(atOnce));
        if (own.length > atOnce.length) adding.push(line.add(own));
      }
      await Promise.all(adding);
    },
    async takeTurns(nowMs) {
      const untilMs = nowMs + TURN_BEFORE_MS;
      await Promise.all([...lines.values()].map((line) => line.takeTurns(dueUntilMs, untilMs)));
      dueUntilMs = untilMs;
    },
    lost: async () => (await Promise.all([...lines.keys()].map((queue) => queue.lost()))).includes(true),
    waiting: () => [...lines.values()].reduce((sum, line) => sum + line.waiting(), 0),
    async stop() {
      await Promise.all([...lines.values()].map((line) => line.stop()));
    },
  };
}

/** Who waits to be added to one queue. One chunk after the other goes out, and always those whose turn is next. */
function openLine(queue: JobQueue) {
  const order = createTurnOrder();
  const ids = new Set<string>();
  let newcomers: ScheduledJob[] = [];
  let line: ScheduledJob[] = [];
  let draining: Promise<void> | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let stopped = false;

  /** The order is read from the queue, continued, and written back by one at a time. */
  function alone<T>(work: () => Promise<T>): Promise<T> {
    const done = last.then(work, work);
    last = done;
    return done;
  }

  /** One command to Redis brings the order up to date, however many jobs are added next. */
  async function advance(): Promise<void> {
    const heads = [await queue.head(), line[0]?.priority].filter((head) => typeof head === 'number');
    const surplus = order.advance(heads.length > 0 ? Math.min(...heads) : null);
    if (surplus === 0) return;
    line = line.map((job) => ({ ...job, priority: job.priority - surplus }));
    await queue.lowerPriorities(surplus);
  }

  function numbered(job: ScheduledJob): ScheduledJob {
    const { flow = '', delayMs, payload } = job;
    const take = delayMs > TURN_BEFORE_MS ? order.peek : order.next;
    return { ...job, priority: take(payload.tenantId, flow) };
  }

  async function addChunk(): Promise<void> {
    await advance();
    if (newcomers.length > 0)
      line = [...line, ...newcomers.splice(0).map(numbered)].sort((left, right) => left.priority - right.priority);
    const chunk = line.splice(0, CHUNK);
    await queue.add(chunk);
    for (const job of chunk) ids.delete(job.jobId);
  }

  function forget(): void {
    newcomers = [];
    line = [];
    ids.clear();
  }

  async function drain(): Promise<void> {
    try {
      while (ids.size > 0) await alone(addChunk);
    } catch (error) {
      forget();
      throw error;
    } finally {
      draining = null;
    }
  }

  return {
    add(jobs: readonly ScheduledJob[]): Promise<void> {
      for (const job of jobs)
        if (!stopped && job.flow !== undefined && !ids.has(job.jobId)) {
          ids.add(job.jobId);
          newcomers.push(job);
        }
      if (ids.size === 0) return Promise.resolve();
      draining ??= drain();
      return draining;
    },
    waiting: () => ids.size,
    takeTurns: (fromMs: number, untilMs: number): Promise<void> =>
      alone(async () => {
        const due = await queue.delayedBetween(fromMs, untilMs);
        if (due.length === 0) return;
        await advance();
        await Promise.all(due.map((job) => job.setPriority(order.next(job.tenantId, job.flow))));
      }),
    async stop(): Promise<void> {
      stopped = true;
      forget();
      await last.catch(() => {});
    },
  };
}
