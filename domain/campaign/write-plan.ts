import type { Sql } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { DomainContext } from '../context.ts';
import type { NewEvent } from '../events.ts';
import type { Settlement } from '../money/reserve.ts';
import { settle } from '../money/reserve.ts';
import { recordEvents } from '../outbox.ts';
import type { TaskChange } from '../task/cancel-tasks.ts';
import { cancelTasks, DEPENDENTS_OF, TASK_CHANGE_COLUMNS, taskEvent } from '../task/cancel-tasks.ts';
import type { CampaignRow, PlanReason } from './campaign-row.ts';
import { campaignEvent } from './campaign-row.ts';
import { keepWork } from './keep-work.ts';
import type { PlannedTask } from './validate-plan.ts';

export interface PlanRevision {
  campaignId: string;
  claimToken: string;
  /** The state the plan was made for; another one by now refuses it. */
  stateVersion: number;
  reason: PlanReason;
  note: string | null;
  model: string;
  settlements: Settlement[];
  tasks: readonly PlannedTask[];
}

/** Reasons for which only what was lost is replaced; the others replace everything that has not started. */
const REPAIRS: readonly PlanReason[] = ['TASK_FAILED', 'RESULT_REJECTED', 'STATE_CONFLICT', 'BUDGET'];
export const isRepair = (reason: PlanReason): boolean => REPAIRS.includes(reason);

export type WritePlanOutcome =
  | { outcome: 'written'; planId: string; revision: number; taskCount: number }
  | { outcome: 'stale' };

/**
 * Writes a validated plan as the next revision, in one transaction: finished work is kept, work in flight is kept and
 * stamped with the new state; what had not started is kept by a repair and replaced otherwise; tasks without open
 * dependencies are QUEUED. A request with another note that came in while this was made stays due.
 * A campaign that moved on since (status, goals, another revision) refuses it: stale, nothing written.
 * Dies before the commit: the plan lease runs out and another Planner plans. Runs twice: the claim is gone.
 */
export async function writePlan(context: DomainContext, plan: PlanRevision): Promise<WritePlanOutcome> {
  return context.db.transaction(async (sql) => {
    const [campaign] = await sql.query<CampaignRow>(
      `UPDATE "Campaign" SET "planRevision" = "planRevision" + 1, "stateVersion" = "stateVersion" + 1, version = version + 1, "updatedAt" = now(), "planFailures" = 0,
         "planDueReason" = CASE WHEN "planDueNote" IS NOT DISTINCT FROM $4 THEN NULL ELSE "planDueReason" END,
         "planDueAt" = CASE WHEN "planDueNote" IS NOT DISTINCT FROM $4 THEN NULL ELSE now() END,
         "planDueNote" = CASE WHEN "planDueNote" IS NOT DISTINCT FROM $4 THEN NULL ELSE "planDueNote" END,
         "planClaimToken" = NULL, "planLeaseExpiresAt" = NULL
       WHERE id = $1 AND "planClaimToken" = $2 AND "stateVersion" = $3 AND status = 'ACTIVE' RETURNING *`,
      [plan.campaignId, plan.claimToken, plan.stateVersion, plan.note],
    );
    await settle(sql, context.tenantId, plan.settlements, context.clock.now());
    if (!campaign) return { outcome: 'stale' };
    const planId = newId();
    const cost = plan.settlements.reduce((sum, settlement) => sum + Math.round(settlement.actualMicroUsd), 0);
    await sql.query(
      'INSERT INTO "Plan" (id, "tenantId", "campaignId", revision, reason, note, model, "costMicroUsd") VALUES ($1, $2, $3, $4, $5::"PlanReason", $6, $7, $8)',
      [planId, context.tenantId, campaign.id, campaign.planRevision, plan.reason, plan.note, plan.model, cost],
    );
    const superseded = isRepair(plan.reason) ? [] : await supersede(sql, campaign.id);
    const kept = await keepWork(sql, campaign.id, campaign.stateVersion);
    const created = await insertPlannedTasks(sql, context, campaign, planId, plan.tasks);
    await recordEvents(sql, context.tenantId, context.traceId, [
      ...superseded,
      ...kept,
      {
        topic: 'plan',
        kind: 'CREATED',
        subjectId: planId,
        campaignId: campaign.id,
        version: 1,
        data: {
          campaignId: campaign.id,
          revision: campaign.planRevision,
          reason: plan.reason,
          taskCount: created.length,
        },
      },
      ...created.map((task) => taskEvent(task, 'CREATED')),
      campaignEvent(campaign, 'UPDATED'),
    ]);
    await recordAudit(sql, context, [
      {
        action: 'plan.written',
        subjectType: 'Plan',
        subjectId: planId,
        data: { campaignId: campaign.id, revision: campaign.planRevision, reason: plan.reason, tasks: created.length },
      },
    ]);
    return { outcome: 'written', planId, revision: campaign.planRevision, taskCount: created.length };
  });
}

