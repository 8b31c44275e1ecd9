import type { Sql } from '../../platform/database.ts';
import type { NewEvent } from '../events.ts';
import type { PlanReason } from './plan-bounds.ts';
import { BACKOFF_MAX_SECONDS, BACKOFF_SECONDS, isBounded, WAITS } from './plan-bounds.ts';

export type CampaignStatus = 'DRAFT' | 'ACTIVE' | 'PAUSED' | 'COMPLETED' | 'CANCELLED' | 'FAILED';
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
  /** Set while it waits for money: whose limit refused it. */
  budgetHoldScopeId: string | null;
  estimatedPosts: number;
  planDueReason: PlanReason | null;
  planDueNote: string | null;
  planDueAt: Date | null;
  planRevision: number;
  planRequest: number;
  planFailures: number;
  planRepairs: number;
  statusReason: string | null;
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

/** SQL: a publication of campaign c is complete that was not when its newest revision was made. */
export const PUBLISHED_SINCE_PLAN = `EXISTS (SELECT 1 FROM "Task" p WHERE p."campaignId" = c.id AND p.type = 'POST_CONTENT' AND p.status = 'COMPLETE'
  AND p."completedAt" > (SELECT max(l."createdAt") FROM "Plan" l WHERE l."campaignId" = c.id))`;

/**
 * Owes the campaign a new plan. The first reason stands while one is owed (twice is harmless), but a person's wish outranks
 * the others: it is due at once, its note stands alone (no other is trusted as a person's words), and the counters that
 * bound re-planning start anew. Repairs after repairs without a publication wait longer and longer.
 * Does not move stateVersion unless `movesState`: work in flight stays valid until the new revision decides what it keeps.
 * A campaign that E1001 has paused keeps the request until it goes on. Null: it is not ACTIVE.
 */
export async function requestPlan(
  sql: Sql,
  campaignId: string,
  request: { reason: PlanReason; note: string | null; movesState?: boolean },
): Promise<CampaignRow | null> {
  const byPerson = request.reason === 'HUMAN';
  const [row] = await sql.query<CampaignRow>(
    `UPDATE "Campaign" c SET "planRequest" = "planRequest" + 1, "planRequestReason" = $2::"PlanReason",
       "planDueReason" = CASE WHEN $3 AND "planDueReason" IS DISTINCT FROM 'INITIAL' THEN 'HUMAN' ELSE coalesce("planDueReason", $2::"PlanReason") END,
       "planDueNote" = CASE WHEN $3 AND "planDueReason" NOT IN ('HUMAN', 'INITIAL') THEN left($4::text, 4000)
         WHEN NOT $3 AND "planDueReason" IN ('HUMAN', 'INITIAL') THEN "planDueNote" ELSE right(concat_ws(E'\n', "planDueNote", $4::text), 4000) END,
       "planDueAt" = CASE WHEN $3 THEN greatest(now(), "startsAt") ELSE coalesce("planDueAt", now() + make_interval(secs =>
         CASE WHEN $5 AND "planRepairs" > 0 AND NOT ${PUBLISHED_SINCE_PLAN} THEN least($6, $7 * power(2, "planRepairs" - 1)) ELSE 0 END)) END,
       "planFailures" = CASE WHEN $3 THEN 0 ELSE "planFailures" END, "planRepairs" = CASE WHEN $3 THEN 0 ELSE "planRepairs" END,
       "stateVersion" = "stateVersion" + CASE WHEN $8 THEN 1 ELSE 0 END, version = version + 1, "updatedAt" = now()
     WHERE id = $1 AND (status = 'ACTIVE' OR (status = 'PAUSED' AND "budgetHoldScopeId" IS NOT NULL)) RETURNING *`,
    [
      campaignId,
      request.reason,
      byPerson,
      request.note,
      isBounded(request.reason),
      BACKOFF_MAX_SECONDS,
      BACKOFF_SECONDS,
      request.movesState ?? false,
    ],
  );
  return row ?? null;
}

/**
 * SQL: the assignments that answer a plan request and give its claim back. Parameters: the number and the note of the
 * request that was claimed, and after how many seconds another one that came in meanwhile is due: it stays owed, with the
 * reason it came for, and a person's with its note.
 */
export const answerRequest = (request: string, note: string, nextSeconds: string): string =>
  `"planClaimToken" = NULL, "planLeaseExpiresAt" = NULL, "planFailures" = 0,
   "statusReason" = CASE WHEN "budgetHoldScopeId" IS NULL AND starts_with("statusReason", '${WAITS}') THEN NULL ELSE "statusReason" END,
   "planDueReason" = CASE WHEN "planRequest" = ${request} THEN NULL WHEN ${anotherWish(note)} THEN 'HUMAN' ELSE "planRequestReason" END,
   "planDueAt" = CASE WHEN "planRequest" = ${request} THEN NULL WHEN ${anotherWish(note)} THEN now() ELSE now() + make_interval(secs => ${nextSeconds}) END,
   "planDueNote" = CASE WHEN "planRequest" = ${request} OR ("planDueReason" IN ('HUMAN', 'INITIAL') AND NOT ${anotherWish(note)}) THEN NULL ELSE "planDueNote" END`;

/** While a person's request or the first is owed, only people add to the note. */
const anotherWish = (note: string): string =>
  `("planDueReason" IN ('HUMAN', 'INITIAL') AND "planDueNote" IS DISTINCT FROM ${note})`;
