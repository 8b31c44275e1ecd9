import { raiseAlert } from '../../domain/alert/raise-alert.ts';
import { release } from '../../domain/money/reserve.ts';
import { recordEvents } from '../../domain/outbox.ts';
import type { TaskChange } from '../../domain/task/cancel-tasks.ts';
import { TASK_CHANGE_COLUMNS, taskEvent } from '../../domain/task/cancel-tasks.ts';
import { giveUp } from '../../domain/task/fail-attempt.ts';
import { insertResults } from '../../domain/task/report-results.ts';
import type { RelayDatabase, Sql } from '../../platform/database.ts';

const MESSAGE = 'E2001: the Worker went silent and its lease ran out';

interface ExpiredTask extends TaskChange {
  tenantId: string;
  assignedWorkerId: string | null;
}

/**
 * Takes tasks back from Workers that went silent: QUEUED for another attempt, or FAILED when that was the last (E2001).
 * The claim token is cleared, so a Worker that was only slow can no longer report. Compare-and-set on the expired lease:
 * twice is harmless. Returns how many were taken back.
 */
export async function expireLeases(database: RelayDatabase): Promise<number> {
  return database.transaction(async (sql) => {
    const expired = await sql.query<ExpiredTask>(
      `UPDATE "Task" t SET status = CASE WHEN t.attempt < t."maxAttempts" THEN 'QUEUED'::"TaskStatus" ELSE 'FAILED'::"TaskStatus" END, "claimToken" = NULL, "leaseExpiresAt" = NULL, "notBefore" = NULL,
         "errorCode" = 'WORKER_TIMEOUT', "errorMessage" = $1, "errorAt" = now(), "completedAt" = CASE WHEN t.attempt < t."maxAttempts" THEN NULL ELSE now() END, version = t.version + 1
       WHERE t.id IN (SELECT id FROM "Task" WHERE status = 'IN_PROGRESS' AND "leaseExpiresAt" < now() ORDER BY "leaseExpiresAt" LIMIT 500 FOR UPDATE SKIP LOCKED)
       RETURNING ${TASK_CHANGE_COLUMNS}, t."tenantId", t."assignedWorkerId"`,
      [MESSAGE],
    );
    for (const tenantId of new Set(expired.map((task) => task.tenantId)))
      await takeBack(
        sql,
        tenantId,
        expired.filter((task) => task.tenantId === tenantId),
      );
    return expired.length;
  });
}

async function takeBack(sql: Sql, tenantId: string, tasks: readonly ExpiredTask[]): Promise<void> {
  await insertResults(
    sql,
    tenantId,
    tasks.map((task) => ({
      taskId: task.id,
      attempt: task.attempt,
      workerId: task.assignedWorkerId ?? 'unknown',
      output: null,
      reasoning: null,
      toolCalls: [],
      model: null,
      tokens: null,
      modelProbability: null,
      executionMs: 0,
      settlements: [],
      invalidatedReason: null,
      errorCode: 'WORKER_TIMEOUT',
      errorMessage: MESSAGE,
    })),
  );
  for (const task of tasks) {
    const followed = task.status === 'FAILED' ? await giveUp(sql, task, 'TASK_FAILED', MESSAGE) : [];
    const alerts =
      task.status === 'FAILED'
        ? await raiseAlert(sql, tenantId, {
            rule: 'E2001',
            severity: 'WARNING',
            message: `${task.type} ${task.id}: ${MESSAGE}`,
            agentId: task.agentId,
            campaignId: task.campaignId,
          })
        : [];
    await recordEvents(sql, tenantId, task.traceId, [taskEvent(task), ...followed, ...alerts]);
  }
  // Last: the budget rows are wanted by every claim. What a slow Worker still spent is entered when it reports.
  const reservations = await sql.query<{ id: string }>(
    `SELECT s.id FROM "SpendEntry" s JOIN unnest($1::uuid[], $2::int[]) AS x(id, attempt) ON s."taskId" = x.id AND s.attempt = x.attempt WHERE s."settledAt" IS NULL`,
    [tasks.map((task) => task.id), tasks.map((task) => task.attempt)],
  );
  await release(
    sql,
    tenantId,
    reservations.map((reservation) => reservation.id),
  );
}

/** Longer than a Worker needs to notice that its task was cancelled, and to settle what it spent. */
const CANCELLED_GRACE_SECONDS = 120;

/**
 * Reservations nobody will settle any more are given back to their budgets: they expired, or their task ended a while ago.
 * What a result that waits for its judgement has reserved for it stays: the Judge is still to spend it, however late.
 */
export async function releaseExpiredReservations(database: RelayDatabase): Promise<void> {
  await database.transaction(async (sql) => {
    const rows = await sql.query<{ id: string; tenantId: string }>(
      `SELECT s.id, s."tenantId" FROM "SpendEntry" s LEFT JOIN "Task" t ON t.id = s."taskId"
       WHERE s.status = 'RESERVED' AND CASE WHEN s.category = 'JUDGEMENT' AND t.status = 'IN_REVIEW' AND t.attempt = s.attempt THEN false
         ELSE s."expiresAt" < now() OR t."completedAt" < now() - make_interval(secs => $1) END
       ORDER BY s."expiresAt" LIMIT 500 FOR UPDATE OF s SKIP LOCKED`,
      [CANCELLED_GRACE_SECONDS],
    );
    for (const tenantId of new Set(rows.map((row) => row.tenantId)))
      await release(
        sql,
        tenantId,
        rows.filter((row) => row.tenantId === tenantId).map((row) => row.id),
      );
  });
}
