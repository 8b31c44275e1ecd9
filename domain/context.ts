import type { Clock } from '../platform/clock.ts';
import type { TenantDatabase } from '../platform/database.ts';

/** Who acts: a person, an agent's swarm member, or the platform itself. */
export interface Actor {
  /** user:<id>, agent:<id> or system:<role>; what the audit log shows. */
  readonly name: string;
  readonly userId: string | null;
  readonly permissions: ReadonlySet<string>;
}

/** Time itself, as the relay's schedules see it. */
export const RELAY_ACTOR: Actor = { name: 'system:relay', userId: null, permissions: new Set() };

/** What every rule needs; made once a request or job. */
export interface DomainContext {
  readonly tenantId: string;
  readonly actor: Actor;
  readonly db: TenantDatabase;
  readonly clock: Clock;
  readonly traceId: string;
  readonly ip?: string;
  readonly userAgent?: string;
  /** Rules that a deployment may tune. */
  readonly settings: DomainSettings;
}

export interface DomainSettings {
  reviewSlaMinutes: number;
  /** The pause before the first retry of whatever failed; it doubles. */
  retryBaseMs: number;
  /** How late a scheduled publication may leave without asking a person. */
  scheduleGraceSeconds: number;
  /** 32 bytes; encrypts the agents' wallet keys. */
  walletEncryptionKey: Uint8Array;
}
