import { z } from 'zod';
import { digestOf } from '../../platform/canonical-json.ts';
import type { Sql } from '../../platform/database.ts';
import { requirePermission } from '../access.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { commitVersioned, rowOrThrow } from '../commit.ts';
import type { DomainContext } from '../context.ts';
import type { EffectCall } from '../effect/effect-call.ts';
import { accountOf, effectCall } from '../effect/effect-call.ts';
import { InvalidStateError } from '../errors.ts';
import type { NewEvent } from '../events.ts';
import { recordEvents } from '../outbox.ts';
import { idSchema, parseInput, textSchema, versionSchema } from '../parse-input.ts';
import { applyApprovals } from '../task/apply-approval.ts';
import type { TaskChange } from '../task/cancel-tasks.ts';
import { TASK_CHANGE_COLUMNS, taskEvent } from '../task/cancel-tasks.ts';
import { giveUp } from '../task/fail-attempt.ts';
import type { Platform } from '../task/task-types.ts';
import { PLATFORM_TEXT_LIMITS, TASK_TYPES } from '../task/task-types.ts';
import { platformLength } from '../text/platform-length.ts';
import { abandonEffect, questionOf, sendAgain, tryAgain } from './decide-fault.ts';
import type { ReviewedTask } from './read-decidable.ts';
import { readDecidable } from './read-decidable.ts';
import type { ReviewRow } from './review-row.ts';
import { lockPendingReview, reviewEvent } from './review-row.ts';

export const decideReviewInput = z.object({
  id: idSchema,
  expectedVersion: versionSchema,
  feedback: textSchema(0, 2000).nullish(),
});
export const editReviewInput = decideReviewInput.extend({ content: z.unknown() });

const platformOf = (content: unknown): Platform | null => (content as { platform?: Platform } | null)?.platform ?? null;

async function approve(
  context: DomainContext,
  sql: Sql,
  review: ReviewRow,
  decision: { expectedVersion: number; feedback: string | null; edited: unknown },
): Promise<void> {
  const content = decision.edited ?? review.content;
  if (decision.edited === null && digestOf(content) !== review.contentDigest)
    throw new Error(`review ${review.id}: the content does not match its digest`);
  const question = await questionOf(sql, review);
  if (decision.edited !== null && question === 'ATTEMPT')
    throw new InvalidStateError(
      'The attempt made nothing that could be edited: approve to try again, or reject.',
      'FAILED',
    );
  const task = await readDecidable(sql, review, platformOf(content), question);
  const outcome = await commitVersioned<ReviewRow>(
    sql,
    'review',
    { id: review.id, expectedVersion: decision.expectedVersion },
    `status = $3::"ReviewStatus", "decidedById" = $4, "decidedAt" = now(), feedback = $5, "editedContent" = $6::jsonb`,
    [
      decision.edited === null ? 'APPROVED' : 'EDITED',
      context.actor.userId,
      decision.feedback,
      decision.edited === null ? null : JSON.stringify(decision.edited),
    ],
  );
  const decided = rowOrThrow('review', review.id, outcome);
  const effect =
    question !== 'ATTEMPT' && TASK_TYPES[review.taskType].effectful
      ? effectCall(
          {
            tenantId: context.tenantId,
            id: review.taskId,
            type: review.taskType,
            account: accountOf(task.agentName, task.handle),
          },
          content,
        )
      : null;
  const events =
    question === 'RESULT'
      ? await approveResult(context, sql, review, task, content, effect)
      : question === 'ATTEMPT'
        ? await tryAgain(sql, review, decision.feedback)
        : await sendAgain(
            sql,
            context,
            review,
            effect && decision.edited !== null ? { output: content, call: effect } : null,
          );
  await finish(context, sql, decided, events, {
    digest: effect?.payloadDigest ?? digestOf(content),
    edited: decision.edited !== null,
  });
}

async function approveResult(
  context: DomainContext,
  sql: Sql,
  review: ReviewRow,
  task: ReviewedTask,
  content: unknown,
  effect: EffectCall | null,
): Promise<NewEvent[]> {
  const approved = await applyApprovals(sql, context.tenantId, 'ESCALATED', [
    {
      taskId: review.taskId,
      attempt: task.attempt,
      stateVersion: task.stateVersion,
      output: content,
      effect,
      approvedByUserId: context.actor.userId,
      approvedBy: context.actor.name,
    },
  ]);
  if (approved.moved.size !== 1) throw new InvalidStateError('The task moved on meanwhile.', 'STALE');
  return approved.events;
}

