import type { Sql } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import type { AgentStatus } from '../agent/agent-row.ts';
import { AGENT_TRANSITIONS, moveAgent } from '../agent/set-agent-status.ts';
import { raiseAlert } from '../alert/raise-alert.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { DomainContext } from '../context.ts';
import type { ErrorCode } from '../errors.ts';
import { recordEvents } from '../outbox.ts';
import { releaseDependents } from '../task/apply-approval.ts';
import type { TaskChange } from '../task/cancel-tasks.ts';
import { cancelTasks, TASK_CHANGE_COLUMNS, taskEvent } from '../task/cancel-tasks.ts';
import { giveUp } from '../task/fail-attempt.ts';
import type { ClaimedEffect } from './claim-effect.ts';
import { effectEvent } from './effect-event.ts';

export interface Published {
  externalId: string;
  url: string | null;
  publishedAt: Date;
}

/**
 * SENT → CONFIRMED with the platform's id; the task is COMPLETE, the post recorded, dependents released: one transaction.
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
      `UPDATE "Task" t SET status = 'COMPLETE', "completedAt" = now(), version = t.version + 1 WHERE t.id = $1 AND t.status = 'APPLYING' RETURNING ${TASK_CHANGE_COLUMNS}, t.output`,
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
  notBefore: Date | null,
  error: { code: string; message: string },
): Promise<boolean> {
  return context.db.transaction((sql) => giveBack(sql, context, effect, notBefore, error));
}

/** The platform refuses the agent itself: the agent stops in ERROR with an alert; the effect is PENDING and sent once the agent is ACTIVE again. */
export async function holdEffect(
  context: DomainContext,
  effect: ClaimedEffect,
  error: { code: string; message: string },
): Promise<boolean> {
  return context.db.transaction(async (sql) => {
    if (!(await giveBack(sql, context, effect, null, error))) return false;
    const [agent] = await sql.query<{ status: AgentStatus }>('SELECT status FROM "Agent" WHERE id = $1', [
      effect.agentId,
    ]);
    if (agent && AGENT_TRANSITIONS[agent.status].includes('ERROR'))
      await moveAgent(sql, context, { id: effect.agentId, status: 'ERROR', reason: error.message.slice(0, 500) });
    const alerts = await raiseAlert(sql, context.tenantId, {
      rule: error.code,
      severity: 'CRITICAL',
      message: `${error.message} What was approved waits; set the agent ACTIVE to send it.`,
      agentId: effect.agentId,
      campaignId: effect.campaignId,
    });
    await recordEvents(sql, context.tenantId, effect.traceId, alerts);
    return true;
  });
}

/** The agent's and the campaign's rows are locked first, as by `claimEffect`: a stop comes before this and is seen, or after it and finds the effect PENDING. */
async function giveBack(
  sql: Sql,
  context: DomainContext,
  effect: ClaimedEffect,
  notBefore: Date | null,
  error: { code: string; message: string },
): Promise<boolean> {
  const [agent] = await sql.query<{ ended: boolean }>(
    `SELECT status IN ('EMERGENCY_STOPPED', 'ARCHIVED') AS ended FROM "Agent" WHERE id = $1 FOR UPDATE`,
    [effect.agentId],
  );
  const [campaign] = await sql.query<{ ended: boolean }>(
    `SELECT status IN ('COMPLETED', 'CANCELLED') AS ended FROM "Campaign" WHERE id = $1 FOR SHARE`,
    [effect.campaignId],
  );
  const rows = await sql.query(
    `UPDATE "Effect" SET status = 'PENDING', "claimToken" = NULL, "leaseExpiresAt" = NULL, "notBefore" = $3, "errorCode" = $4, "errorMessage" = $5 WHERE id = $1 AND "claimToken" = $2 AND status = 'SENT' RETURNING id`,
    [effect.id, effect.claimToken, notBefore, error.code, error.message.slice(0, 2000)],
  );
  if (rows.length === 0) return false;
  const events =
    agent?.ended || campaign?.ended
      ? await cancelTasks(sql, 't.id = $1', [effect.taskId], { code: 'INVALID_STATE', message: error.message })
      : [effectEvent(effect, 'PENDING', notBefore)];
  await recordEvents(sql, context.tenantId, effect.traceId, events);
  return true;
}

/** Unknown outcome: stays SENT; its lease ends at `lookUpAt`, when the reconciler has it looked up. */
export async function leaveUnknown(
  context: DomainContext,
  effect: ClaimedEffect,
  lookUpAt: Date,
  error: { code: string; message: string },
): Promise<void> {
  await context.db.query(
    `UPDATE "Effect" SET "leaseExpiresAt" = $3, "errorCode" = $4, "errorMessage" = $5 WHERE id = $1 AND "claimToken" = $2 AND status = 'SENT'`,
    [effect.id, effect.claimToken, lookUpAt, error.code, error.message.slice(0, 2000)],
  );
}

/** Certain that it cannot be sent: the effect and its task FAILED, and the Planner is asked to replace it. */
export async function failEffect(
  context: DomainContext,
  effect: ClaimedEffect,
  error: { code: ErrorCode; rule: string; message: string },
): Promise<boolean> {
  return context.db.transaction(async (sql) => {
    const rows = await sql.query(
      `UPDATE "Effect" SET status = 'FAILED', "errorCode" = $3, "errorMessage" = $4 WHERE id = $1 AND "claimToken" = $2 AND status = 'SENT' RETURNING id`,
      [effect.id, effect.claimToken, error.rule, error.message.slice(0, 2000)],
    );
    if (rows.length === 0) return false;
    const [task] = await sql.query<TaskChange>(
      `UPDATE "Task" t SET status = 'FAILED', "completedAt" = now(), "errorCode" = $2, "errorMessage" = $3, "errorAt" = now(), version = t.version + 1 WHERE t.id = $1 AND t.status = 'APPLYING' RETURNING ${TASK_CHANGE_COLUMNS}`,
      [effect.taskId, error.code, error.message.slice(0, 2000)],
    );
    const followed = task ? await giveUp(sql, task, 'TASK_FAILED', error.message) : [];
    await recordEvents(sql, context.tenantId, effect.traceId, [
      effectEvent(effect, 'FAILED'),
      ...(task ? [taskEvent(task)] : []),
      ...followed,
    ]);
    await recordAudit(sql, context, [
      {
        action: 'effect.failed',
        subjectType: 'Effect',
        subjectId: effect.id,
        traceId: effect.traceId,
        data: { taskId: effect.taskId, error: error.rule },
      },
    ]);
    return true;
  });
}

/** Nobody can tell whether it happened: a person is alerted; the effect stays SENT and is looked up again at `lookUpAt`. Never re-sent. */
export async function alertUndecidable(
  context: DomainContext,
  effect: ClaimedEffect,
  lookUpAt: Date,
  message: string,
): Promise<void> {
  await context.db.transaction(async (sql) => {
    const rows = await sql.query(
      `UPDATE "Effect" SET "leaseExpiresAt" = $3 WHERE id = $1 AND "claimToken" = $2 AND status = 'SENT' RETURNING id`,
      [effect.id, effect.claimToken, lookUpAt],
    );
    if (rows.length === 0) return;
    const alerts = await raiseAlert(sql, context.tenantId, {
      rule: 'EFFECT_OUTCOME_UNKNOWN',
      severity: 'CRITICAL',
      message,
      agentId: effect.agentId,
      campaignId: effect.campaignId,
    });
    await recordEvents(sql, context.tenantId, effect.traceId, alerts);
  });
}
