import { setTimeout as delay } from 'node:timers/promises';
import { CursorExpiredError } from '../domain/errors.ts';
import type { PositionedEvent } from '../domain/events.ts';
import { eventChannel } from '../domain/events.ts';
import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import type { Redis } from '../platform/redis.ts';
import type { EventInterest, EventSource } from '../schema/graph-context.ts';
import { decodeEventCursor } from './event-cursor.ts';
import { createEventBatch, EventSubscriber } from './event-subscriber.ts';

const PAGE = 500;
/** How often the table is read while somebody listens, whether or not Redis has given a hint: a lost Redis costs only this. */
const POLL_MS = 1_000;

export interface EventHub extends EventSource {
  /** Listeners at the moment, of all tenants. */
  subscribers(): number;
  /** Ends every stream. */
  close(): void;
}

interface TenantStream {
  readonly tenantId: string;
  readonly live: Set<EventSubscriber>;
  readonly subscribers: Set<EventSubscriber>;
  /** Everything up to here was offered to whoever is live. */
  position: number;
  reading: Promise<void> | null;
  wokenWhileReading: boolean;
  poll: NodeJS.Timeout;
}

/**
 * The live end of the Event table, one a process. A tenant with subscribers costs one read of the table a wake-up, however
 * many listen; Redis only says when to read. `redis` is a connection of the hub's own in subscriber mode.
 */
export function createEventHub(options: {
  database: Database;
  redis: Redis;
  prefix: string;
  retentionHours: number;
  logger: Logger;
  pollMs?: number;
}): EventHub {
  const { database, redis, prefix, logger, pollMs = POLL_MS } = options;
  const streams = new Map<string, TenantStream>();

  const read = (tenantId: string, position: number): Promise<PositionedEvent[]> =>
    database
      .tenant(tenantId)
      .query<PositionedEvent & Record<string, unknown>>(
        `SELECT position, "tenantId", topic, kind, "subjectId", "agentId", "campaignId", version, data, "traceId", "createdAt" FROM "Event" WHERE "tenantId" = $1 AND position > $2 ORDER BY position LIMIT ${PAGE}`,
        [tenantId, position],
      );

  /** The newest position of the tenant, after checking that nothing behind `after` is missing. */
  async function startOf(tenantId: string, after: number | null): Promise<number> {
    const [state] = await database
      .tenant(tenantId)
      .query<{ newest: number | null; known: boolean }>(
        'SELECT (SELECT max(position) FROM "Event" WHERE "tenantId" = $1) AS newest, EXISTS (SELECT 1 FROM "Event" WHERE "tenantId" = $1 AND position = $2) AS known',
        [tenantId, after ?? -1],
      );
    const newest = state?.newest ?? 0;
    // A cursor is the position of an event of this tenant (0: there was none yet). If that event is gone, later ones may be too.
    if (after === null || state?.known || (after === 0 && newest === 0)) return newest;
    if (after > newest)
      throw new CursorExpiredError(
        '`after` is ahead of the newest event: it is from another installation or from before a restore. Leave it out to start now.',
      );
    throw new CursorExpiredError(
      `\`after\` is older than the ${options.retentionHours} hours that events are kept. Read a snapshot with a query, then subscribe without \`after\`.`,
    );
  }

  function wake(stream: TenantStream): Promise<void> {
    stream.wokenWhileReading = stream.reading !== null;
    stream.reading ??= readOn(stream).finally(() => {
      stream.reading = null;
    });
    return stream.reading;
  }

  async function readOn(stream: TenantStream): Promise<void> {
    try {
      for (let more = true; more && stream.subscribers.size > 0; ) {
        stream.wokenWhileReading = false;
        const events = await read(stream.tenantId, stream.position);
        const batch = createEventBatch(events);
        stream.position = events.at(-1)?.position ?? stream.position;
        for (const subscriber of stream.live) subscriber.offer(batch);
        more = events.length === PAGE || stream.wokenWhileReading;
      }
    } catch (error) {
      logger.warn({ err: error, tenantId: stream.tenantId }, 'events could not be read; trying again'); // the poll does
    }
  }

  function open(tenantId: string, position: number): TenantStream {
    const known = streams.get(tenantId);
    if (known) return known;
    const stream: TenantStream = {
      tenantId,
      position,
      live: new Set(),
      subscribers: new Set(),
      reading: null,
      wokenWhileReading: false,
      poll: setInterval(() => void wake(stream), pollMs),
    };
    streams.set(tenantId, stream);
    redis
      .subscribe(eventChannel(prefix, tenantId))
      .catch((error: Error) => logger.warn({ err: error }, 'no hints about new events; polling'));
    return stream;
  }

  function leave(stream: TenantStream, subscriber: EventSubscriber): void {
    stream.live.delete(subscriber);
    stream.subscribers.delete(subscriber);
    if (stream.subscribers.size > 0) return;
    clearInterval(stream.poll);
    streams.delete(stream.tenantId);
    redis.unsubscribe(eventChannel(prefix, stream.tenantId)).catch(() => {});
  }

  /** Pages from the table until the subscriber has caught up with the stream; then, in the same turn, it goes live. */
  async function replay(stream: TenantStream, subscriber: EventSubscriber): Promise<void> {
    while (!subscriber.ended && subscriber.position < stream.position) {
      const target = stream.position; // whatever is at or below it is visible to the read that starts now
      try {
        const events = await read(stream.tenantId, subscriber.position);
        subscriber.offer(createEventBatch(events));
        if (events.length < PAGE) subscriber.position = Math.max(subscriber.position, target);
        await subscriber.drained();
      } catch (error) {
        logger.warn({ err: error, tenantId: stream.tenantId }, 'events could not be replayed; trying again');
        await delay(pollMs);
      }
    }
    if (!subscriber.ended) stream.live.add(subscriber);
  }

  const onHint = (channel: string): void => {
    const stream = streams.get(channel.slice(eventChannel(prefix, '').length));
    if (stream) void wake(stream);
  };
  redis.on('message', onHint);

  return {
    async subscribe(tenantId, after, interest: EventInterest) {
      const from = after === null ? null : decodeEventCursor(tenantId, after);
      const newest = await startOf(tenantId, from);
      const stream = open(tenantId, newest);
      const subscriber: EventSubscriber = new EventSubscriber({
        tenantId,
        interest,
        position: from ?? newest,
        onEnd: () => leave(stream, subscriber),
      });
      stream.subscribers.add(subscriber);
      void replay(stream, subscriber);
      return subscriber;
    },
    subscribers: () => [...streams.values()].reduce((sum, stream) => sum + stream.subscribers.size, 0),
    close() {
      redis.off('message', onHint);
      for (const stream of [...streams.values()]) for (const subscriber of [...stream.subscribers]) subscriber.end();
    },
  };
}
