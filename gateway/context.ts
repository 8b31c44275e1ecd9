import type { DomainSettings } from '../domain/context.ts';
import type { MemoryStore } from '../domain/memory/memory-store.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { newTraceId } from '../platform/ids.ts';
import type { EventSource, GraphContext, QueueStats } from '../schema/graph-context.ts';
import type { Principal } from './authentication.ts';

export interface ContextServices {
  database: Database;
  clock: Clock;
  settings: DomainSettings;
  events: EventSource;
  searchMemory: MemoryStore['search'];
  queueStats(): Promise<QueueStats[]>;
}

/** What a request tells about itself. */
export interface Origin {
  traceId: string;
  ip?: string;
  userAgent?: string;
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/;

/** The trace id of a W3C traceparent header; a new one when there is none. */
export function traceIdFrom(traceparent: string | null | undefined): string {
  const traceId = TRACEPARENT.exec(traceparent ?? '')?.[1];
  return traceId && !/^0+$/.test(traceId) ? traceId : newTraceId();
}

/** The context of one request or subscription: one tenant, one actor, one trace. */
export function createContext(services: ContextServices, principal: Principal, origin: Origin): GraphContext {
  const { tenantId, userId, permissions } = principal;
  return {
    ...origin,
    tenantId,
    actor: { name: `user:${userId}`, userId, permissions },
    db: services.database.tenant(tenantId),
    clock: services.clock,
    settings: services.settings,
    events: services.events,
    searchMemory: (agentId, query) => services.searchMemory({ tenantId, agentId }, query),
    queueStats: services.queueStats,
  };
}
