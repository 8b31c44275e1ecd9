import { z } from 'zod';
import { requirePermission } from '../access.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { commitVersioned, rowOrThrow } from '../commit.ts';
import type { DomainContext } from '../context.ts';
import { InvalidStateError, ValidationError } from '../errors.ts';
import { recordEvents } from '../outbox.ts';
import { budgetSchema, idSchema, parseInput, textSchema, versionSchema } from '../parse-input.ts';
import { cancelTasks } from '../task/cancel-tasks.ts';
import type { CampaignRow } from './campaign-row.ts';
import { campaignEvent } from './campaign-row.ts';
import { goalsSchema, prioritySchema } from './create-campaign.ts';
import { estimatePosts } from './estimate-posts.ts';

export const updateCampaignInput = z.object({
  id: idSchema,
  expectedVersion: versionSchema,
  name: textSchema(1, 200).nullish(),
  goals: goalsSchema.nullish(),
  endsAt: z.date().nullish(),
  priority: prioritySchema.nullish(),
  budgetDailyUsd: budgetSchema.nullish(),
  budgetTotalUsd: budgetSchema.nullish(),
});

/**
 * Edits a campaign. Changed goals make the work that is not finished stale (new stateVersion): it is cancelled and the
 * Planner plans anew. Changed budgets move stateVersion too, which running work is re-stamped with: it stays valid.
 * Errors: ValidationError, NotFoundError, ConflictError, InvalidStateError (ended), ForbiddenError (write:campaigns).
 */
export async function updateCampaign(context: DomainContext, rawInput: unknown): Promise<{ id: string }> {
  requirePermission(context, 'write:campaigns');
  const input = parseInput(updateCampaignInput, rawInput);
  await context.db.transaction(async (sql) => {
    const newGoals = input.goals ?? null;
    const campaign = rowOrThrow(
      'campaign',
      input.id,
      await commitVersioned<CampaignRow>(
        sql,
        'campaign',
        input,
        `name = coalesce($3, name), goals = coalesce($4, goals), "endsAt" = coalesce($5, "endsAt"), priority = coalesce($6::"Priority", priority),
         "budgetDailyMicroUsd" = coalesce($7, "budgetDailyMicroUsd"), "budgetTotalMicroUsd" = coalesce($8, "budgetTotalMicroUsd"),
         "stateVersion" = "stateVersion" + CASE WHEN ($4 IS NOT NULL AND $4 <> goals) OR $7::bigint IS NOT NULL OR $8::bigint IS NOT NULL THEN 1 ELSE 0 END,
         "planDueReason" = CASE WHEN $4 IS NOT NULL AND $4 <> goals AND status = 'ACTIVE' THEN coalesce("planDueReason", 'HUMAN') ELSE "planDueReason" END,
         "planDueAt" = CASE WHEN $4 IS NOT NULL AND $4 <> goals AND status = 'ACTIVE' THEN coalesce("planDueAt", now()) ELSE "planDueAt" END,
         "planDueNote" = CASE WHEN $4 IS NOT NULL AND $4 <> goals THEN 'The goals were changed.' ELSE "planDueNote" END`,
        [
          input.name ?? null,
          newGoals,
          input.endsAt ?? null,
          input.priority ?? null,
          input.budgetDailyUsd ?? null,
          input.budgetTotalUsd ?? null,
        ],
      ),
    );
    if (campaign.status === 'COMPLETED' || campaign.status === 'CANCELLED')
      throw new InvalidStateError(`A campaign that is ${campaign.status} cannot be edited.`, campaign.status);
    if (campaign.endsAt && campaign.endsAt <= campaign.startsAt)
      throw new ValidationError([{ path: ['endsAt'], message: 'must be after startsAt' }]);
    const goalsChanged = campaign.planDueNote === 'The goals were changed.' && newGoals !== null;
    if (newGoals !== null) {
      await sql.query('UPDATE "Campaign" SET "estimatedPosts" = $2 WHERE id = $1', [
        input.id,
        estimatePosts(campaign.goals, campaign.startsAt, campaign.endsAt),
      ]);
    }
    const cancelled = goalsChanged
      ? await cancelTasks(sql, `t."campaignId" = $1 AND t.status <> 'APPLYING'`, [input.id], {
          code: 'STATE_VERSION_CONFLICT',
          message: 'The goals were changed.',
        })
      : [];
    await sql.query(
      `UPDATE "Task" SET "stateVersion" = $2 WHERE "campaignId" = $1 AND status NOT IN ('COMPLETE', 'REJECTED', 'FAILED', 'CANCELLED') AND "stateVersion" <> $2`,
      [input.id, campaign.stateVersion],
    );
    await recordEvents(sql, context.tenantId, context.traceId, [campaignEvent(campaign, 'UPDATED'), ...cancelled]);
    const changed = Object.entries(input)
      .filter(([field, value]) => value != null && field !== 'id' && field !== 'expectedVersion')
      .map(([field]) => field);
    await recordAudit(sql, context, [
      { action: 'campaign.updated', subjectType: 'Campaign', subjectId: input.id, data: { changed } },
    ]);
  });
  return { id: input.id };
}
