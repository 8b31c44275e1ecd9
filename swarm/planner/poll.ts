import { createHash } from 'node:crypto';
import { raiseAlert } from '../../domain/alert/raise-alert.ts';
import type { DomainContext } from '../../domain/context.ts';
import { accountOf, isPublishable } from '../../domain/effect/effect-call.ts';
import type { JobPayload } from '../../domain/jobs.ts';
import { cosineSimilarity, embed } from '../../domain/memory/embedding.ts';
import { ingestMentions } from '../../domain/mention/ingest-mentions.ts';
import { mentionRelevance, personaVector, REPLY_THRESHOLD } from '../../domain/mention/mention-relevance.ts';
import { recordEvents } from '../../domain/outbox.ts';
import type { Platform } from '../../domain/task/task-types.ts';
import { ingestTrends } from '../../domain/trend/ingest-trends.ts';
import { normaliseText, scanForInjection } from '../../domain/trust/untrusted-text.ts';
import { readFeedsOutput } from '../../mcp/contracts/news.ts';
import { mentionsOutput } from '../../mcp/contracts/twitter.ts';
import { McpToolError } from '../../mcp/host/mcp-tool-error.ts';
import type { SwarmResources } from '../resources.ts';
import { swarmContext } from '../resources.ts';

const POLL_TIMEOUT_MS = 20_000;
const MAX_REPLIES_A_POLL = 10;
const FEED_ITEMS = 60;
/** The cosine of a news item to the persona that counts as full relevance. */
const FULL_RELEVANCE_COSINE = 0.3;

interface PolledAgent {
  id: string;
  name: string;
  vector: Float32Array;
  handles: Map<string, string>;
}

async function readAgent(context: DomainContext, agentId: string): Promise<PolledAgent | null> {
  const agent = await context.db.prisma.agent.findFirst({
    where: { id: agentId, status: 'ACTIVE' },
    include: { socialHandles: true, campaigns: { include: { campaign: { select: { goals: true, status: true } } } } },
  });
  if (!agent) return null;
  const goals = agent.campaigns
    .filter(({ campaign }) => campaign.status === 'ACTIVE')
    .map(({ campaign }) => campaign.goals)
    .join(' ');
  return {
    id: agent.id,
    name: agent.name,
    vector: personaVector(agent, goals),
    handles: new Map(agent.socialHandles.map((handle) => [handle.platform, handle.username])),
  };
}

/**
 * Polls one resource of one agent. Everything that comes is untrusted: normalised, scanned, and recorded once. What an
 * outside that is down would have said is asked for again at the next poll.
 */
export async function poll(resources: SwarmResources, job: JobPayload<'poll'>, signal: AbortSignal): Promise<void> {
  const context = swarmContext(resources, 'planner', job.tenantId, job.traceId);
  const agent = await readAgent(context, job.agentId);
  if (!agent) return;
  try {
    await (job.resource === 'mentions' ? pollMentions : pollTrends)(resources, context, agent, signal);
  } catch (error) {
    if (!(error instanceof McpToolError)) throw error;
    resources.logger.warn(
      { err: error, agentId: agent.id, resource: job.resource },
      'poll failed; the next one asks again',
    );
  }
}

async function pollMentions(
  resources: SwarmResources,
  context: DomainContext,
  agent: PolledAgent,
  signal: AbortSignal,
): Promise<void> {
  const platform: Platform = 'TWITTER';
  if (!isPublishable(platform)) return;
  const account = accountOf(agent.name, agent.handles.get(platform) ?? null);
  const { mentions } = await resources.mcp.readResource('twitter', 'twitter://mentions/recent', mentionsOutput, {
    tenantId: context.tenantId,
    agentId: agent.id,
    traceId: context.traceId,
    account,
    signal,
    timeoutMs: POLL_TIMEOUT_MS,
  });
  const incoming = mentions.map((mention) => {
    const text = normaliseText(mention.text).slice(0, 2000);
    return {
      platform,
      externalId: mention.id,
      author: normaliseText(mention.author).slice(0, 100),
      text,
      suspicious: scanForInjection(mention.text).suspicious,
      relevance: mentionRelevance(text, account, agent.vector),
      receivedAt: new Date(mention.created_at),
    };
  });
  await ingestMentions(
    context,
    agent.id,
    incoming.filter((mention) => mention.text.length > 0),
    { threshold: REPLY_THRESHOLD, maxReplies: MAX_REPLIES_A_POLL },
  );
}

/** Reads the agent's feeds into Trend rows; also called by the Planner before an agent's first plan. */
async function pollTrends(
  resources: SwarmResources,
  context: DomainContext,
  agent: PolledAgent,
  signal: AbortSignal,
): Promise<void> {
  const feeds = [...resources.settings.newsFeeds];
  if (feeds.length === 0) return;
  const { value } = await resources.mcp.call('news', 'read_feeds', { feeds, limit: FEED_ITEMS }, readFeedsOutput, {
    tenantId: context.tenantId,
    agentId: agent.id,
    traceId: context.traceId,
    signal,
    timeoutMs: POLL_TIMEOUT_MS,
  });
  if (value.errors.length > 0) await alertUnreadable(context, agent.id, value.errors);
  await ingestTrends(
    context,
    agent.id,
    value.items.map((item) => ({
      digest: createHash('sha256').update(item.id).digest('hex'),
      topic: normaliseText(item.title).slice(0, 200),
      summary: normaliseText(item.summary).slice(0, 500),
      url: item.url,
      source: normaliseText(item.source).slice(0, 200),
      relevance: Math.min(
        1,
        Math.max(0, cosineSimilarity(embed(`${item.title} ${item.summary}`), agent.vector)) / FULL_RELEVANCE_COSINE,
      ),
      suspicious: scanForInjection(`${item.title}\n${item.summary}`).suspicious,
      publishedAt: item.publishedAt ? new Date(item.publishedAt) : null,
    })),
  );
}

/** One alert for all feeds that could not be read; the others were. Raised once an hour. */
async function alertUnreadable(
  context: DomainContext,
  agentId: string,
  failed: readonly { feed: string; message: string }[],
): Promise<void> {
  const message = `Feeds that could not be read: ${failed.map(({ feed, message: why }) => `${feed} (${why})`).join('; ')}`;
  await context.db.transaction(async (sql) => {
    const alert = { rule: 'FEED_UNREADABLE', severity: 'WARNING' as const, message, agentId };
    await recordEvents(sql, context.tenantId, context.traceId, await raiseAlert(sql, context.tenantId, alert));
  });
}

/** Reads the feeds of agents that have seen none yet, so that their first plan knows what is going on. */
export async function readFirstTrends(
  resources: SwarmResources,
  context: DomainContext,
  agentIds: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const seen = await context.db.prisma.trend.groupBy({ by: ['agentId'], where: { agentId: { in: [...agentIds] } } });
  const blind = agentIds.filter((agentId) => !seen.some((row) => row.agentId === agentId));
  await Promise.all(
    blind.map((agentId) =>
      poll(resources, { tenantId: context.tenantId, agentId, resource: 'trends', traceId: context.traceId }, signal),
    ),
  );
}
