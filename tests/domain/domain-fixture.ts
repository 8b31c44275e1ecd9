import { randomBytes } from 'node:crypto';
import type { Permission } from '../../domain/access.ts';
import { PERMISSIONS } from '../../domain/access.ts';
import type { DomainContext } from '../../domain/context.ts';
import type { DomainError } from '../../domain/errors.ts';
import { systemClock } from '../../platform/clock.ts';
import { openDatabase, openRelayDatabase } from '../../platform/database.ts';
import { newTraceId } from '../../platform/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { createSeed } from '../support/seed.ts';

export interface ContextOptions {
  userId?: string | null;
  permissions?: readonly Permission[];
  now?: Date;
}

export const walletEncryptionKey = randomBytes(32);

/** A database of one's own with a seeding superuser, and contexts that act on it as the application does. */
export async function openDomain(options: { poolSize?: number } = {}) {
  const testDatabase = await createTestDatabase();
  const database = openDatabase({ url: testDatabase.appUrl, poolSize: options.poolSize ?? 10 });
  const relay = openRelayDatabase({ url: testDatabase.relayUrl, poolSize: 6 });
  const seed = await createSeed(testDatabase.adminUrl);
  return {
    adminUrl: testDatabase.adminUrl,
    appUrl: testDatabase.appUrl,
    relayUrl: testDatabase.relayUrl,
    database,
    relay,
    seed,
    sql: seed.sql,
    /** One row as the superuser sees it. */
    row: async <R extends Record<string, unknown> = Record<string, unknown>>(table: string, id: string): Promise<R> => {
      const [row] = await seed.sql<R>(`SELECT * FROM "${table}" WHERE id = $1`, [id]);
      if (!row) throw new Error(`no ${table} ${id}`);
      return row;
    },
    /** Events written and not yet moved by a relay, oldest first. */
    events: (subjectId: string) =>
      seed.sql<{ topic: string; kind: string; version: number; data: Record<string, unknown> }>(
        'SELECT topic, kind, version, data FROM "Outbox" WHERE "subjectId" = $1 ORDER BY id',
        [subjectId],
      ),
    audited: async (subjectId: string): Promise<string[]> =>
      (
        await seed.sql<{ action: string }>('SELECT action FROM "AuditEntry" WHERE "subjectId" = $1 ORDER BY sequence', [
          subjectId,
        ])
      ).map((entry) => entry.action),
    context(tenantId: string, { userId = null, permissions = PERMISSIONS, now }: ContextOptions = {}): DomainContext {
      return {
        tenantId,
        actor: { name: userId ? `user:${userId}` : 'system:test', userId, permissions: new Set(permissions) },
        db: database.tenant(tenantId),
        clock: now ? { now: () => now } : systemClock,
        traceId: newTraceId(),
        settings: { reviewSlaMinutes: 15, retryBaseMs: 2_000, scheduleGraceSeconds: 900, walletEncryptionKey },
      };
    },
    async close() {
      await seed.close();
      await Promise.all([database.close(), relay.close()]);
      await testDatabase.drop();
    },
  };
}

export type Domain = Awaited<ReturnType<typeof openDomain>>;

/** The expected failure of `work`; a success or an unexpected error is thrown on. */
export async function failureOf(work: Promise<unknown>): Promise<DomainError & { fields?: { path: string[] }[] }> {
  try {
    await work;
  } catch (error) {
    if (typeof (error as DomainError).retryable === 'boolean') return error as DomainError;
    throw error;
  }
  throw new Error('it should have been refused');
}

/** `path.to.field` of each problem of a ValidationError. */
export const fieldsOf = async (work: Promise<unknown>): Promise<string[]> =>
  ((await failureOf(work)).fields ?? []).map((field) => field.path.join('.'));
