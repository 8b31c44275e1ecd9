import type { Sql } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { DomainContext } from '../context.ts';
import type { NewEvent } from '../events.ts';
import type { Fault } from '../fault/fault.ts';
import { pauseAgentForFault } from '../fault/follow-fault.ts';
import { recordEvents } from '../outbox.ts';
import { cancelReviews } from '../review/cancel-reviews.ts';
import { releaseDependents } from '../task/apply-approval.ts';
import type { TaskChange } from '../task/cancel-tasks.ts';
import { cancelTasks, TASK_CHANGE_COLUMNS, taskEvent } from '../task/cancel-tasks.ts';
import { giveUp } from '../task/fail-attempt.ts';
import { askAboutFailedEffect } from './ask-about-effect.ts';
import type { ClaimedEffect } from './claim-effect.ts';
import { effectEvent } from './effect-event.ts';

export interface Published {
  externalId: string;
  url: string | null;
  publishedAt: Date;
}

/**
 * SENT → CONFIRMED with the platform's id; the task is COMPLETE, the post recorded, dependents released: one transaction.
 * A person who was asked about it needs not decide any more.
 * Runs twice: the effect is no longer SENT under this claim, nothing changes. Returns whether this call confirmed it.
 */
export async function confirmEffect(
  context: DomainContext,
  effect: ClaimedEffect,
  published: Published,
): Promise<boolean> {
  return context.db.transaction(async (sql) => {
    const confirmed = await sql.query<{ id: string }>(
      `UPDATE "Effect" SET status = 'CONFIRMED', "externalId" = $3, "confirmedAt" = now(), "errorCode" = NULL, "errorMessage" = NULL WHERE id = $1 AND "claimToken" = $2 AND status = 'SENT' RETURNING id`,
      [effect.id, effect.claimToken, published.externalId],
    );
    if (confirmed.length === 0) return false;
    const [task] = await sql.query<
      TaskChange & { output: { platform: string; text: string; mediaUrls?: string[]; disclosure: string } }
    >(
      `UPDATE "Task" t SET status = 'COMPLETE', "completedAt" = now(), version = t.version + 1 WHERE t.id = $1 AND t.status IN ('APPLYING', 'ESCALATED') RETURNING ${TASK_CHANGE_COLUMNS}, t.output`,
      [effect.taskId],
    );
    if (!task) throw new Error(`task ${effect.taskId} left APPLYING while its effect ${effect.id} was sent`);
    const postId = newId();
    await sql.query(
      `INSERT INTO "Post" (id, "tenantId", "agentId", "taskId", platform, text, "mediaUrls", "externalId", url, disclosure, "publishedAt")
       VALUES ($1, $2, $3, $4, $5::"Platform", $6, $7, $8, $9, $10::"Disclosure", $11)`,
      [
        postId,
        context.tenantId,
        effect.agentId,
        effect.taskId,
        task.output.platform,
        task.output.text,
        task.output.mediaUrls ?? [],
        published.externalId,
        published.url,
        task.output.disclosure,
        published.publishedAt,
      ],
    );
    const answered = await cancelReviews(sql, [effect.taskId]);
    const released = await releaseDependents(sql, [effect.taskId]);
    await recordEvents(sql, context.tenantId, effect.traceId, [
      effectEvent(effect, 'CONFIRMED'),
      {
        topic: 'post',
        kind: 'CREATED',
        subjectId: postId,
        agentId: effect.agentId,
        campaignId: effect.campaignId,
        version: 1,
        data: {
          taskId: effect.taskId,
          platform: task.output.platform,
          externalId: published.externalId,
          url: published.url,
        },
      },
      taskEvent(task),
      ...answered,
      ...released,
    ]);
    await recordAudit(sql, context, [
      {
        action: 'effect.confirmed',
        subjectType: 'Effect',
        subjectId: effect.id,
        traceId: effect.traceId,
        data: { taskId: effect.taskId, externalId: published.externalId, digest: effect.payloadDigest },
      },
    ]);
    return true;
  });
}

/**
 * Certain that nothing happened outside: SENT → PENDING again at `notBefore`. Only the holder of the claim may. An agent
 * stopped for good or a campaign that ended meanwhile cancels it instead: nothing leaves afterwards.
 */
export async function retryEffect(
  context: DomainContext,
  effect: ClaimedEffect,
  again: { notBefore: Date | null; outages: number },
  error: { name: string; message: string },
): Promise<boolean> {
  return context.db.transaction((sql) =>
    giveBack(sql, context, effect, error, again, async () => [
      ...(await resumeTask(sql, effect.taskId)),
      effectEvent(effect, 'PENDING', again.notBefore),
    ]),
  );
}

/** The platform refuses the agent itself: the agent stops in ERROR with an alert; the effect is PENDING and sent once the agent is ACTIVE again. */
export async function holdEffect(
  context: DomainContext,
  effect: ClaimedEffect,
  error: { name: string; message: string },
): Promise<boolean> {
  return context.db.transaction((sql) =>
    giveBack(sql, context, effect, error, { notBefore: null, outages: effect.outages }, async () => [
      ...(await resumeTask(sql, effect.taskId)),
      ...(await pauseAgentForFault(sql, context, effect, error, 'What was approved waits')),
    ]),
  );
}

