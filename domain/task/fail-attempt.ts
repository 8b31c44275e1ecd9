import type { Sql } from '../../platform/database.ts';
import { campaignEvent, requestPlan } from '../campaign/campaign-row.ts';
import type { PlanReason } from '../campaign/plan-bounds.ts';
import type { DomainContext } from '../context.ts';
import type { NewEvent } from '../events.ts';
import type { Fault, NextStep } from '../fault/fault.ts';
import { nextStep } from '../fault/fault.ts';
import { pauseAgentForFault, raiseFaultAlert } from '../fault/follow-fault.ts';
import type { Settlement } from '../money/reserve.ts';
import { settle } from '../money/reserve.ts';
import { recordEvents } from '../outbox.ts';
import { askPerson } from '../review/ask-person.ts';
import type { TaskChange } from './cancel-tasks.ts';
import { cancelTasks, DEPENDENTS_OF, TASK_CHANGE_COLUMNS, taskEvent } from './cancel-tasks.ts';
import type { ToolCallRecord } from './report-results.ts';
import { insertResults } from './report-results.ts';

/** As the database limits it. */
const MOST_ATTEMPTS = 1000;

export interface FailedAttempt {
  taskId: string;
  attempt: number;
  claimToken: string;
  workerId: string;
  fault: Fault;
  toolCalls: ToolCallRecord[];
  executionMs: number;
  settlements: Settlement[];
}

/** Ends a task for good in the caller's transaction: what depends on it is cancelled, and the Planner is asked to replace it. */
export async function giveUp(
  sql: Sql,
  task: { id: string; campaignId: string | null; type: string },
  reason: PlanReason,
  message: string,
): Promise<NewEvent[]> {
  const cancelled = await cancelTasks(sql, DEPENDENTS_OF, [[task.id]], {
    code: 'INVALID_STATE',
    message: `It depends on the ${task.type} ${task.id}, which ended: ${message}`.slice(0, 1000),
  });
  const campaign = task.campaignId
    ? await requestPlan(sql, task.campaignId, { reason, note: `${task.type} ended: ${message}`.slice(0, 1000) })
    : null;
  return [...cancelled, ...(campaign ? [campaignEvent(campaign, 'UPDATED')] : [])];
}

interface FailingTask extends TaskChange {
  input: unknown;
  maxAttempts: number;
  outages: number;
}

/** How a task leaves an attempt that failed. */
interface Move {
  status: 'QUEUED' | 'ESCALATED' | 'FAILED';
  /** Null for a task that ends or waits for a person. */
  delayMs: number | null;
  /** The attempt does not count: the task gets another one. */
  counted: boolean;
  outages: number;
}

function moveAfter(task: FailingTask, step: NextStep): Move {
  const { outages } = task;
  switch (step.kind) {
    case 'AGAIN':
      return { status: 'QUEUED', delayMs: step.delayMs, counted: step.counted, outages: step.outages };
    case 'WAIT_FOR_AGENT':
      return { status: 'QUEUED', delayMs: 0, counted: false, outages };
    case 'ASK':
      return { status: 'ESCALATED', delayMs: null, counted: false, outages };
    case 'END':
      return { status: 'FAILED', delayMs: null, counted: true, outages };
  }
}

export type FailOutcome = 'RETRIED' | 'WAITING' | 'ESCALATED' | 'FAILED' | 'LOST';

/**
 * Records an attempt that failed and lets follow what the fault asks for: QUEUED again, waiting for the agent, which stops
 * in ERROR, ESCALATED with a question to a person, or FAILED with its dependents cancelled and a re-plan requested.
 * A lost claim only records, and gives no reservation back: its report may have been accepted though the answer was lost, and
 * then the Judge spends what is reserved. Runs twice: the claim is gone. Returns what became of the task.
 */
