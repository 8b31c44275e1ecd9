import type { Sql } from '../../platform/database.ts';
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
  | { refused: 'BUDGET'; error: BudgetExceededError; taskId: string; agentId: string; campaignId: string | null };

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

/** What a claim took, and no budget covers. */
class UnaffordableClaimError extends Error {
  readonly budget: BudgetExceededError;
  readonly tasks: readonly ClaimedRow[];
  constructor(budget: BudgetExceededError, tasks: readonly ClaimedRow[]) {
    super(budget.message);
    this.budget = budget;
    this.tasks = tasks;
  }
}

/**
 * Claims tasks for one attempt each. A ticket is a turn of its agent: it gets the agent's best QUEUED task that is due, the
 * most urgent and of those the oldest. Only while the agent and the campaign are ACTIVE and the campaign's state is the one
 * the task was planned under; what a plan that a person asked for may replace is not started. What the attempt may cost is
 * reserved in the same transaction. One outcome a ticket, in order.
 * Dies after the commit: the lease runs out and the reconciler queues the task again. Runs twice: a turn more than the agent
 * has tasks finds none.
 */
export async function claimTasks(
  context: DomainContext,
  agentIds: readonly string[],
  options: ClaimOptions,
): Promise<ClaimOutcome[]> {
  try {
    return await context.db.transaction((sql) => claimIn(sql, context, agentIds, options));
  } catch (error) {
    if (!(error instanceof UnaffordableClaimError)) throw error;
    const [task] = error.tasks;
    if (agentIds.length === 1 && task)
      return [
        { refused: 'BUDGET', error: error.budget, taskId: task.id, agentId: task.agentId, campaignId: task.campaignId },
      ];
    const outcomes: ClaimOutcome[] = [];
    for (const agentId of agentIds) outcomes.push(...(await claimTasks(context, [agentId], options)));
    return outcomes;
  }
}

/**
 * What another transaction holds is passed over: it is being claimed, or it changes and its own event brings a ticket.
 * The rows are taken in the order of agents, and then changed by id: with a join the planner reads every QUEUED task.
 */
async function takeBest(sql: Sql, agentIds: readonly string[], options: ClaimOptions): Promise<ClaimedRow[]> {
  const tickets = new Map<string, number>();
  for (const agentId of agentIds) tickets.set(agentId, (tickets.get(agentId) ?? 0) + 1);
  const rows = await sql.query<ClaimedRow>(
    `WITH best AS MATERIALIZED (
       SELECT q.id FROM unnest($1::uuid[], $2::int[]) AS x("agentId", tickets) JOIN "Agent" a ON a.id = x."agentId" AND a.status = 'ACTIVE'
       CROSS JOIN LATERAL (
         SELECT t.id FROM "Task" t WHERE t."agentId" = x."agentId" AND t.status = 'QUEUED' AND (t."notBefore" IS NULL OR t."notBefore" <= now())
           AND (t."campaignId" IS NULL OR EXISTS (SELECT 1 FROM "Campaign" c WHERE c.id = t."campaignId" AND c.status = 'ACTIVE' AND (c."budgetHoldScopeId" IS NULL OR t.type = 'POST_CONTENT') AND c."stateVersion" = t."stateVersion"
             AND (c."planDueReason" IS DISTINCT FROM 'HUMAN' OR t.type IN ('REPLY_COMMENT', 'POST_CONTENT'))))
         ORDER BY t.priority DESC, t.id LIMIT x.tickets FOR UPDATE OF t SKIP LOCKED) q)
     UPDATE "Task" t SET status = 'IN_PROGRESS', attempt = t.attempt + 1, "claimToken" = gen_random_uuid(), "assignedWorkerId" = $3,
       "leaseExpiresAt" = now() + make_interval(secs => $4), "startedAt" = coalesce(t."startedAt", now()), version = t.version + 1
     FROM "Agent" a WHERE t.id = ANY(ARRAY(SELECT id FROM best)) AND a.id = t."agentId"
     RETURNING ${TASK_CHANGE_COLUMNS}, t.input, t."maxAttempts", t."timeoutSeconds", t.tainted, t.feedback, t."scheduledFor", t."claimToken", t."stateVersion", a.version AS "agentVersion"`,
    [[...tickets.keys()], [...tickets.values()], options.workerId, options.leaseSeconds],
  );
  return rows.sort((left, right) => right.priority - left.priority || (left.id < right.id ? -1 : 1));
}

async function claimIn(
  sql: Sql,
  context: DomainContext,
  agentIds: readonly string[],
  options: ClaimOptions,
): Promise<ClaimOutcome[]> {
  const rows = await takeBest(sql, agentIds, options);
  if (rows.length === 0) return agentIds.map(() => ({ refused: 'NOT_CLAIMABLE' }));
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
  ).catch((error: unknown) => {
    throw error instanceof BudgetExceededError ? new UnaffordableClaimError(error, rows) : error;
  });
  const left = [...rows];
  return agentIds.map((agentId): ClaimOutcome => {
    const at = left.findIndex((task) => task.agentId === agentId);
    const [row] = at < 0 ? [] : left.splice(at, 1);
    if (!row) return { refused: 'NOT_CLAIMABLE' };
    return {
      claimed: {
        ...row,
        type: row.type as TaskType,
        reservations: reservations.filter((reservation) => reservation.taskId === row.id),
        dependencies: dependencies.filter((dependency) => dependency.taskId === row.id),
      },
    };
  });
}

/**
 * Extends the leases of attempts still running; returns the ids that are still ours (the others must be aborted). A
 * transaction, because it is tried again after a deadlock: a heartbeat that is left out may cost the leases.
 */
export async function extendLeases(
  context: Pick<DomainContext, 'db'>,
  claims: readonly { id: string; claimToken: string }[],
  leaseSeconds: number,
): Promise<Set<string>> {
  if (claims.length === 0) return new Set();
  const rows = await context.db.transaction((sql) =>
    sql.query<{ id: string }>(
      `UPDATE "Task" t SET "leaseExpiresAt" = now() + make_interval(secs => $3) FROM unnest($1::uuid[], $2::uuid[]) AS x(id, token)
       WHERE t.id = ANY($1::uuid[]) AND t.id = x.id AND t."claimToken" = x.token AND t.status = 'IN_PROGRESS' RETURNING t.id`,
      [claims.map((claim) => claim.id), claims.map((claim) => claim.claimToken), leaseSeconds],
    ),
  );
  return new Set(rows.map((row) => row.id));
}
