import type { Sql } from '../../platform/database.ts';
import type { PlanReason } from '../campaign/campaign-row.ts';
import { campaignEvent, requestPlan } from '../campaign/campaign-row.ts';
import type { DomainContext } from '../context.ts';
import type { ErrorCode } from '../errors.ts';
import type { NewEvent } from '../events.ts';
import type { Settlement } from '../money/reserve.ts';
import { settle } from '../money/reserve.ts';
import { recordEvents } from '../outbox.ts';
import type { TaskChange } from './cancel-tasks.ts';
import { cancelTasks, DEPENDENTS_OF, TASK_CHANGE_COLUMNS, taskEvent } from './cancel-tasks.ts';
import type { ToolCallRecord } from './report-results.ts';
import { insertResults } from './report-results.ts';

export interface FailedAttempt {
  taskId: string;
  attempt: number;
  claimToken: string;
  workerId: string;
  error: { code: ErrorCode; message: string; retryable: boolean; retryAfterMs?: number };
  toolCalls: ToolCallRecord[];
  executionMs: number;
  settlements: Settlement[];
}

const BACKOFF_BASE_MS = 2_000;
const BACKOFF_MAX_MS = 300_000;

/** Exponential with full jitter: uniform in (0.5, 1] × min(2 s × 2^(attempt−1), 5 min). `random` is in [0, 1). */
export const backoffMs = (attempt: number, random: number): number =>
  Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** (attempt - 1)) * (1 - random / 2);

/** Ends a task for good in the caller's transaction: what depends on it is cancelled, and the Planner is asked to replace it. */
export async function giveUp(
  sql: Sql,
  task: { id: string; campaignId: string | null; type: string },
  reason: PlanReason,
  message: string,
): Promise<NewEvent[]> {
  const cancelled = await cancelTasks(sql, DEPENDENTS_OF, [[task.id]], {
    code: 'INVALID_STATE',
    message: `It depends on the ${task.type} ${task.id}, which ended: ${message}`.slice(0, 1000),
  });
  const campaign = task.campaignId
    ? await requestPlan(sql, task.campaignId, { reason, note: `${task.type} ended: ${message}`.slice(0, 1000) })
    : null;
  return [...cancelled, ...(campaign ? [campaignEvent(campaign, 'UPDATED')] : [])];
}

/**
 * Records an attempt that failed. Retryable and tries left: QUEUED again after a back-off; else FAILED, its dependents
 * cancelled, a re-plan requested. A lost claim only records. Runs twice: the claim is gone. Returns what became of the task.
 */
export async function failAttempt(
  context: DomainContext,
  failed: FailedAttempt,
  random: number = Math.random(),
): Promise<'RETRIED' | 'FAILED' | 'LOST'> {
  return context.db.transaction(async (sql) => {
    const delayMs = Math.max(failed.error.retryAfterMs ?? 0, backoffMs(failed.attempt, random));
    const [task] = await sql.query<TaskChange>(
      `UPDATE "Task" t SET status = CASE WHEN $3 AND t.attempt < t."maxAttempts" THEN 'QUEUED'::"TaskStatus" ELSE 'FAILED'::"TaskStatus" END,
         "claimToken" = NULL, "leaseExpiresAt" = NULL, "notBefore" = CASE WHEN $3 AND t.attempt < t."maxAttempts" THEN now() + make_interval(secs => $4) ELSE t."notBefore" END,
         "completedAt" = CASE WHEN $3 AND t.attempt < t."maxAttempts" THEN NULL ELSE now() END,
         "errorCode" = $5, "errorMessage" = $6, "errorAt" = now(), version = t.version + 1
       WHERE t.id = $1 AND t."claimToken" = $2 AND t.status = 'IN_PROGRESS' RETURNING ${TASK_CHANGE_COLUMNS}`,
      [
        failed.taskId,
        failed.claimToken,
        failed.error.retryable,
        delayMs / 1000,
        failed.error.code,
        failed.error.message.slice(0, 2000),
      ],
    );
    await insertResults(sql, context.tenantId, [
      {
        ...failed,
        output: null,
        reasoning: null,
        model: null,
        tokens: null,
        modelProbability: null,
        invalidatedReason: task ? null : 'the claim was lost before the report',
        errorCode: failed.error.code,
        errorMessage: failed.error.message,
      },
    ]);
    await settle(sql, context.tenantId, failed.settlements, context.clock.now());
    if (!task) return 'LOST';
    const followed = task.status === 'FAILED' ? await giveUp(sql, task, 'TASK_FAILED', failed.error.message) : [];
    await recordEvents(sql, context.tenantId, context.traceId, [taskEvent(task), ...followed]);
    return task.status === 'FAILED' ? 'FAILED' : 'RETRIED';
  });
}
