import { newId } from '../../platform/ids.ts';
import { raiseAlert } from '../alert/raise-alert.ts';
import type { DomainContext } from '../context.ts';
import type { Settlement } from '../money/reserve.ts';
import { settle } from '../money/reserve.ts';
import { recordEvents } from '../outbox.ts';
import type { CampaignRow } from './campaign-row.ts';
import { campaignEvent } from './campaign-row.ts';
import { keepWork } from './keep-work.ts';
import { moveCampaign } from './set-campaign-status.ts';

/** Plans that fail this often in a row pause the campaign: it cannot succeed as it stands. */
export const MAX_PLAN_FAILURES = 3;
/** Revisions a campaign may get without a person's doing. */
export const MAX_AUTOMATIC_REVISIONS = 25;
const RETRY_BASE_SECONDS = 5;

export interface ClaimedPlan {
  campaign: CampaignRow;
  claimToken: string;
}

/**
 * Takes a campaign that is owed a plan: compare-and-set on the due request and on the lease, so one Planner plans.
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
     WHERE id = $1 AND status = 'ACTIVE' AND "planDueReason" IS NOT NULL AND "planDueAt" <= now() AND "startsAt" <= now() AND ("planLeaseExpiresAt" IS NULL OR "planLeaseExpiresAt" < now()) RETURNING *`,
    [campaignId, claimToken, leaseSeconds],
  );
  return campaign ? { campaign, claimToken } : null;
}

/**
 * Gives a claimed plan request back: dropped when nothing is to be planned (the open work is kept as it is), or due again
 * when the state moved meanwhile. A request with another note that came in between stays due.
 */
export async function returnPlan(
  context: DomainContext,
  claim: ClaimedPlan,
  outcome: 'DROPPED' | 'DUE_AGAIN',
  settlements: readonly Settlement[],
): Promise<void> {
  await context.db.transaction(async (sql) => {
    await settle(sql, context.tenantId, settlements, context.clock.now());
    const [campaign] = await sql.query<CampaignRow>(
      `UPDATE "Campaign" SET "planClaimToken" = NULL, "planLeaseExpiresAt" = NULL, version = version + 1, "planDueReason" = CASE WHEN $3 AND "planDueNote" IS NOT DISTINCT FROM $4 THEN NULL ELSE "planDueReason" END,
         "planDueAt" = CASE WHEN $3 AND "planDueNote" IS NOT DISTINCT FROM $4 THEN NULL ELSE now() END,
         "planDueNote" = CASE WHEN $3 AND "planDueNote" IS NOT DISTINCT FROM $4 THEN NULL ELSE "planDueNote" END
       WHERE id = $1 AND "planClaimToken" = $2 AND "planDueReason" IS NOT NULL RETURNING *`,
      [claim.campaign.id, claim.claimToken, outcome === 'DROPPED', claim.campaign.planDueNote],
    );
    if (!campaign) return;
    const kept = outcome === 'DROPPED' ? await keepWork(sql, campaign.id, campaign.stateVersion) : [];
    await recordEvents(sql, context.tenantId, context.traceId, [campaignEvent(campaign, 'UPDATED'), ...kept]);
  });
}

/**
 * A plan that could not be made. Tried again later; after MAX_PLAN_FAILURES in a row, or at once when it is `hopeless`, the
 * campaign is paused with the explanation and an alert. What was spent is settled.
 */
export async function failPlan(
  context: DomainContext,
  claim: ClaimedPlan,
  failure: { message: string; hopeless: boolean; retryAfterMs?: number },
  settlements: readonly Settlement[],
): Promise<void> {
  await context.db.transaction(async (sql) => {
    await settle(sql, context.tenantId, settlements, context.clock.now());
    const failures = claim.campaign.planFailures + 1;
    const delaySeconds = Math.max((failure.retryAfterMs ?? 0) / 1000, RETRY_BASE_SECONDS * 2 ** (failures - 1));
    const [campaign] = await sql.query<CampaignRow>(
      `UPDATE "Campaign" SET "planClaimToken" = NULL, "planLeaseExpiresAt" = NULL, "planFailures" = $3, "planDueAt" = now() + make_interval(secs => $4), version = version + 1
       WHERE id = $1 AND "planClaimToken" = $2 AND "planDueReason" IS NOT NULL AND status = 'ACTIVE' RETURNING *`,
      [claim.campaign.id, claim.claimToken, failures, delaySeconds],
    );
    if (!campaign) return;
    if (failures < MAX_PLAN_FAILURES && !failure.hopeless) {
      await recordEvents(sql, context.tenantId, context.traceId, [campaignEvent(campaign, 'UPDATED')]);
      return;
    }
    await moveCampaign(sql, context, {
      id: campaign.id,
      status: 'PAUSED',
      reason: `No plan could be made: ${failure.message}`.slice(0, 500),
    });
    const alerts = await raiseAlert(sql, context.tenantId, {
      rule: 'PLAN_FAILED',
      severity: 'CRITICAL',
      message: failure.message,
      campaignId: campaign.id,
    });
    await recordEvents(sql, context.tenantId, context.traceId, alerts);
  });
}
