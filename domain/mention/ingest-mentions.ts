import type { Sql } from '../../platform/database.ts';
import { newId, newTraceId } from '../../platform/ids.ts';
import { storableJson } from '../../platform/storable.ts';
import { raiseAlert } from '../alert/raise-alert.ts';
import { contextChanged } from '../campaign/context-changed.ts';
import type { DomainContext } from '../context.ts';
import { recordEvents } from '../outbox.ts';
import type { TaskChange } from '../task/cancel-tasks.ts';
import { TASK_CHANGE_COLUMNS, taskEvent } from '../task/cancel-tasks.ts';
import type { Platform } from '../task/task-types.ts';

export interface IncomingMention {
  platform: Platform;
  externalId: string;
  author: string;
  text: string;
  suspicious: boolean;
  /** 0..1 */
  relevance: number;
  receivedAt: Date;
}

/** A new mention this relevant changes the context, besides being answered. */
const CONTEXT_CHANGE_THRESHOLD = 0.9;

/** Replies are more urgent than planned posts: somebody waits. */
const REPLY_PRIORITY = 7;

/**
 * Records mentions once (the platform's id decides) and makes a REPLY_COMMENT task for each new one whose relevance reaches
 * `threshold`, for the agent's oldest active campaign, the most relevant first and at most `maxReplies`. A suspicious one
 * makes a tainted task (no answer to it leaves without a person) and raises E1003. A very relevant one also changes the
 * context of the agent's campaigns. Polling the same mentions again changes nothing.
 */
export async function ingestMentions(
  context: DomainContext,
  agentId: string,
  mentions: readonly IncomingMention[],
  options: { threshold: number; maxReplies: number },
): Promise<{ recorded: number; replies: number }> {
  if (mentions.length === 0) return { recorded: 0, replies: 0 };
  return context.db.transaction(async (sql) => {
    const fresh = await insertMentions(sql, context.tenantId, agentId, mentions);
    await alertSuspicious(sql, context, agentId, fresh);
    const telling = fresh.find((mention) => !mention.suspicious && mention.relevance >= CONTEXT_CHANGE_THRESHOLD);
    if (telling) {
      const note = `A mention by @${telling.author}: ${telling.text}`;
      await recordEvents(sql, context.tenantId, context.traceId, await contextChanged(sql, agentId, note));
    }
    const [campaign] = await sql.query<{ id: string; stateVersion: number }>(
      `SELECT c.id, c."stateVersion" FROM "Campaign" c JOIN "CampaignAgent" ca ON ca."campaignId" = c.id JOIN "Agent" a ON a.id = ca."agentId"
       WHERE a.id = $1 AND a.status NOT IN ('EMERGENCY_STOPPED', 'ARCHIVED') AND c.status = 'ACTIVE' AND c."startsAt" <= now() ORDER BY c."createdAt" LIMIT 1 FOR SHARE OF c, a`,
      [agentId],
    );
    const answered = campaign
      ? fresh
          .filter((mention) => mention.relevance >= options.threshold)
          .sort((a, b) => b.relevance - a.relevance)
          .slice(0, options.maxReplies)
      : [];
    if (!campaign || answered.length === 0) return { recorded: fresh.length, replies: 0 };
    const rows = answered.map((mention) => ({
      id: newId(),
      mentionId: mention.id,
      tainted: mention.suspicious,
      traceId: newTraceId(),
      input: { mentionId: mention.id, platform: mention.platform },
    }));
    const tasks = await sql.query<TaskChange>(
      `INSERT INTO "Task" AS t (id, "tenantId", "agentId", "campaignId", type, status, priority, input, tainted, "stateVersion", "traceId")
       SELECT x.id, $1::uuid, $2::uuid, $3::uuid, 'REPLY_COMMENT', 'QUEUED', $4, x.input, x.tainted, $5, x."traceId" FROM jsonb_to_recordset($6::jsonb) AS x(id uuid, input jsonb, tainted boolean, "traceId" text)
       RETURNING ${TASK_CHANGE_COLUMNS}`,
      [context.tenantId, agentId, campaign.id, REPLY_PRIORITY, campaign.stateVersion, JSON.stringify(rows)],
    );
    await sql.query(
      'UPDATE "Mention" m SET "taskId" = x.id FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, "mentionId" uuid) WHERE m.id = x."mentionId"',
      [JSON.stringify(rows)],
    );
    await recordEvents(
      sql,
      context.tenantId,
      context.traceId,
      tasks.map((task) => taskEvent(task, 'CREATED')),
    );
    return { recorded: fresh.length, replies: tasks.length };
  });
}

/** E1003: what looks like an attack is put before a person, once an hour an agent; the text itself is in the Mention. */
async function alertSuspicious(
  sql: Sql,
  context: DomainContext,
  agentId: string,
  fresh: readonly IncomingMention[],
): Promise<void> {
  const suspicious = fresh.filter((mention) => mention.suspicious);
  const [first] = suspicious;
  if (!first) return;
  const alerts = await raiseAlert(sql, context.tenantId, {
    rule: 'E1003',
    severity: 'WARNING',
    message: `${suspicious.length === 1 ? 'A mention looks' : `${suspicious.length} mentions look`} like an attempt to instruct the agent (from @${first.author}); no answer to them leaves without a person.`,
    agentId,
  });
  await recordEvents(sql, context.tenantId, context.traceId, alerts);
}

function insertMentions(
  sql: Sql,
  tenantId: string,
  agentId: string,
  mentions: readonly IncomingMention[],
): Promise<(IncomingMention & { id: string })[]> {
  return sql.query<IncomingMention & { id: string } & Record<string, unknown>>(
    `INSERT INTO "Mention" (id, "tenantId", "agentId", platform, "externalId", author, text, suspicious, relevance, "receivedAt")
     SELECT m.id, $1::uuid, $2::uuid, m.platform::"Platform", m."externalId", m.author, m.text, m.suspicious, m.relevance, m."receivedAt"
     FROM jsonb_to_recordset($3::jsonb) AS m(id uuid, platform text, "externalId" text, author text, text text, suspicious boolean, relevance float8, "receivedAt" timestamptz)
     ON CONFLICT ("agentId", platform, "externalId") DO NOTHING RETURNING *`,
    [tenantId, agentId, storableJson(mentions.map((mention) => ({ ...mention, id: newId() })))],
  );
}
