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

/** All transitions of a campaign. COMPLETED and CANCELLED are final. */
export const CAMPAIGN_TRANSITIONS: Record<CampaignStatus, readonly CampaignStatus[]> = {
  DRAFT: ['ACTIVE', 'CANCELLED'],
  ACTIVE: ['PAUSED', 'COMPLETED', 'CANCELLED'],
  PAUSED: ['ACTIVE', 'COMPLETED', 'CANCELLED'],
  COMPLETED: [],
  CANCELLED: [],
};

export const setCampaignStatusInput = z.object({
  id: idSchema,
  status: z.enum(['DRAFT', 'ACTIVE', 'PAUSED', 'COMPLETED', 'CANCELLED']),
  reason: textSchema(0, 500).nullish(),
});

/**
 * Moves a campaign in the caller's transaction; the same status again changes nothing. The change moves stateVersion:
 * results of work that was in flight are no longer committed. Ending a campaign cancels what is not finished. Starting or
 * resuming owes it a plan, which decides what of the unfinished work is kept.
 */
export async function moveCampaign(
  sql: Sql,
  context: DomainContext,
  move: { id: string; status: CampaignStatus; reason: string | null },
): Promise<void> {
  const [current] = await sql.query<CampaignRow>('SELECT * FROM "Campaign" WHERE id = $1 FOR UPDATE', [move.id]);
  if (!current) throw new NotFoundError('campaign', move.id);
  if (current.status === move.status) return;
  if (!CAMPAIGN_TRANSITIONS[current.status].includes(move.status)) {
    throw new InvalidStateError(`A campaign that is ${current.status} cannot become ${move.status}.`, current.status);
  }
  const activated = move.status === 'ACTIVE';
  const [campaign] = await sql.query<CampaignRow>(
    `UPDATE "Campaign" SET status = $2::"CampaignStatus", "statusReason" = $3, "stateVersion" = "stateVersion" + 1, version = version + 1, "updatedAt" = now(), "planFailures" = 0,
       "planDueReason" = $4::"PlanReason", "planDueNote" = $5, "planDueAt" = CASE WHEN $4 IS NULL THEN NULL ELSE greatest(now(), "startsAt") END,
       "planClaimToken" = NULL, "planLeaseExpiresAt" = NULL
     WHERE id = $1 RETURNING *`,
    [
      move.id,
      move.status,
      move.reason,
      activated ? (current.planRevision === 0 ? 'INITIAL' : 'HUMAN') : null,
      activated && current.planRevision > 0 ? 'The campaign was resumed.' : null,
    ],
  );
  if (!campaign) throw new NotFoundError('campaign', move.id);
  const ended = move.status === 'CANCELLED' || move.status === 'COMPLETED';
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
