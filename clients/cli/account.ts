import pc from 'picocolors';
import type { EventData, PositionedEvent } from '../../domain/events.ts';
import { microUsdToDecimal } from '../../domain/money/money.ts';
import { TOTAL_DAY } from '../../domain/money/reserve.ts';
import type { RelayDatabase } from '../../platform/database.ts';

const LABEL_WIDTH = 10;
const DRAFT_CHARACTERS = 110;
const INDENT = ' '.repeat(LABEL_WIDTH + 11);

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

const oneLine = (text: string, characters = Number.POSITIVE_INFINITY): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > characters ? `${line.slice(0, characters - 1)}…` : line;
};

/** What a task makes, in one word and in the plural. */
const NOUNS: Record<string, [string, string]> = {
  ANALYZE_TREND: ['analysis', 'trend analyses'],
  GENERATE_POST: ['draft', 'drafts'],
  GENERATE_IMAGE: ['image', 'images'],
  POST_CONTENT: ['post', 'posts'],
  REPLY_COMMENT: ['reply', 'replies'],
};
const nounOf = (type: string): string => NOUNS[type]?.[0] ?? type;
const countOf = (count: number, type: string): string =>
  `${count} ${count === 1 ? nounOf(type) : (NOUNS[type]?.[1] ?? type)}`;

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
  let explained = false;

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

  async function spentBy(campaignId: string | null): Promise<string> {
    if (!campaignId) return '';
    const [row] = await database.query<{ spent: number }>(
      'SELECT "spentMicroUsd" AS spent FROM "BudgetAccount" WHERE "scopeId" = $1 AND day = $2::date',
      [campaignId, TOTAL_DAY],
    );
    return pc.dim(`(campaign so far $${microUsdToDecimal(row?.spent ?? 0)})`);
  }

  function contentOf(task: TaskDetail, characters?: number): string {
    const { text, altText, topic, angle } = task.output ?? {};
    const content = text ?? altText ?? (topic ? `${topic}: ${angle ?? ''}` : '');
    return `${task.mention ? `to "${oneLine(task.mention, 60)}": ` : ''}"${oneLine(content, characters)}"`;
  }

  async function onPlan(event: PositionedEvent<'plan'>): Promise<void> {
    const counts = await database.query<{ type: string; n: number }>(
      'SELECT type, count(*)::int AS n FROM "Task" WHERE "planId" = $1 GROUP BY type ORDER BY type',
      [event.subjectId],
    );
    const reason = event.data.reason.toLowerCase().replaceAll('_', ' ');
    const parts = counts.map((row) => countOf(row.n, row.type)).join(', ');
    say(
      event.createdAt,
      'plan',
      `revision ${event.data.revision} (${reason}), ${event.data.taskCount} tasks: ${parts}`,
      pc.cyan,
    );
  }

  async function onConfidence(event: PositionedEvent<'confidence'>): Promise<void> {
    const task = await detail(event.subjectId);
    const { verdict, score } = event.data;
    if (!task || (task.type === 'POST_CONTENT' && verdict === 'APPROVED')) return; // its draft was shown, its publication will be
    const colour = { APPROVED: pc.green, ESCALATED: pc.yellow, REJECTED: pc.red }[verdict] ?? pc.white;
    say(
      event.createdAt,
      nounOf(task.type),
      `${colour(`${(Math.floor(score * 100) / 100).toFixed(2)} ${verdict.toLowerCase().padEnd(9)}`)} ${contentOf(task, DRAFT_CHARACTERS)}`,
    );
  }

  async function onReview(event: PositionedEvent<'review'>): Promise<void> {
    const task = await detail(event.data.taskId);
    if (event.data.notice) {
      const notice = { DUE_SOON: 'is due soon', OVERDUE: 'is overdue' }[event.data.notice];
      say(event.createdAt, 'waits', `a review ${notice}: ${task ? contentOf(task, DRAFT_CHARACTERS) : ''}`, pc.yellow);
      return;
    }
    if (event.kind !== 'CREATED' || !task) {
      if (['APPROVED', 'EDITED', 'REJECTED'].includes(event.data.status))
        say(event.createdAt, 'decided', `by a person: ${event.data.status.toLowerCase()}`, pc.magenta);
      return;
    }
    say(
      event.createdAt,
      'waits',
      `for a person, ${event.data.risk.toLowerCase()} risk: ${oneLine((task.reasons ?? []).join(' '))}`,
      pc.yellow,
    );
    const id = Buffer.from(`Review:${event.subjectId}`).toString('base64');
    const how = explained
      ? ''
      : `  at ${pc.underline(options.graphqlUrl)} with approveReview, editReview or rejectReview`;
    options.write(`${INDENT}decide: id ${pc.bold(id)} version ${task.reviewVersion ?? 1}${how}`);
    explained = true;
  }

  async function onPost(event: PositionedEvent<'post'>): Promise<void> {
    const task = await detail(event.data.taskId);
    const where = `${event.data.platform.toLowerCase()} ${pc.underline(event.data.url ?? event.data.externalId)}`;
    say(event.createdAt, 'published', `${task ? contentOf(task) : ''} ${await spentBy(event.campaignId)}`, pc.green);
    options.write(`${INDENT}${where}`);
  }

  async function onTask(event: PositionedEvent<'task'>): Promise<void> {
    const { status, type, errorMessage, attempt } = event.data;
    if (status === 'FAILED') say(event.createdAt, 'failed', `${nounOf(type)}: ${oneLine(errorMessage ?? '')}`, pc.red);
    else if (status === 'QUEUED' && errorMessage && attempt > 0)
      say(event.createdAt, 'retry', `${nounOf(type)} after attempt ${attempt}: ${oneLine(errorMessage)}`, pc.yellow);
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
        return say(event.createdAt, 'alert', oneLine((event.data as EventData<'alert'>).message), pc.red);
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
        say(event.createdAt, 'agent', `${name} is ${status.toLowerCase().replaceAll('_', ' ')}`, pc.cyan);
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
