import type { Sql } from '../../platform/database.ts';
import type { DomainContext } from '../context.ts';
import { OUTCOME_UNKNOWN } from '../effect/claim-effect.ts';
import type { EffectCall } from '../effect/effect-call.ts';
import type { EffectChange } from '../effect/effect-event.ts';
import { effectEvent } from '../effect/effect-event.ts';
import { InvalidStateError } from '../errors.ts';
import type { NewEvent } from '../events.ts';
import type { TaskChange } from '../task/cancel-tasks.ts';
import { TASK_CHANGE_COLUMNS, taskEvent } from '../task/cancel-tasks.ts';
import type { ReviewRow } from './review-row.ts';

/** RESULT: may it be used? ATTEMPT, EFFECT: what becomes of it after a fault? */
export type Question = 'RESULT' | 'ATTEMPT' | 'EFFECT';

/** What a review asks. */
export async function questionOf(sql: Sql, review: ReviewRow): Promise<Question> {
  if (review.resultId !== null) return 'RESULT';
  const [effect] = await sql.query('SELECT 1 FROM "Effect" WHERE "taskId" = $1', [review.taskId]);
  return effect ? 'EFFECT' : 'ATTEMPT';
}

/** A person has the failed attempt made again, with the feedback: ESCALATED → QUEUED. Returns the events. */
export async function tryAgain(sql: Sql, review: ReviewRow, feedback: string | null): Promise<NewEvent[]> {
  const [task] = await sql.query<TaskChange>(
    `UPDATE "Task" t SET status = 'QUEUED', outages = 0, "notBefore" = NULL, feedback = coalesce($2, t.feedback), "maxAttempts" = greatest(t."maxAttempts", least(t.attempt + 1, 1000)), version = t.version + 1
     WHERE t.id = $1 AND t.status = 'ESCALATED' RETURNING ${TASK_CHANGE_COLUMNS}`,
    [review.taskId, feedback],
  );
  if (!task) throw new InvalidStateError('The task moved on meanwhile.', 'STALE');
  return [taskEvent(task)];
}

/**
 * A person has the effect sent again: PENDING, its task APPLYING. The idempotency key stays, also under an edited payload,
 * which is refused where the outcome is unknown: the first one may stand there. Whoever still looks it up has lost the
 * claim. Returns the events.
 */
export async function sendAgain(
  sql: Sql,
  context: DomainContext,
  review: ReviewRow,
  edited: { output: unknown; call: EffectCall } | null,
): Promise<NewEvent[]> {
  const [effect] = await sql.query<EffectChange & { status: string } & Record<string, unknown>>(
    `SELECT e.id, e."taskId", e."agentId", $2::uuid AS "campaignId", e.attempt, e.status FROM "Effect" e WHERE e."taskId" = $1 AND e.status IN ('PENDING', 'SENT') FOR UPDATE`,
    [review.taskId, review.campaignId],
  );
  if (!effect) throw new InvalidStateError('Its outcome became known meanwhile.', 'STALE');
  if (edited && effect.status === 'SENT')
    throw new InvalidStateError('It may have been published as it is, so it cannot be edited.', 'SENT');
  await sql.query(
    `UPDATE "Effect" SET status = 'PENDING', "claimToken" = NULL, "leaseExpiresAt" = NULL, "notBefore" = NULL, outages = 0, "approvedBy" = $2,
       "errorCode" = CASE WHEN status = 'SENT' THEN $3 END, "errorMessage" = NULL, payload = coalesce($4::jsonb, payload), "payloadDigest" = coalesce($5, "payloadDigest")
     WHERE id = $1`,
    [
      effect.id,
      context.actor.name,
      OUTCOME_UNKNOWN,
      edited ? JSON.stringify(edited.call.payload) : null,
      edited?.call.payloadDigest ?? null,
    ],
  );
  const [task] = await sql.query<TaskChange>(
    `UPDATE "Task" t SET status = 'APPLYING', output = coalesce($2::jsonb, t.output), "approvedByUserId" = $3, version = t.version + 1
     WHERE t.id = $1 AND t.status = 'ESCALATED' RETURNING ${TASK_CHANGE_COLUMNS}`,
    [review.taskId, edited ? JSON.stringify(edited.output) : null, context.actor.userId],
  );
  if (!task) throw new InvalidStateError('The task moved on meanwhile.', 'STALE');
  return [taskEvent(task), effectEvent(effect, 'PENDING')];
}

/** A person gives up what was to be sent: it is not sent again. Returns the events; none where the task has no open effect. */
export async function abandonEffect(sql: Sql, review: ReviewRow): Promise<NewEvent[]> {
  const effects = await sql.query<EffectChange & Record<string, unknown>>(
    `UPDATE "Effect" SET status = 'FAILED', "errorMessage" = concat_ws('; ', "errorMessage", 'given up by a reviewer') WHERE "taskId" = $1 AND status IN ('PENDING', 'SENT')
     RETURNING id, "taskId", "agentId", $2::uuid AS "campaignId", attempt`,
    [review.taskId, review.campaignId],
  );
  return effects.map((effect) => effectEvent(effect, 'FAILED'));
}
