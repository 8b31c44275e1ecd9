import pc from 'picocolors';
import type { EventData, PositionedEvent } from '../../domain/events.ts';
import { microUsdToDecimal } from '../../domain/money/money.ts';
import { TOTAL_DAY } from '../../domain/money/reserve.ts';
import type { RelayDatabase } from '../../platform/database.ts';

const LABEL_WIDTH = 10;
const TEXT_WIDTH = 160;

export interface Account {
  /** Takes events in order; prints what a person wants to know of them. */
  take(events: readonly PositionedEvent[]): void;
  /** Resolves when everything taken is printed. */
  idle(): Promise<void>;
}

interface TaskDetail extends Record<string, unknown> {
  type: string;
  agent: string;
  campaignId: string | null;
  output: { text?: string; topic?: string; altText?: string; angle?: string } | null;
  reasons: string[] | null;
  reviewId: string | null;
  reviewVersion: number | null;
  mention: string | null;
}

const one = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > TEXT_WIDTH ? `${line.slice(0, TEXT_WIDTH - 1)}…` : line;
};
const quote = (text: string | null | undefined): string => (text ? `"${one(text)}"` : '');
const NOUNS: Record<string, string> = {
  ANALYZE_TREND: 'trend analysis',
  GENERATE_POST: 'draft',
  GENERATE_IMAGE: 'image',
  POST_CONTENT: 'post',
  REPLY_COMMENT: 'reply',
};
const nounOf = (type: string): string => NOUNS[type] ?? type;

/**
 * The readable live account of what the swarm does: plans, drafts, confidence and verdict, publications, what waits for a
 * person and how to decide it, what it cost. One line an occurrence, in commit order.
 */
