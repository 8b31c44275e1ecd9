import type { DomainContext } from '../domain/context.ts';
import type { EventTopic, PositionedEvent } from '../domain/events.ts';
import type { MemoryHit } from '../domain/memory/memory-store.ts';

export interface QueueStats {
  name: string;
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
  completedPerMinute: number;
}

/** Which of a tenant's events a subscriber wants. */
export interface EventInterest {
  topic: EventTopic;
  agentId?: string | null;
  campaignId?: string | null;
}

/** An event as a subscriber gets it. */
export interface DeliveredEvent {
  event: PositionedEvent;
  /** Opaque; subscribing with it as `after` continues behind this event. */
  cursor: string;
  /**
   * Loads something once for all events that one read of the table brought, whoever asks: a hundred subscribers of the
   * same event cost one row load. `load` gets all events of that read.
   */
  share<T>(key: string, load: (events: readonly PositionedEvent[]) => Promise<T>): Promise<T>;
}

/** What ends a subscription that cannot keep up: the last element of the stream. */
export interface Lagged {
  laggedAt: string;
}

export interface EventSource {
  /**
   * A tenant's events after `after` (an opaque cursor; null: from now on), in commit order, each once, replay first and
   * then live without a seam. Throws CursorExpiredError before the first element.
   */
  subscribe(
    tenantId: string,
    after: string | null,
    interest: EventInterest,
  ): Promise<AsyncIterableIterator<DeliveredEvent | Lagged>>;
}

/** What resolvers get: the domain's context and the gateway's services, made once a request or subscription. */
export interface GraphContext extends DomainContext {
  readonly events: EventSource;
  /** The agent's long-term memory, best match first. */
  searchMemory(agentId: string, query: { query: string; limit: number; from?: Date; to?: Date }): Promise<MemoryHit[]>;
  queueStats(): Promise<QueueStats[]>;
}