/** Certain that nothing happened outside, and a person decides whether it is sent again: PENDING, its task ESCALATED. */
export async function escalateEffect(
  context: DomainContext,
  effect: ClaimedEffect,
  fault: Pick<Fault, 'name' | 'code' | 'message'>,
): Promise<boolean> {
  return context.db.transaction((sql) =>
    giveBack(sql, context, effect, fault, { notBefore: null, outages: effect.outages }, async () => [
      ...(await resumeTask(sql, effect.taskId)),
      ...(await askAboutFailedEffect(sql, context, effect, fault)),
    ]),
  );
}

/** What a person was asked is answered by the platform: it certainly did not happen. */
async function resumeTask(sql: Sql, taskId: string): Promise<NewEvent[]> {
  const [task] = await sql.query<TaskChange>(
    `UPDATE "Task" t SET status = 'APPLYING', version = t.version + 1 WHERE t.id = $1 AND t.status = 'ESCALATED' RETURNING ${TASK_CHANGE_COLUMNS}`,
    [taskId],
  );
  return task ? [taskEvent(task), ...(await cancelReviews(sql, [taskId]))] : [];
}

/**
 * SENT → PENDING, and `next` unless it must not leave any more. The agent's and the campaign's rows are locked first, as by
 * `claimEffect`: a stop comes before this and is seen, or after it and finds the effect PENDING.
 */
async function giveBack(
  sql: Sql,
  context: DomainContext,
  effect: ClaimedEffect,
  error: { name: string; message: string },
  again: { notBefore: Date | null; outages: number },
  next: () => Promise<NewEvent[]>,
): Promise<boolean> {
  const [agent] = await sql.query<{ ended: boolean }>(
    `SELECT status IN ('EMERGENCY_STOPPED', 'ARCHIVED') AS ended FROM "Agent" WHERE id = $1 FOR NO KEY UPDATE`,
    [effect.agentId],
  );
  const [campaign] = await sql.query<{ ended: boolean }>(
    `SELECT status::text IN ('COMPLETED', 'CANCELLED', 'FAILED') AS ended FROM "Campaign" WHERE id = $1 FOR SHARE`,
    [effect.campaignId],
  );
  const rows = await sql.query(
    `UPDATE "Effect" SET status = 'PENDING', "claimToken" = NULL, "leaseExpiresAt" = NULL, "notBefore" = $3, "errorCode" = $4, "errorMessage" = $5, outages = $6 WHERE id = $1 AND "claimToken" = $2 AND status = 'SENT' RETURNING id`,
    [effect.id, effect.claimToken, again.notBefore, error.name, error.message.slice(0, 2000), again.outages],
  );
  if (rows.length === 0) return false;
  const events =
    agent?.ended || campaign?.ended
      ? await cancelTasks(sql, 't.id = $1', [effect.taskId], { code: 'INVALID_STATE', message: error.message })
      : await next();
  await recordEvents(sql, context.tenantId, effect.traceId, events);
  return true;
}

/** Unknown outcome: stays SENT; its lease ends at `lookUpAt`, when the reconciler has it looked up. */
export async function leaveUnknown(
  context: DomainContext,
  effect: ClaimedEffect,
  lookUpAt: Date,
  error: { name: string; message: string },
): Promise<void> {
  await context.db.query(
    `UPDATE "Effect" SET "leaseExpiresAt" = $3, "errorCode" = $4, "errorMessage" = $5 WHERE id = $1 AND "claimToken" = $2 AND status = 'SENT'`,
    [effect.id, effect.claimToken, lookUpAt, error.name, error.message.slice(0, 2000)],
  );
}

/** Certain that it cannot be sent: the effect and its task FAILED, and the Planner is asked to replace it. */
export async function failEffect(
  context: DomainContext,
  effect: ClaimedEffect,
  fault: Pick<Fault, 'name' | 'code' | 'message'>,
): Promise<boolean> {
  return context.db.transaction(async (sql) => {
    const rows = await sql.query(
      `UPDATE "Effect" SET status = 'FAILED', "errorCode" = $3, "errorMessage" = $4 WHERE id = $1 AND "claimToken" = $2 AND status = 'SENT' RETURNING id`,
      [effect.id, effect.claimToken, fault.name, fault.message.slice(0, 2000)],
    );
    if (rows.length === 0) return false;
    const resumed = await resumeTask(sql, effect.taskId);
    const [task] = await sql.query<TaskChange>(
      `UPDATE "Task" t SET status = 'FAILED', "completedAt" = now(), "errorCode" = $2, "errorMessage" = $3, "errorAt" = now(), version = t.version + 1 WHERE t.id = $1 AND t.status = 'APPLYING' RETURNING ${TASK_CHANGE_COLUMNS}`,
      [effect.taskId, fault.code, fault.message.slice(0, 2000)],
    );
    const followed = task ? await giveUp(sql, task, 'TASK_FAILED', fault.message) : [];
    await recordEvents(sql, context.tenantId, effect.traceId, [
      effectEvent(effect, 'FAILED'),
      ...resumed,
      ...(task ? [taskEvent(task)] : []),
      ...followed,
    ]);
    await recordAudit(sql, context, [
      {
        action: 'effect.failed',
        subjectType: 'Effect',
        subjectId: effect.id,
        traceId: effect.traceId,
        data: { taskId: effect.taskId, error: fault.name },
      },
    ]);
    return true;
  });
}
