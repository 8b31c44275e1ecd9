import type { Sql } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import type { DomainContext } from '../context.ts';
import { BudgetExceededError } from '../errors.ts';
import type { Reservation, SpendCategory } from '../money/reserve.ts';
import { reserve } from '../money/reserve.ts';
import { recordEvents } from '../outbox.ts';
import type { TaskChange } from './cancel-tasks.ts';
import { TASK_CHANGE_COLUMNS, taskEvent } from './cancel-tasks.ts';
import type { TaskType } from './task-types.ts';

export interface DependencyOutput {
  taskId: string;
  dependsOnId: string;
  type: TaskType;
  output: unknown;
  approvedByUserId: string | null;
}

export interface ClaimedTask {
  id: string;
  agentId: string;
  campaignId: string | null;
  type: TaskType;
  input: unknown;
  attempt: number;
  maxAttempts: number;
  timeoutSeconds: number;
  traceId: string;
  tainted: boolean;
  feedback: string | null;
  scheduledFor: Date | null;
  /** The fence: a report is accepted only with this token. */
  claimToken: string;
  agentVersion: number;
  stateVersion: number;
  reservations: Reservation[];
  dependencies: DependencyOutput[];
}

export type ClaimOutcome =
  | { claimed: ClaimedTask }
  | { refused: 'NOT_CLAIMABLE' }
  | { refused: 'BUDGET'; error: BudgetExceededError; agentId: string; campaignId: string | null };

export interface ClaimOptions {
  workerId: string;
  leaseSeconds: number;
  /** What an attempt of a type may cost at most, in micro-USD, by category. */
  estimate(type: TaskType): { category: SpendCategory; amountMicroUsd: number }[];
}

interface ClaimedRow extends TaskChange {
  input: unknown;
  maxAttempts: number;
  timeoutSeconds: number;
  tainted: boolean;
  feedback: string | null;
  scheduledFor: Date | null;
  claimToken: string;
  agentVersion: number;
  stateVersion: number;
}

/**
 * Claims QUEUED tasks for one attempt each: compare-and-set on the status, only while the agent and the campaign are ACTIVE
 * and the campaign's state is the one the task was planned under; what the attempt may cost is reserved in the same
 * transaction. One outcome a task, in order.
 * Dies after the commit: the lease runs out and the reconciler queues the task again. Runs twice: the second finds no QUEUED task.
 */
export async function claimTasks(
  context: DomainContext,
  taskIds: readonly string[],
  options: ClaimOptions,
): Promise<ClaimOutcome[]> {
  try {
    return await context.db.transaction((sql) => claimIn(sql, context, taskIds, options));
  } catch (error) {
    if (!(error instanceof BudgetExceededError)) throw error;
    if (taskIds.length === 1) {
      const [task] = await context.db.query<{ agentId: string; campaignId: string | null }>(
        'SELECT "agentId", "campaignId" FROM "Task" WHERE id = $1',
        [taskIds[0]],
      );
      return task ? [{ refused: 'BUDGET', error, ...task }] : [{ refused: 'NOT_CLAIMABLE' }];
    }
    const outcomes: ClaimOutcome[] = [];
    for (const taskId of taskIds) outcomes.push(...(await claimTasks(context, [taskId], options)));
    return outcomes;
  }
}

async function claimIn(
  sql: Sql,
  context: DomainContext,
  taskIds: readonly string[],
  options: ClaimOptions,
): Promise<ClaimOutcome[]> {
  // `id = ANY` besides the join, here and in its siblings: with the join alone the planner reads every QUEUED task.
  const rows = await sql.query<ClaimedRow>(
    `UPDATE "Task" t SET status = 'IN_PROGRESS', attempt = t.attempt + 1, "claimToken" = x.token, "assignedWorkerId" = $3,
       "leaseExpiresAt" = now() + make_interval(secs => $4), "startedAt" = coalesce(t."startedAt", now()), version = t.version + 1
     FROM unnest($1::uuid[], $2::uuid[]) AS x(id, token), "Agent" a
     WHERE t.id = ANY($1::uuid[]) AND t.id = x.id AND a.id = t."agentId" AND t.status = 'QUEUED' AND (t."notBefore" IS NULL OR t."notBefore" <= now()) AND a.status = 'ACTIVE'
       AND (t."campaignId" IS NULL OR EXISTS (SELECT 1 FROM "Campaign" c WHERE c.id = t."campaignId" AND c.status = 'ACTIVE' AND c."stateVersion" = t."stateVersion"))
     RETURNING ${TASK_CHANGE_COLUMNS}, t.input, t."maxAttempts", t."timeoutSeconds", t.tainted, t.feedback, t."scheduledFor", t."claimToken", t."stateVersion", a.version AS "agentVersion"`,
    [taskIds, taskIds.map(() => newId()), options.workerId, options.leaseSeconds],
  );
  if (rows.length === 0) return taskIds.map(() => ({ refused: 'NOT_CLAIMABLE' }));
  const now = context.clock.now();
  const requests = rows.flatMap((row) =>
    options.estimate(row.type as TaskType).map((estimate) => ({
      agentId: row.agentId,
      campaignId: row.campaignId,
      taskId: row.id,
      attempt: row.attempt,
      ...estimate,
    })),
  );
  const dependencies = await sql.query<DependencyOutput & Record<string, unknown>>(
    `SELECT d."taskId", d."dependsOnId", p.type, p.output, p."approvedByUserId" FROM "TaskDependency" d JOIN "Task" p ON p.id = d."dependsOnId"
     WHERE d."taskId" = ANY($1::uuid[]) ORDER BY d."taskId", p."createdAt", p.id`,
    [rows.map((row) => row.id)],
  );
  await recordEvents(
    sql,
    context.tenantId,
    context.traceId,
    rows.map((row) => taskEvent(row)),
  );
  const longest = Math.max(...rows.map((row) => row.timeoutSeconds));
  // Last: every claim, report and verdict of an agent wants the same budget rows, and waits while another holds them.
  const reservations = await reserve(
    sql,
    context.tenantId,
    requests,
    now,
    new Date(now.getTime() + (longest + 600) * 1000),
  );
  const claimed = new Map(rows.map((row) => [row.id, row]));
  return taskIds.map((id): ClaimOutcome => {
    const row = claimed.get(id);
    if (!row) return { refused: 'NOT_CLAIMABLE' };
    return {
      claimed: {
        ...row,
        type: row.type as TaskType,
        reservations: reservations.filter((reservation) => reservation.taskId === id),
        dependencies: dependencies.filter((dependency) => dependency.taskId === id),
      },
    };
  });
}

/** Extends the leases of attempts still running; returns the ids that are still ours (the others must be aborted). */
export async function extendLeases(
  context: Pick<DomainContext, 'db'>,
  claims: readonly { id: string; claimToken: string }[],
  leaseSeconds: number,
): Promise<Set<string>> {
  if (claims.length === 0) return new Set();
  const rows = await context.db.query<{ id: string }>(
    `UPDATE "Task" t SET "leaseExpiresAt" = now() + make_interval(secs => $3) FROM unnest($1::uuid[], $2::uuid[]) AS x(id, token)
     WHERE t.id = x.id AND t."claimToken" = x.token AND t.status = 'IN_PROGRESS' RETURNING t.id`,
    [claims.map((claim) => claim.id), claims.map((claim) => claim.claimToken), leaseSeconds],
  );
  return new Set(rows.map((row) => row.id));
}
