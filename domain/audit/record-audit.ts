import type { Sql } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import { storableJson } from '../../platform/storable.ts';
import type { DomainContext } from '../context.ts';

export interface AuditRecord {
  /** noun.verb, e.g. campaign.paused */
  action: string;
  subjectType: string;
  subjectId: string;
  data?: Record<string, unknown>;
  /** The context's actor where absent. */
  actor?: string;
  traceId?: string;
}

/**
 * Appends to the tenant's audit chain in the transaction of the change. The database numbers and hashes the entries
 * (trigger audit_chain) and holds the chain's head until the transaction ends: call it last.
 */
export async function recordAudit(
  sql: Sql,
  context: Pick<DomainContext, 'tenantId' | 'actor' | 'traceId' | 'ip' | 'userAgent'>,
  records: readonly AuditRecord[],
): Promise<void> {
  if (records.length === 0) return;
  const rows = records.map((record) => ({
    id: newId(),
    actor: record.actor ?? context.actor.name,
    action: record.action,
    subjectType: record.subjectType,
    subjectId: record.subjectId,
    data: record.data ?? {},
    traceId: record.traceId ?? context.traceId,
  }));
  await sql.query(
    `INSERT INTO "AuditEntry" (id, "tenantId", sequence, actor, action, "subjectType", "subjectId", data, "traceId", ip, "userAgent", hash, "previousHash")
     SELECT a.id, $1::uuid, 0, a.actor, a.action, a."subjectType", a."subjectId", a.data, a."traceId", $2, $3, '', ''
     FROM jsonb_to_recordset($4::jsonb) AS a(id uuid, actor text, action text, "subjectType" text, "subjectId" uuid, data jsonb, "traceId" text)`,
    [context.tenantId, context.ip ?? null, context.userAgent ?? null, storableJson(rows)],
  );
}
