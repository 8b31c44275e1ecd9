import type { Sql } from '../../platform/database.ts';
import type { NewEvent } from '../events.ts';
import type { TaskChange } from '../task/cancel-tasks.ts';
import { TASK_CHANGE_COLUMNS, taskEvent } from '../task/cancel-tasks.ts';

/**
 * Confirms the open work of a campaign under its new state, in the caller's transaction: what is not finished is stamped
 * with `stateVersion`. Returns the events that wake what waits in PostgreSQL and may have lost its job meanwhile: QUEUED
 * tasks and PENDING effects (waking twice is harmless).
 */
export async function keepWork(sql: Sql, campaignId: string, stateVersion: number): Promise<NewEvent[]> {
  await sql.query(
    `UPDATE "Task" SET "stateVersion" = $2 WHERE "campaignId" = $1 AND "stateVersion" <> $2
       AND status IN ('PENDING', 'QUEUED', 'IN_PROGRESS', 'IN_REVIEW', 'ESCALATED', 'APPLYING')`,
    [campaignId, stateVersion],
  );
  const queued = await sql.query<TaskChange>(
    `SELECT ${TASK_CHANGE_COLUMNS} FROM "Task" t WHERE t."campaignId" = $1 AND t.status = 'QUEUED'`,
    [campaignId],
  );
  const effects = await sql.query<{
    id: string;
    taskId: string;
    agentId: string;
    attempt: number;
    notBefore: Date | null;
  }>(
    `SELECT e.id, e."taskId", e."agentId", e.attempt, e."notBefore" FROM "Effect" e JOIN "Task" t ON t.id = e."taskId"
     WHERE t."campaignId" = $1 AND e.status = 'PENDING'`,
    [campaignId],
  );
  return [
    ...queued.map((task) => taskEvent(task)),
    ...effects.map(
      (effect): NewEvent<'effect'> => ({
        topic: 'effect',
        kind: 'UPDATED',
        subjectId: effect.id,
        agentId: effect.agentId,
        campaignId,
        version: effect.attempt + 1,
        data: {
          taskId: effect.taskId,
          status: 'PENDING',
          attempt: effect.attempt,
          notBefore: effect.notBefore?.toISOString() ?? null,
        },
      }),
    ),
  ];
}