export function createAccount(options: {
  database: RelayDatabase;
  graphqlUrl: string;
  write(line: string): void;
  onError(error: unknown): void;
}): Account {
  const { database } = options;
  let queue: Promise<void> = Promise.resolve();
  let hinted = false;

  const say = (at: Date, label: string, text: string, colour: (text: string) => string = (plain) => plain): void =>
    options.write(`${pc.dim(at.toISOString().slice(11, 19))}  ${colour(label.padEnd(LABEL_WIDTH))} ${text}`);

  async function detail(taskId: string): Promise<TaskDetail | null> {
    const [row] = await database.query<TaskDetail>(
      `SELECT t.type, a.name AS agent, t."campaignId", coalesce(t.output, r.output) AS output, v.reasons, v.id AS "reviewId", v.version AS "reviewVersion", m.text AS mention
       FROM "Task" t JOIN "Agent" a ON a.id = t."agentId" LEFT JOIN "Result" r ON r."taskId" = t.id AND r.attempt = t.attempt
       LEFT JOIN LATERAL (SELECT * FROM "Review" v WHERE v."taskId" = t.id ORDER BY v."createdAt" DESC LIMIT 1) v ON true LEFT JOIN "Mention" m ON m."taskId" = t.id WHERE t.id = $1`,
      [taskId],
    );
    return row ?? null;
  }

  async function spentLine(campaignId: string | null): Promise<string> {
    if (!campaignId) return '';
    const [row] = await database.query<{ spent: number }>(
      'SELECT "spentMicroUsd" AS spent FROM "BudgetAccount" WHERE "scopeId" = $1 AND day = $2::date',
      [campaignId, TOTAL_DAY],
    );
    return `campaign total $${microUsdToDecimal(row?.spent ?? 0)}`;
  }

  const contentOf = (task: TaskDetail): string =>
    quote(
      task.output?.text ??
        task.output?.altText ??
        (task.output?.topic ? `${task.output.topic}: ${task.output.angle ?? ''}` : null),
    );

  async function onPlan(event: PositionedEvent<'plan'>): Promise<void> {
    const counts = await database.query<{ type: string; n: number }>(
      'SELECT type, count(*)::int AS n FROM "Task" WHERE "planId" = $1 GROUP BY type ORDER BY type',
      [event.subjectId],
    );
    const parts = counts.map(
      (row) => `${row.n} ${nounOf(row.type)}${row.n === 1 ? '' : row.type === 'ANALYZE_TREND' ? '' : 's'}`,
    );
    say(
      event.createdAt,
      'plan',
      `revision ${event.data.revision} (${event.data.reason.toLowerCase().replaceAll('_', ' ')}): ${event.data.taskCount} tasks: ${parts.join(', ')}`,
      pc.cyan,
    );
  }

  async function onConfidence(event: PositionedEvent<'confidence'>): Promise<void> {
    const task = await detail(event.subjectId);
    if (!task) return;
    const colour = { APPROVED: pc.green, ESCALATED: pc.yellow, REJECTED: pc.red }[event.data.verdict] ?? pc.white;
    const answered = task.mention ? ` to ${quote(task.mention)}` : '';
    say(event.createdAt, nounOf(task.type).split(' ').at(-1) ?? '', `${task.agent}${answered}: ${contentOf(task)}`);
    say(
      event.createdAt,
      'verdict',
      `${event.data.verdict.toLowerCase()} at confidence ${event.data.score.toFixed(2)}`,
      colour,
    );
  }

  async function onReview(event: PositionedEvent<'review'>): Promise<void> {
    const task = await detail(event.data.taskId);
    if (event.kind !== 'CREATED' || !task) {
      if (['APPROVED', 'EDITED', 'REJECTED'].includes(event.data.status))
        say(event.createdAt, 'decided', `a person decided: ${event.data.status.toLowerCase()}`, pc.magenta);
      return;
    }
    say(
      event.createdAt,
      'waits',
      `for a person (${event.data.risk.toLowerCase()} risk): ${one((task.reasons ?? []).join(' '))}`,
      pc.yellow,
    );
    say(event.createdAt, '', `${pc.dim('review id')} ${Buffer.from(`Review:${event.subjectId}`).toString('base64')}`);
    if (!hinted)
      say(
        event.createdAt,
        '',
        pc.dim(
          `decide at ${options.graphqlUrl}: mutation { approveReview(input: { id: "…", expectedVersion: 1 }) { __typename } }`,
        ),
      );
    hinted = true;
  }

  async function onPost(event: PositionedEvent<'post'>): Promise<void> {
    const task = await detail(event.data.taskId);
    say(
      event.createdAt,
      'published',
      `on ${event.data.platform.toLowerCase()} ${pc.underline(event.data.url ?? event.data.externalId)} ${task ? contentOf(task) : ''}`,
      pc.green,
    );
    const spent = await spentLine(event.campaignId);
    if (spent) say(event.createdAt, 'cost', spent, pc.dim);
  }

  async function onTask(event: PositionedEvent<'task'>): Promise<void> {
    const { status, type, errorMessage, attempt } = event.data;
    if (status === 'FAILED') say(event.createdAt, 'failed', `${nounOf(type)}: ${one(errorMessage ?? '')}`, pc.red);
    else if (status === 'QUEUED' && errorMessage && attempt > 0)
      say(event.createdAt, 'retry', `${nounOf(type)} after attempt ${attempt}: ${one(errorMessage)}`, pc.yellow);
  }

  async function print(event: PositionedEvent): Promise<void> {
    switch (event.topic) {
      case 'plan':
        return onPlan(event as PositionedEvent<'plan'>);
      case 'confidence':
        return onConfidence(event as PositionedEvent<'confidence'>);
      case 'review':
        return onReview(event as PositionedEvent<'review'>);
      case 'post':
        return onPost(event as PositionedEvent<'post'>);
      case 'task':
        return onTask(event as PositionedEvent<'task'>);
      case 'alert':
        return say(event.createdAt, 'alert', one((event.data as EventData<'alert'>).message), pc.red);
      case 'campaign': {
        const { name, status, planDueReason } = event.data as EventData<'campaign'>;
        if (event.kind === 'CREATED')
          say(
            event.createdAt,
            'campaign',
            `${name} is ${status.toLowerCase()}${planDueReason ? '; the Planner is at work' : ''}`,
            pc.cyan,
          );
        else if (status !== 'ACTIVE')
          say(event.createdAt, 'campaign', `${name} is now ${status.toLowerCase()}`, pc.yellow);
        return;
      }
      case 'agent': {
        const { name, status } = event.data as EventData<'agent'>;
        say(event.createdAt, 'agent', `${name} is ${status.toLowerCase()}`, pc.cyan);
        return;
      }
      case 'effect':
      case 'transaction':
        return;
    }
  }

  return {
    take(events) {
      queue = queue.then(async () => {
        for (const event of events) await print(event).catch(options.onError);
      });
    },
    idle: () => queue,
  };
}
