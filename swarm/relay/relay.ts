import type { PositionedEvent } from '../../domain/events.ts';
import { eventChannel } from '../../domain/events.ts';
import { jobForEvent } from '../../domain/jobs.ts';
import type { Clock } from '../../platform/clock.ts';
import type { RelayDatabase } from '../../platform/database.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Redis } from '../../platform/redis.ts';
import type { Queues } from '../queues.ts';
import { stopHintOf } from '../stop-hints.ts';
import type { FairQueues } from './fair-queues.ts';
import { fairQueues } from './fair-queues.ts';
import type { Leadership } from './leader.ts';
import { leadWhenElected, pause } from './leader.ts';
import { moveOutbox } from './move-outbox.ts';
import type { DueCounts } from './reconcile.ts';
import { reconcile } from './reconcile.ts';
import { runSchedules } from './schedules.ts';

const BATCH = 1_000;
/** Jobs on their way to Redis; with more, events wait in the outbox. */
const MAX_WAITING = 100_000;
/** The outbox is also looked at without a notification: a lost one delays, it does not lose. */
const IDLE_POLL_MS = 250;
const SCHEDULE_MS = 1_000;
/** How long a batch of events waits for its hints: a frozen Redis must not hold up those who read from PostgreSQL. */
const HINT_WAIT_MS = 250;

export interface RelayOptions {
  database: RelayDatabase;
  queues: Queues;
  redis: Redis;
  prefix: string;
  clock: Clock;
  logger: Logger;
  reconcileSeconds: number;
  eventRetentionHours: number;
  mentionsPollSeconds: number;
  trendsPollSeconds: number;
  /** Sees every event in order after it got its position: the terminal's account, tests. */
  onEvents?: (events: readonly PositionedEvent[]) => void;
  onReconciled?: (counts: DueCounts) => void;
}

/**
 * Tells whoever works for a stopped agent to abort, and the watchers of each tenant that there are newer events. They read
 * the events from PostgreSQL themselves.
 */
async function publishHints(redis: Redis, prefix: string, events: readonly PositionedEvent[]): Promise<void> {
  const stop = stopHintOf(prefix, events);
  if (stop) await redis.publish(stop.channel, stop.message);
  const newest = new Map(events.map((event) => [event.tenantId, event.position]));
  const pipeline = redis.pipeline();
  for (const [tenantId, position] of newest) pipeline.publish(eventChannel(prefix, tenantId), String(position));
  await pipeline.exec();
}

/**
 * The relay: outbox → positions → watchers and queues; the reconciler at the start, every `reconcileSeconds`, whenever
 * Redis came back and when it came back empty; the schedules every second. One leader, the others stand by.
 * What Redis misses while it is away is not lost: watchers poll, and the reconciler enqueues what PostgreSQL says is due.
 */
export function startRelay(options: RelayOptions): Leadership {
  const { database, queues, redis, logger, clock } = options;
  let reconcileNow = true;
  const onReady = () => {
    reconcileNow = true;
  };
  redis.on('ready', onReady);

  const missed = (error: unknown) => {
    reconcileNow = true;
    logger.warn({ err: error }, 'Redis missed a delivery; the reconciler repairs it');
  };

  /** Jobs go on by turns while the next events are moved: behind a flood nobody's event waits for the flood's jobs. */
  async function deliver(events: readonly PositionedEvent[], fair: FairQueues): Promise<void> {
    options.onEvents?.(events);
    const now = clock.now().getTime();
    const queued = fair.schedule(events.flatMap((event) => jobForEvent(event, now) ?? [])).catch(missed);
    const hinted = publishHints(redis, options.prefix, events).catch(missed);
    await Promise.race([hinted, new Promise((resolve) => setTimeout(resolve, HINT_WAIT_MS))]);
    if (fair.waiting() > MAX_WAITING) await queued;
  }

  async function lead(signal: AbortSignal, onWake: (listener: () => void) => void): Promise<void> {
    let woken = false;
    let wakeUp = () => {};
    onWake(() => {
      woken = true;
      wakeUp();
    });
    reconcileNow = true;
    const fair = fairQueues(queues);
    const chores = runChores(signal, fair);
    while (!signal.aborted) {
      woken = false;
      const events = await moveOutbox(database, BATCH);
      if (events.length > 0) await deliver(events, fair);
      else if (!woken)
        await pause(IDLE_POLL_MS, signal, (end) => {
          wakeUp = end;
        });
    }
    await Promise.all([chores, fair.stop()]);
  }

  async function runChores(signal: AbortSignal, fair: FairQueues): Promise<void> {
    let reconcileAt = 0;
    while (!signal.aborted) {
      try {
        await runSchedules(database, fair, options).catch((error: unknown) =>
          logger.warn({ err: error }, 'a schedule failed and is tried again'),
        );
        await fair.takeTurns(clock.now().getTime());
        if (await fair.lost()) reconcileNow = true;
        if (reconcileNow || Date.now() >= reconcileAt) {
          reconcileNow = false;
          reconcileAt = Date.now() + options.reconcileSeconds * 1000;
          const counts = await reconcile(database, fair, clock); // not inside the optional call: without a listener it would not run
          options.onReconciled?.(counts);
          await database.query('SELECT purge_events(now() - make_interval(hours => $1))', [
            options.eventRetentionHours,
          ]);
        }
      } catch (error) {
        reconcileNow = true;
        logger.warn({ err: error }, 'a chore of the relay failed and is tried again');
      }
      await pause(SCHEDULE_MS, signal);
    }
  }

  const leadership = leadWhenElected(database, logger, lead);
  return {
    async stop() {
      redis.off('ready', onReady);
      await leadership.stop();
    },
  };
}
