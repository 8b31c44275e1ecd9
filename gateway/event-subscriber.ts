import type { PositionedEvent } from '../domain/events.ts';
import type { DeliveredEvent, EventInterest, Lagged } from '../schema/graph-context.ts';
import { encodeEventCursor } from './event-cursor.ts';

/** How many events may wait for a subscriber that does not read. */
export const MAX_WAITING_EVENTS = 1_000;

/** Events that one read of the table brought, with what was loaded for them, shared by whoever gets them. */
export interface EventBatch {
  events: readonly PositionedEvent[];
  share: DeliveredEvent['share'];
}

export function createEventBatch(events: readonly PositionedEvent[]): EventBatch {
  const loaded = new Map<string, Promise<unknown>>();
  return {
    events,
    share<T>(key: string, load: (all: readonly PositionedEvent[]) => Promise<T>): Promise<T> {
      const known = (loaded.get(key) as Promise<T> | undefined) ?? load(events);
      loaded.set(key, known);
      known.catch(() => loaded.delete(key)); // the next subscriber, or the next event, tries again
      return known;
    },
  };
}

const isOfInterest = (event: PositionedEvent, interest: EventInterest): boolean =>
  event.topic === interest.topic &&
  (interest.agentId == null || event.agentId === interest.agentId) &&
  (interest.campaignId == null || event.campaignId === interest.campaignId);

/**
 * One subscriber's place in the tenant's events. Everything up to `position` was put into its buffer or was of no
 * interest; `offer` ignores what is not beyond it, so that replay and live may overlap and still nothing comes twice.
 */
export class EventSubscriber implements AsyncIterableIterator<DeliveredEvent | Lagged> {
  position: number;
  readonly #tenantId: string;
  readonly #interest: EventInterest;
  readonly #onEnd: () => void;
  #waiting: DeliveredEvent[] = [];
  /** The last event that was handed out: where somebody who lagged continues. */
  #handedOut: number;
  #reader: ((result: IteratorResult<DeliveredEvent | Lagged>) => void) | null = null;
  #onDrained: (() => void) | null = null;
  #lagged = false;
  #ended = false;

  constructor(options: { tenantId: string; interest: EventInterest; position: number; onEnd: () => void }) {
    this.#tenantId = options.tenantId;
    this.#interest = options.interest;
    this.#onEnd = options.onEnd;
    this.position = options.position;
    this.#handedOut = options.position;
  }

  get ended(): boolean {
    return this.#ended;
  }

  offer(batch: EventBatch): void {
    for (const event of batch.events) {
      if (this.#ended || event.position <= this.position) continue;
      this.position = event.position;
      if (isOfInterest(event, this.#interest))
        this.#put({ event, cursor: encodeEventCursor(this.#tenantId, event.position), share: batch.share });
    }
  }

  /** Resolves when the buffer is empty or the subscriber has gone: replay reads no page ahead of its reader. */
  drained(): Promise<void> {
    if (this.#waiting.length === 0 || this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onDrained = resolve;
    });
  }

  #put(delivered: DeliveredEvent): void {
    if (this.#reader) {
      const reader = this.#reader;
      this.#reader = null;
      this.#handedOut = delivered.event.position;
      reader({ value: delivered, done: false });
      return;
    }
    if (this.#waiting.length >= MAX_WAITING_EVENTS) {
      this.#lagged = true;
      this.#waiting = [];
      this.end();
      return;
    }
    this.#waiting.push(delivered);
  }

  async next(): Promise<IteratorResult<DeliveredEvent | Lagged>> {
    const delivered = this.#waiting.shift();
    if (this.#waiting.length === 0) {
      this.#onDrained?.();
      this.#onDrained = null;
    }
    if (delivered) {
      this.#handedOut = delivered.event.position;
      return { value: delivered, done: false };
    }
    if (this.#lagged) {
      this.#lagged = false;
      return { value: { laggedAt: encodeEventCursor(this.#tenantId, this.#handedOut) }, done: false };
    }
    if (this.#ended) return { value: undefined, done: true };
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  /** No further events; what waits is still handed out. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd();
    this.#onDrained?.();
    this.#reader?.({ value: undefined, done: true });
    this.#reader = null;
  }

  async return(): Promise<IteratorResult<DeliveredEvent | Lagged>> {
    this.#waiting = [];
    this.#lagged = false;
    this.end();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
