import type { Sql } from '../platform/database.ts';
import { storableJson } from '../platform/storable.ts';
import type { NewEvent } from './events.ts';

/**
 * Writes events in the transaction of the change they tell of. Call it after the change's own statements: the row locks
 * then order the events of one subject as its commits. The relay gives each its position once it is committed.
 * Dies here: the transaction is gone, and its change with it. Runs twice: only if the change is committed twice.
 */
export async function recordEvents(
  sql: Sql,
  tenantId: string,
  traceId: string,
  events: readonly (NewEvent & { traceId?: string })[],
): Promise<void> {
  if (events.length === 0) return;
  await sql.query(
    `INSERT INTO "Outbox" ("tenantId", topic, kind, "subjectId", "agentId", "campaignId", version, data, "traceId")
     SELECT $1::uuid, e.topic, e.kind::"ChangeKind", e."subjectId", e."agentId", e."campaignId", e.version, e.data, coalesce(e."traceId", $2)
     FROM jsonb_to_recordset($3::jsonb) AS e(topic text, kind text, "subjectId" uuid, "agentId" uuid, "campaignId" uuid, version int, data jsonb, "traceId" text)`,
    [tenantId, traceId, storableJson(events)],
  );
}
