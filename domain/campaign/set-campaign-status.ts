import { z } from 'zod';
import type { Sql } from '../../platform/database.ts';
import { requirePermission } from '../access.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { DomainContext } from '../context.ts';
import { InvalidStateError, NotFoundError } from '../errors.ts';
import { recordEvents } from '../outbox.ts';
import { idSchema, parseInput, textSchema } from '../parse-input.ts';
import { cancelTasks } from '../task/cancel-tasks.ts';
import type { CampaignRow, CampaignStatus } from './campaign-row.ts';
import { campaignEvent } from './campaign-row.ts';
import type { PlanReason } from './plan-bounds.ts';

/** All transitions of a campaign. COMPLETED and CANCELLED are final; FAILED is set by the platform and left by a person. */
export const CAMPAIGN_TRANSITIONS: Record<CampaignStatus, readonly CampaignStatus[]> = {
  DRAFT: ['ACTIVE', 'CANCELLED'],
  ACTIVE: ['PAUSED', 'COMPLETED', 'CANCELLED', 'FAILED'],
  PAUSED: ['ACTIVE', 'COMPLETED', 'CANCELLED'],
  COMPLETED: [],
  CANCELLED: [],
  FAILED: ['ACTIVE', 'CANCELLED'],
};

export const setCampaignStatusInput = z.object({
  id: idSchema,
  status: z.enum(['DRAFT', 'ACTIVE', 'PAUSED', 'COMPLETED', 'CANCELLED'], {
    error: 'must be DRAFT, ACTIVE, PAUSED, COMPLETED or CANCELLED; FAILED is set by the platform only',
  }),
  reason: textSchema(0, 500).nullish(),
});

/** Who changes something, for its events and its audit entry. */
export type ChangeContext = Pick<DomainContext, 'tenantId' | 'actor' | 'traceId' | 'ip' | 'userAgent'>;

export interface CampaignMove {
  id: string;
  status: CampaignStatus;
  reason: string | null;
  /** The governor's pause (its hold and a plan that is owed stay) or the end of it (a repair is planned, no new plan). What bounds re-planning goes on counting. */
  forBudget?: boolean;
}

/** The plan a moved campaign is owed. */
function planOwed(current: CampaignRow, move: CampaignMove): { reason: PlanReason | null; note: string | null } {
  if (move.forBudget && current.planDueReason) return { reason: current.planDueReason, note: current.planDueNote };
  if (move.status !== 'ACTIVE') return { reason: null, note: null };
  if (current.planRevision === 0) return { reason: 'INITIAL', note: null };
  return move.forBudget
    ? { reason: 'BUDGET', note: 'A budget covers the work again.' }
    : { reason: 'HUMAN', note: 'The campaign was resumed.' };
}

/**
 * Moves a campaign in the caller's transaction; the same status again changes nothing, but a person's pause of what the
 * governor has paused makes it the person's. The change moves stateVersion: results of work that was in flight are no longer
 * committed. Ending a campaign cancels what is not finished. Starting or resuming owes it a plan, which decides what of the
 * unfinished work is kept. Returns the campaign as it is then.
 */
export async function moveCampaign(sql: Sql, context: ChangeContext, move: CampaignMove): Promise<CampaignRow> {
  const [current] = await sql.query<CampaignRow>('SELECT * FROM "Campaign" WHERE id = $1 FOR NO KEY UPDATE', [move.id]);
  if (!current) throw new NotFoundError('campaign', move.id);
  if (current.status === move.status) {
    if (current.status !== 'PAUSED' || !current.budgetHoldScopeId || move.forBudget) return current;
  } else if (!CAMPAIGN_TRANSITIONS[current.status].includes(move.status)) {
    throw new InvalidStateError(`A campaign that is ${current.status} cannot become ${move.status}.`, current.status);
  }
  const plan = planOwed(current, move);
  const [campaign] = await sql.query<CampaignRow>(
    `UPDATE "Campaign" SET status = $2::"CampaignStatus", "statusReason" = $3, "stateVersion" = "stateVersion" + 1, version = version + 1, "updatedAt" = now(),
       "planFailures" = CASE WHEN $7 THEN "planFailures" ELSE 0 END, "planRepairs" = CASE WHEN $7 THEN "planRepairs" ELSE 0 END,
       "planDueReason" = $4::"PlanReason", "planDueNote" = $5, "planDueAt" = CASE WHEN $4 IS NULL THEN NULL ELSE greatest(now(), "startsAt") END,
       "planClaimToken" = NULL, "planLeaseExpiresAt" = NULL,
       "budgetHoldScopeId" = CASE WHEN $6 THEN "budgetHoldScopeId" END, "budgetHoldDay" = CASE WHEN $6 THEN "budgetHoldDay" END, "budgetHoldMicroUsd" = CASE WHEN $6 THEN "budgetHoldMicroUsd" END
     WHERE id = $1 RETURNING *`,
    [
      move.id,
      move.status,
      move.reason,
      plan.reason,
      plan.note,
      move.forBudget === true && move.status === 'PAUSED',
      move.forBudget === true,
    ],
  );
  if (!campaign) throw new NotFoundError('campaign', move.id);
  const ended = move.status === 'CANCELLED' || move.status === 'COMPLETED' || move.status === 'FAILED';
  const cancelled = ended
    ? await cancelTasks(sql, 't."campaignId" = $1', [move.id], {
        code: 'INVALID_STATE',
        message: `The campaign is ${move.status}.`,
      })
    : [];
  await recordEvents(sql, context.tenantId, context.traceId, [campaignEvent(campaign, 'UPDATED'), ...cancelled]);
  await recordAudit(sql, context, [
    {
      action: `campaign.${move.status.toLowerCase()}`,
      subjectType: 'Campaign',
      subjectId: move.id,
      data: { from: current.status, reason: move.reason },
    },
  ]);
  return campaign;
}

/** Errors: ValidationError, NotFoundError, InvalidStateError, ForbiddenError (write:campaigns). */
export async function setCampaignStatus(context: DomainContext, rawInput: unknown): Promise<{ id: string }> {
  requirePermission(context, 'write:campaigns');
  const input = parseInput(setCampaignStatusInput, rawInput);
  await context.db.transaction((sql) =>
    moveCampaign(sql, context, { id: input.id, status: input.status, reason: input.reason || null }),
  );
  return { id: input.id };
}
