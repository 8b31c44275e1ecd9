import { newId } from '../../platform/ids.ts';
import { storableJson } from '../../platform/storable.ts';
import { contextChanged } from '../campaign/context-changed.ts';
import type { DomainContext } from '../context.ts';
import { recordEvents } from '../outbox.ts';

export interface IncomingTrend {
  /** sha-256 of the item's id: deduplication. */
  digest: string;
  topic: string;
  summary: string;
  url: string | null;
  source: string;
  /** 0..1 */
  relevance: number;
  suspicious: boolean;
  publishedAt: Date | null;
}

/** A new item this relevant changes the context. */
export const CONTEXT_CHANGE_THRESHOLD = 0.6;

/**
 * Records news items once (their digest decides). A strongly relevant new one asks for a re-plan of the agent's active
 * campaigns, unless their newest revision is younger than an hour. Reading the same feed again changes nothing.
 */
export async function ingestTrends(
  context: DomainContext,
  agentId: string,
  trends: readonly IncomingTrend[],
): Promise<{ recorded: number; replanned: number }> {
  if (trends.length === 0) return { recorded: 0, replanned: 0 };
  return context.db.transaction(async (sql) => {
    const fresh = await sql.query<{ relevance: number; topic: string; suspicious: boolean }>(
      `INSERT INTO "Trend" (id, "tenantId", "agentId", digest, topic, summary, url, source, relevance, suspicious, "publishedAt")
       SELECT t.id, $1::uuid, $2::uuid, t.digest, t.topic, t.summary, t.url, t.source, t.relevance, t.suspicious, t."publishedAt"
       FROM jsonb_to_recordset($3::jsonb) AS t(id uuid, digest text, topic text, summary text, url text, source text, relevance float8, suspicious boolean, "publishedAt" timestamptz)
       ON CONFLICT ("agentId", digest) DO NOTHING RETURNING relevance, topic, suspicious`,
      [context.tenantId, agentId, storableJson(trends.map((trend) => ({ ...trend, id: newId() })))],
    );
    const [strongest] = fresh
      .filter((trend) => !trend.suspicious && trend.relevance >= CONTEXT_CHANGE_THRESHOLD)
      .sort((a, b) => b.relevance - a.relevance);
    if (!strongest) return { recorded: fresh.length, replanned: 0 };
    const campaigns = await contextChanged(sql, agentId, `A new trend: ${strongest.topic}`);
    await recordEvents(sql, context.tenantId, context.traceId, campaigns);
    return { recorded: fresh.length, replanned: campaigns.length };
  });
}
