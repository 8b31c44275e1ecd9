import { z } from 'zod';
import { requirePermission } from '../access.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { commitVersioned, rowOrThrow } from '../commit.ts';
import type { DomainContext } from '../context.ts';
import { recordEvents } from '../outbox.ts';
import { idSchema, parseInput, versionSchema } from '../parse-input.ts';
import type { ReviewRow } from './review-row.ts';
import { lockPendingReview, reviewEvent } from './review-row.ts';

export const reviewIdInput = z.object({ id: idSchema, expectedVersion: versionSchema });

async function assign(
  context: DomainContext,
  rawInput: unknown,
  action: 'claimed' | 'released',
): Promise<{ id: string }> {
  requirePermission(context, 'approve:hitl');
  const input = parseInput(reviewIdInput, rawInput);
  await context.db.transaction(async (sql) => {
    await lockPendingReview(sql, input.id, context.actor.userId);
    const assignee = action === 'claimed' ? context.actor.userId : null;
    const outcome = await commitVersioned<ReviewRow>(
      sql,
      'review',
      input,
      `"assignedToId" = $3, "assignedAt" = CASE WHEN $3::uuid IS NULL THEN NULL ELSE now() END,
         "claimExpiresAt" = CASE WHEN $3::uuid IS NULL THEN NULL ELSE now() + make_interval(mins => $4) END`,
      [assignee, context.settings.reviewSlaMinutes],
    );
    const review = rowOrThrow('review', input.id, outcome);
    await recordEvents(sql, context.tenantId, context.traceId, [reviewEvent(review)]);
    await recordAudit(sql, context, [{ action: `review.${action}`, subjectType: 'Review', subjectId: input.id }]);
  });
  return { id: input.id };
}

/**
 * Takes a pending review for oneself: nobody else can decide it until it is released or the claim expires, after as long
 * as a review may wait. Claiming it again renews the claim.
 * Errors: ValidationError, NotFoundError, ConflictError, InvalidStateError (decided, or another's), ForbiddenError (approve:hitl).
 */
export const claimReview = (context: DomainContext, rawInput: unknown): Promise<{ id: string }> =>
  assign(context, rawInput, 'claimed');

/** Gives a claimed review back to the queue. Errors as claimReview. */
export const releaseReview = (context: DomainContext, rawInput: unknown): Promise<{ id: string }> =>
  assign(context, rawInput, 'released');
