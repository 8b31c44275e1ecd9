import type { Sql } from '../../platform/database.ts';
import type { NewEvent } from '../events.ts';
import { wakeWork } from '../task/wake-work.ts';

/**
 * Confirms the open work of a campaign under its new state, in the caller's transaction: what is not finished is stamped
 * with `stateVersion`. Returns the events that wake what waits.
 */
export async function keepWork(sql: Sql, campaignId: string, stateVersion: number): Promise<NewEvent[]> {
  await sql.query(
    `UPDATE "Task" SET "stateVersion" = $2 WHERE "campaignId" = $1 AND "stateVersion" <> $2
       AND status IN ('PENDING', 'QUEUED', 'IN_PROGRESS', 'IN_REVIEW', 'ESCALATED', 'APPLYING')`,
    [campaignId, stateVersion],
  );
  return wakeWork(sql, 'campaignId', campaignId);
}