async function finish(
  context: DomainContext,
  sql: Sql,
  review: ReviewRow,
  events: NewEvent[],
  data: Record<string, unknown>,
): Promise<void> {
  if (review.campaignId)
    await sql.query('UPDATE "Campaign" SET version = version + 1 WHERE id = $1', [review.campaignId]);
  await recordEvents(sql, context.tenantId, context.traceId, [reviewEvent(review), ...events]);
  await recordAudit(sql, context, [
    {
      action: `review.${review.status.toLowerCase()}`,
      subjectType: 'Review',
      subjectId: review.id,
      data: { taskId: review.taskId, ...data },
    },
  ]);
}

/**
 * A person approves exactly the content with the review's digest; an effectful task's call is then due. Where the review
 * asks about a fault, approving is trying again.
 * Of two decisions one wins: the row is locked and its version compared. Errors: ValidationError, NotFoundError,
 * ConflictError, InvalidStateError (decided, claimed by another, campaign paused or moved on), ForbiddenError (approve:hitl).
 */
export async function approveReview(context: DomainContext, rawInput: unknown): Promise<{ id: string }> {
  requirePermission(context, 'approve:hitl');
  const input = parseInput(decideReviewInput, rawInput);
  await context.db.transaction(async (sql) => {
    const review = await lockPendingReview(sql, input.id, context.actor.userId);
    await approve(context, sql, review, {
      expectedVersion: input.expectedVersion,
      feedback: input.feedback || null,
      edited: null,
    });
  });
  return { id: input.id };
}

/** Approves an edited content, validated by the task type's output schema and the platform's length. Errors as approveReview. */
export async function editReview(context: DomainContext, rawInput: unknown): Promise<{ id: string }> {
  requirePermission(context, 'approve:hitl');
  const input = parseInput(editReviewInput, rawInput);
  await context.db.transaction(async (sql) => {
    const review = await lockPendingReview(sql, input.id, context.actor.userId);
    const original = review.content as Record<string, unknown>;
    const platform = platformOf(original);
    const limited = z.unknown().superRefine((content, refinement) => {
      const { text, platform: target, inReplyTo } = content as { text?: string; platform?: string; inReplyTo?: string };
      if (platform && target !== platform)
        refinement.addIssue({ code: 'custom', path: ['platform'], message: `must stay ${platform}` });
      if (original.inReplyTo && inReplyTo !== original.inReplyTo)
        refinement.addIssue({ code: 'custom', path: ['inReplyTo'], message: 'must stay the same' });
      if (platform && text && platformLength(text, platform) > PLATFORM_TEXT_LIMITS[platform])
        refinement.addIssue({
          code: 'custom',
          path: ['text'],
          message: `must have at most ${PLATFORM_TEXT_LIMITS[platform]} characters on ${platform}`,
        });
    });
    const edited = parseInput(z.object({ content: (TASK_TYPES[review.taskType].output as z.ZodType).pipe(limited) }), {
      content: input.content,
    }).content;
    await approve(context, sql, review, {
      expectedVersion: input.expectedVersion,
      feedback: input.feedback || null,
      edited,
    });
  });
  return { id: input.id };
}

/** Rejects: the task ends REJECTED, what depends on it is cancelled, and the Planner gets the feedback. Errors as approveReview. */
export async function rejectReview(context: DomainContext, rawInput: unknown): Promise<{ id: string }> {
  requirePermission(context, 'approve:hitl');
  const input = parseInput(decideReviewInput, rawInput);
  await context.db.transaction(async (sql) => {
    const review = await lockPendingReview(sql, input.id, context.actor.userId);
    const outcome = await commitVersioned<ReviewRow>(
      sql,
      'review',
      input,
      `status = 'REJECTED', "decidedById" = $3, "decidedAt" = now(), feedback = $4`,
      [context.actor.userId, input.feedback || null],
    );
    const decided = rowOrThrow('review', input.id, outcome);
    const [task] = await sql.query<TaskChange>(
      `UPDATE "Task" t SET status = 'REJECTED', feedback = $2, "completedAt" = now(), version = t.version + 1 WHERE t.id = $1 AND t.status = 'ESCALATED' RETURNING ${TASK_CHANGE_COLUMNS}`,
      [review.taskId, input.feedback || null],
    );
    if (!task) throw new InvalidStateError('The task moved on meanwhile.', 'STALE');
    const followed = await giveUp(
      sql,
      task,
      'RESULT_REJECTED',
      `a reviewer rejected it${input.feedback ? `: ${input.feedback}` : ''}`,
    );
    const abandoned = await abandonEffect(sql, review);
    await finish(context, sql, decided, [taskEvent(task), ...abandoned, ...followed], {
      feedback: input.feedback || null,
    });
  });
  return { id: input.id };
}
