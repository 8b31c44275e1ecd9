import type { PositionedEvent } from '../../domain/events.ts';
import type { Sql } from '../../platform/database.ts';

/**
 * Moves committed events from the outbox to the event log, each with the next position: one statement, so a position is
 * given if and only if its event is there. Two relays at once queue up on the EventHead row: positions stay gap-free.
 * Dies after the commit: the events stand; jobs and hints that were not sent are brought by the reconciler and the pollers.
 */
export async function moveOutbox(sql: Sql, limit: number): Promise<PositionedEvent[]> {
  const rows = await sql.query<PositionedEvent & Record<string, unknown>>(
    `WITH moved AS (DELETE FROM "Outbox" WHERE id = ANY (ARRAY(SELECT id FROM "Outbox" ORDER BY id LIMIT $1)) RETURNING *),
       head AS (UPDATE "EventHead" SET position = position + (SELECT count(*) FROM moved) WHERE id = 1 AND EXISTS (SELECT 1 FROM moved) RETURNING position),
       numbered AS (SELECT m.*, row_number() OVER (ORDER BY m.id) - count(*) OVER () AS back FROM moved m)
     INSERT INTO "Event" (position, "tenantId", topic, kind, "subjectId", "agentId", "campaignId", version, data, "traceId", "createdAt")
     SELECT head.position + n.back, n."tenantId", n.topic, n.kind, n."subjectId", n."agentId", n."campaignId", n.version, n.data, n."traceId", n."createdAt" FROM numbered n, head
     RETURNING *`,
    [limit],
  );
  return rows.sort((left, right) => left.position - right.position);
}
