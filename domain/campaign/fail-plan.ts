import type { Sql } from '../../platform/database.ts';
import { raiseAlert } from '../alert/raise-alert.ts';
import type { DomainContext } from '../context.ts';
import type { Settlement } from '../money/reserve.ts';
import { settle } from '../money/reserve.ts';
import { recordEvents } from '../outbox.ts';
import type { CampaignRow } from './campaign-row.ts';
import { campaignEvent, PUBLISHED_SINCE_PLAN } from './campaign-row.ts';
import type { ClaimedPlan } from './claim-plan.ts';
import type { PlanFailureKind } from './plan-bounds.ts';
import {
  backoffSeconds,
  EXHAUSTED,
  isBounded,
  MAX_PLAN_FAILURES,
  MAX_REPAIRS,
  WAIT_SECONDS,
  WAITS,
} from './plan-bounds.ts';
import { countPublications } from './publications.ts';
import { moveCampaign } from './set-campaign-status.ts';

/** Why the campaign is not to be planned again without a person, or null: the bound on repairs or on failed plans is reached. */
export async function readExhaustion(context: DomainContext, campaign: CampaignRow): Promise<string | null> {
  if (campaign.planFailures >= EXHAUSTED) return (campaign.statusReason ?? 'No plan could be made.').replace(WAITS, '');
  if (!isBounded(campaign.planDueReason ?? 'HUMAN') || campaign.planRepairs < MAX_REPAIRS) return null;
  const [row] = await context.db.query<{ published: boolean }>(
    `SELECT ${PUBLISHED_SINCE_PLAN} AS published FROM "Campaign" c WHERE id = $1`,
    [campaign.id],
  );
  if (row?.published) return null;
  return `It was re-planned ${campaign.planRepairs} times in a row and nothing was published; the last reason: ${(campaign.planDueNote ?? campaign.planDueReason ?? '').slice(-300)}`;
}

/**
 * A plan that could not be made, with what it cost so far. Tried again after a growing pause; the last failure of its kind
 * in a row is the end (`endCampaign`). A lost claim changes nothing.
 */
export async function failPlan(
  context: DomainContext,
  claim: ClaimedPlan,
  failure: { message: string; kind: PlanFailureKind; retryAfterMs?: number },
  settlements: readonly Settlement[],
): Promise<void> {
  const explanation = `No plan could be made: ${failure.message}`;
  const last = await context.db.transaction(async (sql) => {
    await settle(sql, context.tenantId, settlements, context.clock.now());
    const [row] = await sql.query<CampaignRow>(
      `UPDATE "Campaign" SET "planFailures" = "planFailures" + 1, version = version + 1, "updatedAt" = now() WHERE id = $1 AND "planClaimToken" = $2 AND "planDueReason" IS NOT NULL AND status = 'ACTIVE' RETURNING *`,
      [claim.campaign.id, claim.claimToken],
    );
    if (!row) return false;
    if (row.planFailures >= MAX_PLAN_FAILURES[failure.kind]) {
      await sql.query('UPDATE "Campaign" SET "planFailures" = $2, "statusReason" = $3 WHERE id = $1', [
        row.id,
        EXHAUSTED,
        explanation.slice(0, 500),
      ]);
      return true;
    }
    const seconds = Math.max((failure.retryAfterMs ?? 0) / 1000, backoffSeconds(row.planFailures));
    await giveBack(sql, context, claim, seconds, null);
    return false;
  });
  if (last) await endCampaign(context, claim, explanation);
}

/**
 * A campaign that cannot succeed as it stands ends FAILED with the explanation and an alert, and what is open is cancelled.
 * While publications of it are still open it waits for them instead: one that gets through may change the verdict. Nor does
 * it end when a person has started the counts anew meanwhile: the request is due again.
 * Runs twice: the claim is gone. Dies before the commit: the plan lease runs out and the next Planner comes here again.
 */
export async function endCampaign(context: DomainContext, claim: ClaimedPlan, explanation: string): Promise<void> {
  if (await waitForPublications(context, claim, explanation)) return;
  await context.db.transaction(async (sql) => {
    const [campaign] = await sql.query<CampaignRow>(
      `SELECT * FROM "Campaign" WHERE id = $1 AND "planClaimToken" = $2 AND status = 'ACTIVE' AND ("planFailures" >= $3 OR "planRepairs" >= $4) FOR NO KEY UPDATE`,
      [claim.campaign.id, claim.claimToken, EXHAUSTED, MAX_REPAIRS],
    );
    if (!campaign) return giveBack(sql, context, claim, 0, null);
    const reason = explanation.slice(0, 500);
    await moveCampaign(sql, context, { id: campaign.id, status: 'FAILED', reason });
    const alerts = await raiseAlert(sql, context.tenantId, {
      rule: 'CAMPAIGN_FAILED',
      severity: 'CRITICAL',
      message: `${campaign.name} has failed. ${explanation} Change its goals or agents, then set it ACTIVE or re-plan it.`,
      campaignId: campaign.id,
    });
    await recordEvents(sql, context.tenantId, context.traceId, alerts);
  });
}

/**
 * Puts a claimed request off while publications of the campaign are open: no plan is made, `explanation` says on the campaign
 * what it waits for, and the Planner looks again in a while. False: none is open, and nothing was changed.
 */
export async function waitForPublications(
  context: DomainContext,
  claim: ClaimedPlan,
  explanation: string,
): Promise<boolean> {
  const { open } = await countPublications(context.db, claim.campaign.id);
  if (open > 0) await postponePlan(context, claim, WAIT_SECONDS, `${WAITS}${explanation}`);
  return open > 0;
}

/** Gives a claimed request back, due in `seconds`. */
export async function postponePlan(
  context: DomainContext,
  claim: ClaimedPlan,
  seconds: number,
  explanation: string | null,
  settlements: readonly Settlement[] = [],
): Promise<void> {
  await context.db.transaction(async (sql) => {
    await settle(sql, context.tenantId, settlements, context.clock.now());
    await giveBack(sql, context, claim, seconds, explanation);
  });
}

async function giveBack(
  sql: Sql,
  context: DomainContext,
  claim: ClaimedPlan,
  seconds: number,
  explanation: string | null,
): Promise<void> {
  const [campaign] = await sql.query<CampaignRow>(
    `UPDATE "Campaign" SET "planClaimToken" = NULL, "planLeaseExpiresAt" = NULL, "planDueAt" = now() + make_interval(secs => $3), "statusReason" = coalesce($4, "statusReason"),
       version = version + 1, "updatedAt" = now()
     WHERE id = $1 AND "planClaimToken" = $2 AND "planDueReason" IS NOT NULL AND status = 'ACTIVE' RETURNING *`,
    [claim.campaign.id, claim.claimToken, seconds, explanation?.slice(0, 500) ?? null],
  );
  if (campaign) await recordEvents(sql, context.tenantId, context.traceId, [campaignEvent(campaign, 'UPDATED')]);
}
