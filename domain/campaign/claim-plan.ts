import { newId } from '../../platform/ids.ts';
import type { DomainContext } from '../context.ts';
import { recordEvents } from '../outbox.ts';
import { cancelTasks } from '../task/cancel-tasks.ts';
import type { CampaignRow } from './campaign-row.ts';
import { answerRequest, campaignEvent } from './campaign-row.ts';
import { keepWork } from './keep-work.ts';
import { backoffSeconds } from './plan-bounds.ts';
import { REPLACEABLE } from './publications.ts';

export interface ClaimedPlan {
  campaign: CampaignRow;
  claimToken: string;
}

/**
 * Takes a campaign that is owed a plan: compare-and-set on the due request and on the lease, so one Planner plans.
 * While an emergency stop leaves it no agent, the request waits: lifting the stop brings it again.
 * Dies afterwards: the lease runs out and the reconciler brings the job again. Null: nothing is due.
 */
export async function claimPlan(
  context: DomainContext,
  campaignId: string,
  leaseSeconds: number,
): Promise<ClaimedPlan | null> {
  const claimToken = newId();
  const [campaign] = await context.db.query<CampaignRow>(
    `UPDATE "Campaign" SET "planClaimToken" = $2, "planLeaseExpiresAt" = now() + make_interval(secs => $3)
     WHERE id = $1 AND status = 'ACTIVE' AND "budgetHoldScopeId" IS NULL AND "planDueReason" IS NOT NULL AND "planDueAt" <= now() AND "startsAt" <= now() AND ("planLeaseExpiresAt" IS NULL OR "planLeaseExpiresAt" < now())
       AND NOT (SELECT coalesce(bool_and(a.status IN ('EMERGENCY_STOPPED', 'ARCHIVED')) AND bool_or(a.status = 'EMERGENCY_STOPPED'), false) FROM "CampaignAgent" ca JOIN "Agent" a ON a.id = ca."agentId" WHERE ca."campaignId" = "Campaign".id)
     RETURNING *`,
    [campaignId, claimToken, leaseSeconds],
  );
  return campaign ? { campaign, claimToken } : null;
}

/** Extends the lease of a plan that is being made; false when the claim was lost, and its plan would be refused. */
export async function extendPlanLease(
  context: Pick<DomainContext, 'db'>,
  claim: ClaimedPlan,
  leaseSeconds: number,
): Promise<boolean> {
  const rows = await context.db.query(
    `UPDATE "Campaign" SET "planLeaseExpiresAt" = now() + make_interval(secs => $3) WHERE id = $1 AND "planClaimToken" = $2 RETURNING id`,
    [claim.campaign.id, claim.claimToken, leaseSeconds],
  );
  return rows.length > 0;
}

/**
 * Answers a claimed plan request without a plan: nothing is to be planned. What `replaces` names and has not started is
 * more than the goals ask for and is cancelled; the other open work is kept as it is. Another request that came in
 * meanwhile stays owed. False: the claim is lost, or the campaign moved on since (goals, persona), and nothing was changed.
 */
export async function dropPlan(
  context: DomainContext,
  claim: ClaimedPlan,
  replaces: readonly string[],
): Promise<boolean> {
  const { id, planRequest, planDueNote, planRepairs, stateVersion } = claim.campaign;
  return context.db.transaction(async (sql) => {
    const [campaign] = await sql.query<CampaignRow>(
      `UPDATE "Campaign" SET version = version + 1, "updatedAt" = now(), ${answerRequest('$3', '$4', '$5')}
       WHERE id = $1 AND "planClaimToken" = $2 AND "stateVersion" = $6 AND "planDueReason" IS NOT NULL AND status = 'ACTIVE' RETURNING *`,
      [id, claim.claimToken, planRequest, planDueNote, backoffSeconds(planRepairs), stateVersion],
    );
    if (!campaign) return false;
    const surplus = await cancelTasks(sql, `${REPLACEABLE} AND t.id = ANY($2::uuid[])`, [id, replaces]);
    const kept = await keepWork(sql, campaign.id, campaign.stateVersion);
    const events = [campaignEvent(campaign, 'UPDATED'), ...surplus, ...kept];
    await recordEvents(sql, context.tenantId, context.traceId, events);
    return true;
  });
}
