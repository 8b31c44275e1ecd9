import type { Sql } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import type { EffectCall } from '../effect/effect-call.ts';
import { effectEvent } from '../effect/effect-event.ts';
import type { NewEvent } from '../events.ts';
import type { TaskChange } from './cancel-tasks.ts';
import { TASK_CHANGE_COLUMNS, taskEvent } from './cancel-tasks.ts';

export interface Approval {
  taskId: string;
  attempt: number;
  stateVersion: number;
  output: unknown;
  /** The outside call of an effectful task; null completes the task. */
  effect: EffectCall | null;
  approvedByUserId: string | null;
  /** judge or user:<id> */
  approvedBy: string;
}

/**
 * Moves approved tasks on, in the caller's transaction: a generating task is COMPLETE and releases its dependents; an
 * effectful one is APPLYING with its effect PENDING. Only tasks still in `from`, in that attempt and state, move; returns
 * their ids and the events. The effect row is unique a task: approving twice cannot make two.
 */
export async function applyApprovals(
  sql: Sql,
  tenantId: string,
  from: 'IN_REVIEW' | 'ESCALATED',
  approvals: readonly Approval[],
): Promise<{ moved: Set<string>; events: NewEvent[] }> {
  if (approvals.length === 0) return { moved: new Set(), events: [] };
  const tasks = await sql.query<TaskChange & { scheduledFor: Date | null }>(
    `UPDATE "Task" t SET status = x.status::"TaskStatus", output = x.output, "approvedByUserId" = x."approvedByUserId", "errorCode" = NULL, "errorMessage" = NULL, "errorAt" = NULL,
       "completedAt" = CASE WHEN x.status = 'COMPLETE' THEN now() END, version = t.version + 1
     FROM jsonb_to_recordset($1::jsonb) AS x("taskId" uuid, attempt int, "stateVersion" int, status text, output jsonb, "approvedByUserId" uuid)
     WHERE t.id = ANY($3::uuid[]) AND t.id = x."taskId" AND t.status = $2::"TaskStatus" AND t.attempt = x.attempt AND t."stateVersion" = x."stateVersion"
     RETURNING ${TASK_CHANGE_COLUMNS}, t."scheduledFor"`,
    [
      JSON.stringify(
        approvals.map(({ taskId, attempt, stateVersion, output, effect, approvedByUserId }) => ({
          taskId,
          attempt,
          stateVersion,
          output,
          approvedByUserId,
          status: effect ? 'APPLYING' : 'COMPLETE',
        })),
      ),
      from,
      approvals.map((approval) => approval.taskId),
    ],
  );
  const moved = new Map(tasks.map((task) => [task.id, task]));
  const effects = approvals.flatMap((approval) => {
    const task = moved.get(approval.taskId);
    return approval.effect && task
      ? [
          {
            id: newId(),
            taskId: task.id,
            agentId: task.agentId,
            campaignId: task.campaignId,
            notBefore: task.scheduledFor,
            approvedBy: approval.approvedBy,
            ...approval.effect,
          },
        ]
      : [];
  });
  if (effects.length > 0) {
    await sql.query(
      `INSERT INTO "Effect" (id, "tenantId", "taskId", "agentId", server, tool, payload, "payloadDigest", "idempotencyKey", "notBefore", "approvedBy")
       SELECT e.id, $1::uuid, e."taskId", e."agentId", e.server, e.tool, e.payload, e."payloadDigest", e."idempotencyKey", e."notBefore", e."approvedBy"
       FROM jsonb_to_recordset($2::jsonb) AS e(id uuid, "taskId" uuid, "agentId" uuid, server text, tool text, payload jsonb, "payloadDigest" text, "idempotencyKey" text, "notBefore" timestamptz, "approvedBy" text)`,
      [tenantId, JSON.stringify(effects)],
    );
  }
  const released = await releaseDependents(
    sql,
    tasks.filter((task) => task.status === 'COMPLETE').map((task) => task.id),
  );
  return {
    moved: new Set(moved.keys()),
    events: [
      ...tasks.map((task) => taskEvent(task)),
      ...effects.map((effect) => effectEvent({ ...effect, attempt: 0 }, 'PENDING', effect.notBefore, 'CREATED')),
      ...released,
    ],
  };
}

/** Counts completed dependencies down; a PENDING task with none left open is QUEUED. Runs once a completed task: its caller moved it. */
export async function releaseDependents(sql: Sql, completedIds: readonly string[]): Promise<NewEvent[]> {
  if (completedIds.length === 0) return [];
  const queued = await sql.query<TaskChange>(
    `WITH closed AS (SELECT "taskId", count(*)::int AS n FROM "TaskDependency" WHERE "dependsOnId" = ANY($1::uuid[]) GROUP BY "taskId")
     UPDATE "Task" t SET "openDependencies" = t."openDependencies" - closed.n,
       status = CASE WHEN t.status = 'PENDING' AND t."openDependencies" = closed.n THEN 'QUEUED'::"TaskStatus" ELSE t.status END, version = t.version + 1
     FROM closed WHERE t.id = closed."taskId" RETURNING ${TASK_CHANGE_COLUMNS}`,
    [completedIds],
  );
  return queued.filter((task) => task.status === 'QUEUED').map((task) => taskEvent(task));
}