const REPLACEABLE = `t."campaignId" = $1 AND t.status = 'QUEUED' AND t.type NOT IN ('REPLY_COMMENT', 'POST_CONTENT')`;

/** Cancels what has not started and what hangs on it. Publications whose drafts are done or under way, and replies, stay. */
function supersede(sql: Sql, campaignId: string): Promise<NewEvent[]> {
  return cancelTasks(sql, REPLACEABLE, [campaignId]);
}

/** How many publications a plan that is no repair will cancel, with what they hang on: the ones it has to replace. */
export async function countReplacedPosts(sql: Sql, campaignId: string): Promise<number> {
  const queued = await sql.query<{ id: string }>(`SELECT t.id FROM "Task" t WHERE ${REPLACEABLE}`, [campaignId]);
  const [row] = await sql.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM "Task" t WHERE t.type = 'POST_CONTENT' AND t.status = 'PENDING' AND ${DEPENDENTS_OF}`,
    [queued.map((task) => task.id)],
  );
  return row?.n ?? 0;
}

const PRIORITY_SHIFT = { HIGH: 2, MEDIUM: 0, LOW: -2 } as const;

async function insertPlannedTasks(
  sql: Sql,
  context: DomainContext,
  campaign: CampaignRow,
  planId: string,
  planned: readonly PlannedTask[],
): Promise<TaskChange[]> {
  const ids = new Map(planned.map((task) => [task.key, newId()]));
  const rows = planned.map((task) => ({
    id: ids.get(task.key),
    agentId: task.agentId,
    type: task.type,
    status: task.dependsOn.length === 0 ? 'QUEUED' : 'PENDING',
    priority: Math.min(10, Math.max(1, task.priority + PRIORITY_SHIFT[campaign.priority])),
    input: task.input,
    scheduledFor: task.scheduledFor,
    openDependencies: task.dependsOn.length,
  }));
  const created = await sql.query<TaskChange>(
    `INSERT INTO "Task" AS t (id, "tenantId", "agentId", "campaignId", "planId", type, status, priority, input, "scheduledFor", "openDependencies", "stateVersion", "traceId")
     SELECT x.id, $1::uuid, x."agentId", $2::uuid, $3::uuid, x.type::"TaskType", x.status::"TaskStatus", x.priority, x.input, x."scheduledFor", x."openDependencies", $4, $5
     FROM jsonb_to_recordset($6::jsonb) AS x(id uuid, "agentId" uuid, type text, status text, priority int, input jsonb, "scheduledFor" timestamptz, "openDependencies" int)
     RETURNING ${TASK_CHANGE_COLUMNS}`,
    [context.tenantId, campaign.id, planId, campaign.stateVersion, context.traceId, JSON.stringify(rows)],
  );
  const edges = planned.flatMap((task) =>
    task.dependsOn.map((key) => ({ taskId: ids.get(task.key), dependsOnId: ids.get(key) })),
  );
  if (edges.length > 0) {
    await sql.query(
      `INSERT INTO "TaskDependency" ("tenantId", "taskId", "dependsOnId") SELECT $1::uuid, x."taskId", x."dependsOnId" FROM jsonb_to_recordset($2::jsonb) AS x("taskId" uuid, "dependsOnId" uuid)`,
      [context.tenantId, JSON.stringify(edges)],
    );
  }
  return created;
}
