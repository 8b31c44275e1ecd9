import { z } from 'zod';
import { requirePermission } from '../access.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { commitVersioned, rowOrThrow } from '../commit.ts';
import type { DomainContext } from '../context.ts';
import { InvalidStateError, NotFoundError, ValidationError } from '../errors.ts';
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
 * Planner plans anew. Changed budgets move stateVersion too, which valid work is re-stamped with: it stays valid.
 * Errors: ValidationError, NotFoundError, ConflictError, InvalidStateError (ended), ForbiddenError (write:campaigns).
 */
export async function updateCampaign(context: DomainContext, rawInput: unknown): Promise<{ id: string }> {
  requirePermission(context, 'write:campaigns');
  const input = parseInput(updateCampaignInput, rawInput);
  await context.db.transaction(async (sql) => {
    const [before] = await sql.query<CampaignRow>('SELECT * FROM "Campaign" WHERE id = $1 FOR UPDATE', [input.id]);
    if (!before) throw new NotFoundError('campaign', input.id);
    if (before.status === 'COMPLETED' || before.status === 'CANCELLED')
      throw new InvalidStateError(`A campaign that is ${before.status} cannot be edited.`, before.status);
    if (input.endsAt && input.endsAt <= before.startsAt)
      throw new ValidationError([{ path: ['endsAt'], message: 'must be after startsAt' }]);
    if (input.endsAt && input.endsAt <= context.clock.now())
      throw new ValidationError([{ path: ['endsAt'], message: 'must be in the future' }]);
    const goalsChanged = input.goals != null && input.goals !== before.goals;
    const campaign = rowOrThrow(
      'campaign',
      input.id,
      await commitVersioned<CampaignRow>(
        sql,
        'campaign',
        input,
        `name = coalesce($3, name), goals = coalesce($4, goals), "endsAt" = coalesce($5, "endsAt"), priority = coalesce($6::"Priority", priority),
         "budgetDailyMicroUsd" = coalesce($7, "budgetDailyMicroUsd"), "budgetTotalMicroUsd" = coalesce($8, "budgetTotalMicroUsd"),
         "stateVersion" = "stateVersion" + CASE WHEN $9 OR $7::bigint IS NOT NULL OR $8::bigint IS NOT NULL THEN 1 ELSE 0 END,
         "planDueReason" = CASE WHEN $9 AND status = 'ACTIVE' THEN coalesce("planDueReason", 'HUMAN') ELSE "planDueReason" END,
         "planDueAt" = CASE WHEN $9 AND status = 'ACTIVE' THEN coalesce("planDueAt", now()) ELSE "planDueAt" END,
         "planDueNote" = CASE WHEN $9 THEN 'The goals were changed.' ELSE "planDueNote" END, "estimatedPosts" = $10`,
        [
          input.name ?? null,
          input.goals ?? null,
          input.endsAt ?? null,
          input.priority ?? null,
          input.budgetDailyUsd ?? null,
          input.budgetTotalUsd ?? null,
          goalsChanged,
          estimatePosts(input.goals ?? before.goals, before.startsAt, input.endsAt ?? before.endsAt),
        ],
      ),
    );
    const cancelled = goalsChanged
      ? await cancelTasks(sql, `t."campaignId" = $1 AND t.status <> 'APPLYING'`, [input.id], {
          code: 'STATE_VERSION_CONFLICT',
          message: 'The goals were changed.',
        })
      : [];
    await sql.query(
      `UPDATE "Task" SET "stateVersion" = $2 WHERE "campaignId" = $1 AND status NOT IN ('COMPLETE', 'REJECTED', 'FAILED', 'CANCELLED') AND "stateVersion" = $3 AND $3 <> $2`,
      [input.id, campaign.stateVersion, before.stateVersion],
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
