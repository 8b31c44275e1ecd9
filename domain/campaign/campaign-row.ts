import type { Sql } from '../../platform/database.ts';
import type { NewEvent } from '../events.ts';

export type CampaignStatus = 'DRAFT' | 'ACTIVE' | 'PAUSED' | 'COMPLETED' | 'CANCELLED';
export type PlanReason =
  | 'INITIAL'
  | 'TASK_FAILED'
  | 'RESULT_REJECTED'
  | 'STATE_CONFLICT'
  | 'CONTEXT_CHANGED'
  | 'BUDGET'
  | 'HUMAN';

/** The columns of a campaign that its rules read. */
export interface CampaignRow extends Record<string, unknown> {
  id: string;
  tenantId: string;
  name: string;
  goals: string;
  priority: 'HIGH' | 'MEDIUM' | 'LOW';
  status: CampaignStatus;
  startsAt: Date;
  endsAt: Date | null;
  budgetDailyMicroUsd: number | null;
  budgetTotalMicroUsd: number | null;
  estimatedPosts: number;
  planDueReason: PlanReason | null;
  planDueNote: string | null;
  planDueAt: Date | null;
  planRevision: number;
  planFailures: number;
  stateVersion: number;
  version: number;
}

export const campaignEvent = (campaign: CampaignRow, kind: NewEvent['kind']): NewEvent<'campaign'> => ({
  topic: 'campaign',
  kind,
  subjectId: campaign.id,
  campaignId: campaign.id,
  version: campaign.version,
  data: {
    name: campaign.name,
    status: campaign.status,
    stateVersion: campaign.stateVersion,
    planDueReason: campaign.planDueReason,
    planDueAt: campaign.planDueAt?.toISOString() ?? null,
  },
});

/**
 * Owes the campaign a new plan. The first reason stands while one is owed (twice is harmless), but a person's wish outranks
 * a repair; a later note is appended, by which a Planner at work is known not to have answered it.
 * Does not move stateVersion: work in flight stays valid until the new revision decides what it keeps.
 */
export async function requestPlan(
  sql: Sql,
  campaignId: string,
  request: { reason: PlanReason; note: string | null; notBefore?: Date },
): Promise<CampaignRow | null> {
  const [row] = await sql.query<CampaignRow>(
    `UPDATE "Campaign" SET "planDueReason" = CASE WHEN $2::"PlanReason" = 'HUMAN' AND "planDueReason" <> 'INITIAL' THEN 'HUMAN' ELSE coalesce("planDueReason", $2::"PlanReason") END, "planDueAt" = coalesce("planDueAt", $4, now()),
       "planDueNote" = left(concat_ws(E'\n', "planDueNote", $3::text), 4000), version = version + 1, "updatedAt" = now()
     WHERE id = $1 AND status = 'ACTIVE' RETURNING *`,
    [campaignId, request.reason, request.note, request.notBefore ?? null],
  );
  return row ?? null;
}
