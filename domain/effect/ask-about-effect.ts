import type { Sql } from '../../platform/database.ts';
import { raiseAlert } from '../alert/raise-alert.ts';
import type { DomainContext } from '../context.ts';
import type { NewEvent } from '../events.ts';
import type { Fault } from '../fault/fault.ts';
import { raiseFaultAlert } from '../fault/follow-fault.ts';
import { recordEvents } from '../outbox.ts';
import { askPerson } from '../review/ask-person.ts';
import type { TaskChange } from '../task/cancel-tasks.ts';
import { TASK_CHANGE_COLUMNS, taskEvent } from '../task/cancel-tasks.ts';
import type { ClaimedEffect } from './claim-effect.ts';

interface AskedTask extends TaskChange {
  output: { mediaUrls?: string[] };
  scheduledFor: Date | null;
}

/** APPLYING → ESCALATED with a review of what would be published. One that waits for a person already stays so. */
async function ask(
  sql: Sql,
  context: DomainContext,
  taskId: string,
  reasons: (task: AskedTask) => string[],
): Promise<NewEvent[]> {
  const [task] = await sql.query<AskedTask>(
    `UPDATE "Task" t SET status = 'ESCALATED', version = t.version + 1 WHERE t.id = $1 AND t.status = 'APPLYING' RETURNING ${TASK_CHANGE_COLUMNS}, t.output, t."scheduledFor"`,
    [taskId],
  );
  if (!task) return [];
  const { output } = task;
  const review = await askPerson(sql, context, {
    task,
    content: output,
    mediaUrls: output.mediaUrls ?? [],
    reasons: reasons(task),
  });
  return [taskEvent(task), ...review];
}

/** It certainly did not leave, and is given up for now: the caller has made it PENDING. Returns the events. */
export async function askAboutFailedEffect(
  sql: Sql,
  context: DomainContext,
  effect: ClaimedEffect,
  fault: Pick<Fault, 'code' | 'message'>,
): Promise<NewEvent[]> {
  const asked = await ask(sql, context, effect.taskId, () => [
    `It could not be published: ${fault.message}`,
    'Approve or edit: it is sent again, under the same idempotency key. Reject: it is given up, and the Planner replaces it.',
  ]);
  return [...asked, ...(await raiseFaultAlert(sql, context, effect, fault))];
}

/**
 * Nobody can tell whether it happened: a person is asked and alerted. The effect stays SENT and is looked up again at
 * `lookUpAt`: should its outcome show meanwhile, the question is taken back.
 */
export async function askAboutUnknownEffect(
  context: DomainContext,
  effect: ClaimedEffect,
  lookUpAt: Date,
  question: { account: string; text: string; why: string },
): Promise<void> {
  await context.db.transaction(async (sql) => {
    const rows = await sql.query(
      `UPDATE "Effect" SET "leaseExpiresAt" = $3 WHERE id = $1 AND "claimToken" = $2 AND status = 'SENT' RETURNING id`,
      [effect.id, effect.claimToken, lookUpAt],
    );
    if (rows.length === 0) return;
    const happened = `Nobody can tell whether "${question.text.slice(0, 80)}" was published: please look at @${question.account}. (${question.why})`;
    const asked = await ask(sql, context, effect.taskId, () => [
      happened,
      'Approve: it is looked up once more and, unless found, sent again under the same idempotency key. Reject: it is given up as not published, and the Planner replaces it. It cannot be edited: it may stand there as it is.',
    ]);
    const alerts = await raiseAlert(sql, context.tenantId, {
      rule: 'EFFECT_OUTCOME_UNKNOWN',
      severity: 'CRITICAL',
      message: happened,
      agentId: effect.agentId,
      campaignId: effect.campaignId,
    });
    await recordEvents(sql, context.tenantId, effect.traceId, [...asked, ...alerts]);
  });
}

/** Its scheduled time is longer ago than the grace: whether it is still wanted is a person's to say. */
export async function askAboutLateEffect(sql: Sql, context: DomainContext, effectId: string): Promise<void> {
  const [effect] = await sql.query<{ taskId: string; traceId: string }>(
    'SELECT e."taskId", t."traceId" FROM "Effect" e JOIN "Task" t ON t.id = e."taskId" WHERE e.id = $1',
    [effectId],
  );
  if (!effect) return;
  const now = context.clock.now().getTime();
  const asked = await ask(sql, context, effect.taskId, ({ scheduledFor }) => [
    `Its time has passed: it was to be published at ${scheduledFor?.toISOString()}, ${minutes(now - (scheduledFor?.getTime() ?? now))} ago, which is more than the grace of ${context.settings.scheduleGraceSeconds} s.`,
    'Approve or edit: it is published now. Reject: it is given up, and the Planner replaces it.',
  ]);
  await recordEvents(sql, context.tenantId, effect.traceId, asked);
}

const minutes = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
