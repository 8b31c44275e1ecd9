import type { Sql } from '../../platform/database.ts';
import type { NewEvent } from '../events.ts';
import { cancelReviews } from '../review/cancel-reviews.ts';
import type { TaskStatus } from './task-lifecycle.ts';
import { statesBefore } from './task-lifecycle.ts';

/** What a task event needs; the shape of every `RETURNING` that moves tasks. */
export interface TaskChange extends Record<string, unknown> {
  id: string;
  agentId: string;
  campaignId: string | null;
  type: string;
  status: TaskStatus;
  attempt: number;
  priority: number;
  notBefore: Date | null;
  version: number;
  traceId: string;
  errorCode: string | null;
  errorMessage: string | null;
}
export const TASK_CHANGE_COLUMNS = [
  'id',
  'agentId',
  'campaignId',
  'type',
  'status',
  'attempt',
  'priority',
  'notBefore',
  'version',
  'traceId',
  'errorCode',
  'errorMessage',
]
  .map((column) => `t."${column}"`)
  .join(', ');

export const taskEvent = (
  task: TaskChange,
  kind: NewEvent['kind'] = 'UPDATED',
): NewEvent<'task'> & { traceId: string } => ({
  topic: 'task',
  kind,
  subjectId: task.id,
  agentId: task.agentId,
  campaignId: task.campaignId,
  version: task.version,
  traceId: task.traceId,
  data: {
    type: task.type,
    status: task.status,
    attempt: task.attempt,
    priority: task.priority,
    notBefore: task.notBefore?.toISOString() ?? null,
    ...(task.errorCode ? { errorCode: task.errorCode, errorMessage: task.errorMessage } : {}),
  },
});

/**
 * Cancels tasks and what hangs on them: the tasks that (transitively) wait for them, whoever's they are, pending reviews and
 * effects that have not been sent. An effect that may have been sent keeps its task APPLYING: its outcome is still to be
 * learnt. `where` is SQL of ours over "Task" t, parameters from $1. Returns the events to record.
 */
export async function cancelTasks(
  sql: Sql,
  where: string,
  values: readonly unknown[],
  error?: { code: string; message: string },
): Promise<NewEvent[]> {
  const last = values.length;
  const cancelled = await sql.query<TaskChange>(
    `UPDATE "Task" t SET status = 'CANCELLED', "claimToken" = NULL, "leaseExpiresAt" = NULL, "completedAt" = now(), version = t.version + 1,
       "errorCode" = coalesce($${last + 1}, t."errorCode"), "errorMessage" = coalesce($${last + 2}, t."errorMessage"),
       "errorAt" = CASE WHEN $${last + 1}::text IS NULL THEN t."errorAt" ELSE now() END
     WHERE t.status = ANY($${last + 3}::"TaskStatus"[]) AND (${where})
       AND NOT EXISTS (SELECT 1 FROM "Effect" e WHERE e."taskId" = t.id AND e.status IN ('SENT', 'CONFIRMED'))
     RETURNING ${TASK_CHANGE_COLUMNS}`,
    [...values, error?.code ?? null, error?.message ?? null, statesBefore('CANCELLED')],
  );
  if (cancelled.length === 0) return [];
  const ids = cancelled.map((task) => task.id);
  await sql.query(`UPDATE "Effect" SET status = 'CANCELLED' WHERE "taskId" = ANY($1::uuid[]) AND status = 'PENDING'`, [
    ids,
  ]);
  return [
    ...cancelled.map((task) => taskEvent(task)),
    ...(await cancelReviews(sql, ids)),
    ...(await cancelTasks(sql, DEPENDENTS_OF, [ids], error)),
  ];
}

/** Every task that (transitively) depends on one of `taskIds` and has not started. */
export const DEPENDENTS_OF = `t.id IN (
  WITH RECURSIVE below(id) AS (
    SELECT d."taskId" FROM "TaskDependency" d WHERE d."dependsOnId" = ANY($1::uuid[])
    UNION SELECT d."taskId" FROM "TaskDependency" d JOIN below b ON d."dependsOnId" = b.id
  ) SELECT id FROM below)`;
