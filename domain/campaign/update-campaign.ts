import { z } from 'zod';
import { requirePermission } from '../access.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { commitVersioned, rowOrThrow } from '../commit.ts';
import type { DomainContext } from '../context.ts';
import { InvalidStateError, NotFoundError, ValidationError } from '../errors.ts';
import { reviewBudgetHold } from '../money/budget-hold.ts';
import { recordEvents } from '../outbox.ts';
import { budgetSchema, idSchema, parseInput, textSchema, versionSchema } from '../parse-input.ts';
import { cancelTasks } from '../task/cancel-tasks.ts';
import type { CampaignRow } from './campaign-row.ts';
import { campaignEvent, requestPlan } from './campaign-row.ts';
import { goalsSchema, prioritySchema } from './create-campaign.ts';
import { estimatePosts } from './estimate-posts.ts';
import type { PlanReason } from './plan-bounds.ts';

export const updateCampaignInput = z.object({
  id: idSchema,
  expectedVersion: versionSchema,
  name: textSchema(1, 200).nullish(),
  goals: goalsSchema.nullish(),
  /** Null takes an end or a limit away; left out, it stays. */
  endsAt: z.date().nullish(),
  priority: prioritySchema.nullish(),
  budgetDailyUsd: budgetSchema.nullish(),
  budgetTotalUsd: budgetSchema.nullish(),
});

/** Fields that null empties; in the others null changes nothing. */
const CLEARED: ReadonlySet<string> = new Set(['endsAt', 'budgetDailyUsd', 'budgetTotalUsd']);

/** The Planner fits the plan to the time (the goals may ask for posts a day) and to the money: more posts or fewer. */
function planOwedBy(
  input: z.infer<typeof updateCampaignInput>,
  before: CampaignRow,
  campaign: CampaignRow,
): { reason: PlanReason; note: string } | null {
  if (campaign.estimatedPosts !== before.estimatedPosts)
    return { reason: 'HUMAN', note: 'The end of the campaign was changed.' };
  return input.budgetTotalUsd === undefined ? null : { reason: 'BUDGET', note: 'The total budget was changed.' };
}

/**
 * Edits a campaign. Changed goals make the work that is not finished stale (new stateVersion): it is cancelled and the
 * Planner plans anew. Changed budgets move stateVersion too, which valid work is re-stamped with: it stays valid. One that
 * was paused for its budget (E1001) goes on in the same transaction when the new budget covers what it waited for.
 * Errors: ValidationError, NotFoundError, ConflictError, InvalidStateError (ended), ForbiddenError (write:campaigns).
 */
export async function updateCampaign(context: DomainContext, rawInput: unknown): Promise<{ id: string }> {
  requirePermission(context, 'write:campaigns');
  const input = parseInput(updateCampaignInput, rawInput);
  await context.db.transaction(async (sql) => {
    const [before] = await sql.query<CampaignRow>('SELECT * FROM "Campaign" WHERE id = $1 FOR NO KEY UPDATE', [
      input.id,
    ]);
    if (!before) throw new NotFoundError('campaign', input.id);
    if (before.status === 'COMPLETED' || before.status === 'CANCELLED')
      throw new InvalidStateError(`A campaign that is ${before.status} cannot be edited.`, before.status);
    if (input.endsAt && input.endsAt <= before.startsAt)
      throw new ValidationError([{ path: ['endsAt'], message: 'must be after startsAt' }]);
    if (input.endsAt && input.endsAt <= context.clock.now())
      throw new ValidationError([{ path: ['endsAt'], message: 'must be in the future' }]);
    const endsAt = input.endsAt === undefined ? before.endsAt : input.endsAt;
    const goalsChanged = input.goals != null && input.goals !== before.goals;
    const campaign = rowOrThrow(
      'campaign',
      input.id,
      await commitVersioned<CampaignRow>(
        sql,
        'campaign',
        input,
        `name = coalesce($3, name), goals = coalesce($4, goals), "endsAt" = $5, priority = coalesce($6::"Priority", priority),
         "budgetDailyMicroUsd" = CASE WHEN $11 THEN $7 ELSE "budgetDailyMicroUsd" END, "budgetTotalMicroUsd" = CASE WHEN $12 THEN $8 ELSE "budgetTotalMicroUsd" END,
         "stateVersion" = "stateVersion" + CASE WHEN $9 OR $11 OR $12 THEN 1 ELSE 0 END,
         "planDueReason" = CASE WHEN $9 AND (status = 'ACTIVE' OR "budgetHoldScopeId" IS NOT NULL) THEN (CASE WHEN "planDueReason" = 'INITIAL' THEN 'INITIAL' ELSE 'HUMAN' END)::"PlanReason" ELSE "planDueReason" END,
         "planDueAt" = CASE WHEN $9 AND (status = 'ACTIVE' OR "budgetHoldScopeId" IS NOT NULL) THEN greatest(now(), "startsAt") ELSE "planDueAt" END,
         "planFailures" = CASE WHEN $9 THEN 0 ELSE "planFailures" END, "planRepairs" = CASE WHEN $9 THEN 0 ELSE "planRepairs" END,
         "planDueNote" = CASE WHEN $9 THEN 'The goals were changed.' ELSE "planDueNote" END, "estimatedPosts" = $10`,
        [
          input.name ?? null,
          input.goals ?? null,
          endsAt,
          input.priority ?? null,
          input.budgetDailyUsd ?? null,
          input.budgetTotalUsd ?? null,
          goalsChanged,
          estimatePosts(input.goals ?? before.goals, before.startsAt, endsAt),
          input.budgetDailyUsd !== undefined,
          input.budgetTotalUsd !== undefined,
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
    const request = campaign.planRevision > 0 && !goalsChanged ? planOwedBy(input, before, campaign) : null;
    const replanned = request ? await requestPlan(sql, input.id, request) : null;
    await recordEvents(sql, context.tenantId, context.traceId, [
      campaignEvent(replanned ?? campaign, 'UPDATED'),
      ...cancelled,
    ]);
    const changed = Object.entries(input)
      .filter(
        ([field, value]) =>
          (CLEARED.has(field) ? value !== undefined : value != null) && field !== 'id' && field !== 'expectedVersion',
      )
      .map(([field]) => field);
    await reviewBudgetHold(sql, context, input.id);
    await recordAudit(sql, context, [
      { action: 'campaign.updated', subjectType: 'Campaign', subjectId: input.id, data: { changed } },
    ]);
  });
  return { id: input.id };
}
