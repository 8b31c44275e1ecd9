import type { Sql } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import { storableJson } from '../../platform/storable.ts';
import { raiseAlert } from '../alert/raise-alert.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { DomainContext } from '../context.ts';
import type { Settlement } from '../money/reserve.ts';
import { settle } from '../money/reserve.ts';
import { recordEvents } from '../outbox.ts';
import type { TaskChange } from '../task/cancel-tasks.ts';
import { cancelTasks, TASK_CHANGE_COLUMNS, taskEvent } from '../task/cancel-tasks.ts';
import type { CampaignRow } from './campaign-row.ts';
import { answerRequest, campaignEvent, PUBLISHED_SINCE_PLAN } from './campaign-row.ts';
import { keepWork } from './keep-work.ts';
import type { PlanReason } from './plan-bounds.ts';
import { BACKOFF_SECONDS, isBounded } from './plan-bounds.ts';
import { countPublications, fitPlan, REPLACEABLE } from './publications.ts';
import type { PlannedTask } from './validate-plan.ts';

export interface PlanRevision {
  campaignId: string;
  claimToken: string;
  /** The state the plan was made for; another one by now refuses it. */
  stateVersion: number;
  reason: PlanReason;
  note: string | null;
  /** The number of the request that this answers; a later one stays owed. */
  request: number;
  model: string;
  settlements: Settlement[];
  tasks: readonly PlannedTask[];
  /** The tasks that the plan replaces, as far as they have not started by now. */
  replaces: readonly string[];
  /** Where the money left carries fewer posts than the goals ask for: what a person should know. */
  shortfall: string | null;
}

export type WritePlanOutcome =
  | { outcome: 'written'; planId: string; revision: number; taskCount: number }
  | { outcome: 'unneeded' }
  | { outcome: 'stale' };

/**
 * Writes a validated plan as the next revision, in one transaction: finished work is kept, work in flight is kept and
 * stamped with the new state; what `replaces` names and has not started is cancelled with what hangs on it; tasks without
 * open dependencies are QUEUED. The publications are counted under the campaign's lock: where work that was to be replaced
 * has started meanwhile, the plan gets fewer, so that no more is published than the goals ask for; without any left it is
 * unneeded, which answers the request without a revision. Another request that came in while this was made stays due.
 * A campaign that moved on since (status, goals, another revision), or an agent stopped since, refuses it: stale, nothing written.
 * Dies before the commit: the plan lease runs out and another Planner plans. Runs twice: the claim is gone.
 */
export async function writePlan(context: DomainContext, plan: PlanRevision): Promise<WritePlanOutcome> {
  return context.db.transaction(async (sql) => {
    const usable = await lockUsable(
      sql,
      plan.tasks.map((task) => task.agentId),
    );
    const [locked] = await sql.query<CampaignRow>(
      `SELECT * FROM "Campaign" WHERE id = $1 AND "planClaimToken" = $2 AND "stateVersion" = $3 AND status = 'ACTIVE' AND $4 FOR NO KEY UPDATE`,
      [plan.campaignId, plan.claimToken, plan.stateVersion, usable],
    );
    await settle(sql, context.tenantId, plan.settlements, context.clock.now());
    if (!locked) return { outcome: 'stale' };
    const superseded = await cancelTasks(sql, `${REPLACEABLE} AND t.id = ANY($2::uuid[])`, [
      plan.campaignId,
      plan.replaces,
    ]);
    const { complete, open } = await countPublications(sql, plan.campaignId);
    const tasks = fitPlan(plan.tasks, locked.estimatedPosts - complete - open);
    const campaign = await answer(sql, plan, tasks.length > 0);
    const kept = await keepWork(sql, campaign.id, campaign.stateVersion);
    const events = [...superseded, ...kept, campaignEvent(campaign, 'UPDATED')];
    if (tasks.length === 0) {
      await recordEvents(sql, context.tenantId, context.traceId, events);
      return { outcome: 'unneeded' };
    }
    const planId = newId();
    const cost = plan.settlements.reduce((sum, settlement) => sum + Math.round(settlement.actualMicroUsd), 0);
    await sql.query(
      'INSERT INTO "Plan" (id, "tenantId", "campaignId", revision, reason, note, model, "costMicroUsd") VALUES ($1, $2, $3, $4, $5::"PlanReason", $6, $7, $8)',
      [planId, context.tenantId, campaign.id, campaign.planRevision, plan.reason, plan.note, plan.model, cost],
    );
    const created = await insertPlannedTasks(sql, context, campaign, planId, tasks);
    const alerts = plan.shortfall
      ? await raiseAlert(sql, context.tenantId, {
          rule: 'PLAN_CUT',
          severity: 'WARNING',
          message: plan.shortfall,
          campaignId: campaign.id,
        })
      : [];
    await recordEvents(sql, context.tenantId, context.traceId, [
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
      ...events,
      ...alerts,
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

/** Counts the revision and its repair, and answers the request, on the locked row. */
async function answer(sql: Sql, plan: PlanRevision, written: boolean): Promise<CampaignRow> {
  const [campaign] = await sql.query<CampaignRow>(
    `UPDATE "Campaign" c SET "planRevision" = "planRevision" + CASE WHEN $4 THEN 1 ELSE 0 END, "stateVersion" = "stateVersion" + 1, version = version + 1, "updatedAt" = now(),
       "planRepairs" = CASE WHEN ${PUBLISHED_SINCE_PLAN} THEN 0 ELSE "planRepairs" END + CASE WHEN $4 AND $5 THEN 1 ELSE 0 END, ${answerRequest('$2', '$3', '$6')}
     WHERE id = $1 RETURNING *`,
    [plan.campaignId, plan.request, plan.note, written, isBounded(plan.reason), BACKOFF_SECONDS],
  );
  if (!campaign) throw new Error(`campaign ${plan.campaignId} is gone`);
  return campaign;
}

/** None of the agents was stopped for good. Their rows are share-locked: a stop comes before this, or after it and finds the tasks. */
async function lockUsable(sql: Sql, agentIds: readonly string[]): Promise<boolean> {
  const agents = await sql.query<{ status: string }>(
    'SELECT status FROM "Agent" WHERE id = ANY($1::uuid[]) ORDER BY id FOR SHARE',
    [[...new Set(agentIds)]],
  );
  return !agents.some(({ status }) => status === 'EMERGENCY_STOPPED' || status === 'ARCHIVED');
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
    [context.tenantId, campaign.id, planId, campaign.stateVersion, context.traceId, storableJson(rows)],
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