export async function failAttempt(
  context: DomainContext,
  failed: FailedAttempt,
  random: number = Math.random(),
): Promise<FailOutcome> {
  return context.db.transaction(async (sql) => {
    const { fault } = failed;
    // The agent's row first, as whoever stops an agent locks it before its tasks.
    if (fault.action === 'PAUSE_AGENT')
      await sql.query(
        'SELECT 1 FROM "Agent" WHERE id = (SELECT "agentId" FROM "Task" WHERE id = $1) FOR NO KEY UPDATE',
        [failed.taskId],
      );
    const [task] = await sql.query<FailingTask>(
      `SELECT ${TASK_CHANGE_COLUMNS}, t.input, t."maxAttempts", t.outages FROM "Task" t WHERE t.id = $1 AND t."claimToken" = $2 AND t.status = 'IN_PROGRESS' FOR UPDATE`,
      [failed.taskId, failed.claimToken],
    );
    await insertResults(sql, context.tenantId, [
      {
        ...failed,
        output: null,
        reasoning: null,
        model: null,
        tokens: null,
        modelProbability: null,
        invalidatedReason: task ? null : 'the claim was lost before the report',
        errorCode: fault.code,
        errorMessage: fault.message,
      },
    ]);
    const spent = task ? failed.settlements : failed.settlements.filter(({ actualMicroUsd }) => actualMicroUsd > 0);
    const settleSpent = () => settle(sql, context.tenantId, spent, context.clock.now());
    // Last, but before the head of the audit chain, which pausing an agent takes: the Judge locks the two in this order.
    const audits = fault.action === 'PAUSE_AGENT';
    if (audits) await settleSpent();
    const outcome = task ? await follow(sql, context, task, fault, random) : 'LOST';
    if (!audits) await settleSpent();
    return outcome;
  });
}

async function follow(
  sql: Sql,
  context: DomainContext,
  task: FailingTask,
  fault: Fault,
  random: number,
): Promise<FailOutcome> {
  const work = { ...task, triesLeft: task.attempt < task.maxAttempts };
  const step = nextStep(fault, work, random, context.settings.retryBaseMs);
  const move = moveAfter(task, step);
  const [moved] = await sql.query<TaskChange>(
    `UPDATE "Task" t SET status = $2::"TaskStatus", "claimToken" = NULL, "leaseExpiresAt" = NULL, "notBefore" = now() + make_interval(secs => $3),
       "maxAttempts" = CASE WHEN $4 THEN t."maxAttempts" ELSE least(t."maxAttempts" + 1, $5) END, outages = $6, "completedAt" = CASE WHEN $2 = 'FAILED' THEN now() END,
       "errorCode" = $7, "errorMessage" = $8, "errorAt" = now(), version = t.version + 1
     WHERE t.id = $1 RETURNING ${TASK_CHANGE_COLUMNS}`,
    [
      task.id,
      move.status,
      move.delayMs === null ? null : move.delayMs / 1000,
      move.counted,
      MOST_ATTEMPTS,
      move.outages,
      fault.code,
      fault.message.slice(0, 2000),
    ],
  );
  if (!moved) throw new Error(`task ${task.id} is gone`);
  const followed: NewEvent[] = [];
  if (step.kind === 'END') followed.push(...(await giveUp(sql, moved, 'TASK_FAILED', fault.message)));
  if (step.kind === 'ASK') followed.push(...(await askAboutAttempt(sql, context, task, fault)));
  if (step.kind === 'WAIT_FOR_AGENT')
    followed.push(...(await pauseAgentForFault(sql, context, task, fault, 'Its work waits')));
  await recordEvents(sql, context.tenantId, context.traceId, [taskEvent(moved), ...followed]);
  return step.kind === 'AGAIN'
    ? 'RETRIED'
    : step.kind === 'WAIT_FOR_AGENT'
      ? 'WAITING'
      : move.status === 'FAILED'
        ? 'FAILED'
        : 'ESCALATED';
}

/** E1002, E1003, E1006 and their like: the attempt failed in a way that a person decides. */
async function askAboutAttempt(sql: Sql, context: DomainContext, task: FailingTask, fault: Fault): Promise<NewEvent[]> {
  const review = await askPerson(sql, context, {
    task,
    content: { attempt: task.attempt, input: task.input, error: { code: fault.code, message: fault.message } },
    reasons: [
      `Attempt ${task.attempt} failed: ${fault.message}`,
      'Approve: it is tried again, with your feedback. Reject: it is given up, and the Planner replaces it.',
    ],
  });
  return [...review, ...(await raiseFaultAlert(sql, context, task, fault))];
}
