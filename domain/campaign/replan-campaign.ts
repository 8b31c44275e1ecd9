import { z } from 'zod';
import { requirePermission } from '../access.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { DomainContext } from '../context.ts';
import { InvalidStateError, NotFoundError } from '../errors.ts';
import { recordEvents } from '../outbox.ts';
import { idSchema, parseInput, textSchema } from '../parse-input.ts';
import { campaignEvent, requestPlan } from './campaign-row.ts';
import { moveCampaign } from './set-campaign-status.ts';

export const replanCampaignInput = z.object({ id: idSchema, note: textSchema(1, 2000) });

/**
 * Asks the Planner for a new revision with a person's note; a FAILED campaign is ACTIVE again with it. Until the revision is
 * made, no draft starts that it may replace. The revision itself follows; asking twice before it gives one.
 * Errors: ValidationError, NotFoundError, InvalidStateError (neither ACTIVE nor FAILED), ForbiddenError (write:campaigns).
 */
export async function replanCampaign(context: DomainContext, rawInput: unknown): Promise<{ id: string }> {
  requirePermission(context, 'write:campaigns');
  const input = parseInput(replanCampaignInput, rawInput);
  await context.db.transaction(async (sql) => {
    const [current] = await sql.query<{ status: string }>(
      'SELECT status FROM "Campaign" WHERE id = $1 FOR NO KEY UPDATE',
      [input.id],
    );
    if (!current) throw new NotFoundError('campaign', input.id);
    if (current.status === 'FAILED') await moveCampaign(sql, context, { id: input.id, status: 'ACTIVE', reason: null });
    const campaign = await requestPlan(sql, input.id, { reason: 'HUMAN', note: input.note });
    if (!campaign)
      throw new InvalidStateError(
        `Only an ACTIVE or FAILED campaign is re-planned; this one is ${current.status}.`,
        current.status,
      );
    await recordEvents(sql, context.tenantId, context.traceId, [campaignEvent(campaign, 'UPDATED')]);
    await recordAudit(sql, context, [
      { action: 'campaign.replan_requested', subjectType: 'Campaign', subjectId: input.id, data: { note: input.note } },
    ]);
  });
  return { id: input.id };
}
