import type { DomainContext, DomainSettings } from '../domain/context.ts';
import type { JobPayload } from '../domain/jobs.ts';
import type { MemoryStore } from '../domain/memory/memory-store.ts';
import type { ShortTermMemory } from '../domain/memory/short-term-memory.ts';
import type { McpHost } from '../mcp/host/mcp-host-types.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import type { MediaStore } from './media-store.ts';
import type { LanguageModel } from './models/language-model.ts';

export interface SwarmSettings {
  workerConcurrency: number;
  judgeConcurrency: number;
  leaseSeconds: number;
  mentionsPollSeconds: number;
  trendsPollSeconds: number;
  /** Feeds that every agent reads. */
  newsFeeds: readonly string[];
}

/** What the swarm's roles are built from: made once by a main.ts, passed as a plain object. */
export interface SwarmResources {
  database: Database;
  model: LanguageModel;
  mcp: McpHost;
  memory: MemoryStore;
  shortTermMemory: ShortTermMemory;
  mediaStore: MediaStore;
  clock: Clock;
  logger: Logger;
  settings: SwarmSettings;
  domainSettings: DomainSettings;
  /** Has an effect of unknown outcome looked up soon; lost with Redis, the reconciler does it later. */
  scheduleLookUp(job: JobPayload<'effect'>, delayMs: number): Promise<void>;
  /** Stable name of this process in results and claims. */
  memberId: string;
}

export type SwarmRole = 'planner' | 'worker' | 'judge' | 'effects' | 'relay';

/** The context of a job: its tenant's database, its trace, and the role as actor. */
export function swarmContext(
  resources: Pick<SwarmResources, 'database' | 'clock' | 'domainSettings'>,
  role: SwarmRole,
  tenantId: string,
  traceId: string,
): DomainContext {
  return {
    tenantId,
    actor: { name: `system:${role}`, userId: null, permissions: new Set(['admin:*']) },
    db: resources.database.tenant(tenantId),
    clock: resources.clock,
    traceId,
    settings: resources.domainSettings,
  };
}
