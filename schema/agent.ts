import { memoryQuerySchema } from '../domain/memory/memory-store.ts';
import { microUsdToDecimal } from '../domain/money/money.ts';
import { parseInput } from '../domain/parse-input.ts';
import { AgentMetrics, loadAgentMetrics } from './agent-metrics.ts';
import { builder } from './builder.ts';
import {
  CampaignConnection,
  MentionConnection,
  PostConnection,
  pageArguments,
  TaskConnection,
  TransactionConnection,
} from './connections.ts';
import { AgentStatus, Period, Platform } from './enums.ts';
import { loadConfidence24h, loadPostsToday, loadQueueDepth, loadSpent, loadUsdcBalance } from './figures.ts';
import { TaskFilter, taskConditions } from './filters.ts';
import { keysetConnection } from './keyset-connection.ts';
import { loadBatched } from './load-batch.ts';
import type { RowOf } from './load-rows.ts';
import { Memory } from './memory.ts';
import { AgentNode } from './nodes.ts';

const Persona = builder.objectRef<RowOf<'Agent'>>('Persona').implement({
  description: 'Who the agent is: its SOUL.md and what was read from it.',
  fields: (t) => ({
    soulMarkdown: t.exposeString('soulMarkdown'),
    backstory: t.exposeString('backstory'),
    voiceTraits: t.exposeStringList('voiceTraits'),
    coreBeliefs: t.exposeStringList('coreBeliefs'),
    directives: t.exposeStringList('directives'),
  }),
});

const SocialHandle = builder.prismaObject('SocialHandle', {
  fields: (t) => ({
    platform: t.expose('platform', { type: Platform }),
    username: t.exposeString('username', { description: 'Without the @.' }),
  }),
});

const NEWEST_FIRST = { keys: [{ column: '"createdAt"', kind: 'time' }], direction: 'DESC' } as const;
const MAX_MEMORIES = 50;

builder.prismaObjectFields(AgentNode, (t) => ({
  name: t.exposeString('name'),
  bio: t.exposeString('bio', { nullable: true }),
  niche: t.exposeString('niche', { nullable: true }),
  region: t.exposeString('region', { nullable: true }),
  persona: t.field({ type: Persona, resolve: (agent) => agent }),
  socialHandles: t.relation('socialHandles', { type: SocialHandle, query: { orderBy: { platform: 'asc' } } }),
  characterReferenceId: t.exposeString('characterReferenceId', {
    nullable: true,
    description: "The image model's handle that keeps the face the same.",
  }),
  walletAddress: t.exposeString('walletAddress', { description: 'An EVM address.' }),
  walletBalanceUsdc: t.field({
    type: 'Decimal',
    description: 'Confirmed USDC in minus out.',
    resolve: async (agent, _args, context, info) =>
      (await loadBatched(context, info, 'balance', agent.id, (ids) => loadUsdcBalance(context, ids))) ?? '0',
  }),
  status: t.expose('status', { type: AgentStatus }),
  statusReason: t.exposeString('statusReason', { nullable: true }),
  budgetDailyUsd: t.field({ type: 'Decimal', resolve: (agent) => microUsdToDecimal(agent.budgetDailyMicroUsd) }),
  budgetTotalUsd: t.field({
    type: 'Decimal',
    nullable: true,
    description: 'For all time; none where null.',
    resolve: ({ budgetTotalMicroUsd: amount }) => (amount === null ? null : microUsdToDecimal(amount)),
  }),
  spentTodayUsd: t.field({
    type: 'Decimal',
    description: 'Since midnight UTC; reservations are not counted.',
    resolve: async (agent, _args, context, info) =>
      microUsdToDecimal(
        (await loadBatched(context, info, 'spent', agent.id, (ids) => loadSpent(context, ids, 'today'))) ?? 0,
      ),
  }),
  postsToday: t.int({
    description: 'Since midnight UTC.',
    resolve: async (agent, _args, context, info) =>
      (await loadBatched(context, info, 'posts', agent.id, (ids) => loadPostsToday(context, ids))) ?? 0,
  }),
  confidenceAvg24h: t.float({
    nullable: true,
    description: '0..1, of everything judged in the last 24 hours; null when nothing was.',
    resolve: async (agent, _args, context, info) =>
      (await loadBatched(context, info, 'confidence', agent.id, (ids) => loadConfidence24h(context, ids))) ?? null,
  }),
  hitlQueueDepth: t.int({
    description: 'Reviews that wait for a person.',
    resolve: async (agent, _args, context, info) =>
      (await loadBatched(context, info, 'depth', agent.id, (ids) => loadQueueDepth(context, ids))) ?? 0,
  }),
  lastSeenAt: t.expose('lastSeenAt', { type: 'DateTime', nullable: true }),
  metrics: t.field({
    type: AgentMetrics,
    args: { period: t.arg({ type: Period, required: true, defaultValue: 'LAST_7_DAYS' }) },
    resolve: async (agent, { period }, context, info) => {
      const metrics = await loadBatched(context, info, 'metrics', agent.id, (ids) =>
        loadAgentMetrics(context, ids, period),
      );
      if (!metrics) throw new Error(`no metrics for agent ${agent.id}`);
      return metrics;
    },
  }),
  campaigns: t.field({
    type: CampaignConnection,
    args: pageArguments(t.arg),
    resolve: (agent, args, context, info) =>
      keysetConnection(context, info, agent.id, args, {
        ...NEWEST_FIRST,
        type: 'Campaign',
        from: '"Campaign" c WHERE EXISTS (SELECT 1 FROM "CampaignAgent" ca WHERE ca."campaignId" = c.id AND ca."agentId" = p.id)',
      }),
  }),
  tasks: t.field({
    type: TaskConnection,
    args: { filter: t.arg({ type: TaskFilter }), ...pageArguments(t.arg) },
    resolve: (agent, args, context, info) =>
      keysetConnection(context, info, agent.id, args, {
        ...NEWEST_FIRST,
        type: 'Task',
        from: '"Task" c WHERE c."agentId" = p.id',
        conditions: taskConditions(args.filter),
      }),
  }),
  posts: t.field({
    type: PostConnection,
    args: pageArguments(t.arg),
    resolve: (agent, args, context, info) =>
      keysetConnection(context, info, agent.id, args, {
        type: 'Post',
        from: '"Post" c WHERE c."agentId" = p.id',
        keys: [{ column: '"publishedAt"', kind: 'time' }],
        direction: 'DESC',
      }),
  }),
  transactions: t.field({
    type: TransactionConnection,
    args: pageArguments(t.arg),
    resolve: (agent, args, context, info) =>
      keysetConnection(context, info, agent.id, args, {
        ...NEWEST_FIRST,
        type: 'Transaction',
        from: '"Transaction" c WHERE c."agentId" = p.id',
      }),
  }),
  memories: t.field({
    type: [Memory],
    description: `What the agent remembers about something, most relevant first; at most ${MAX_MEMORIES}.`,
    args: {
      query: t.arg.string({ required: true }),
      limit: t.arg.int({ defaultValue: 5 }),
      from: t.arg({ type: 'DateTime' }),
      to: t.arg({ type: 'DateTime' }),
    },
    resolve: (agent, { query, limit, from, to }, context) => {
      const wanted = { query, limit: Math.min(limit ?? 5, MAX_MEMORIES), from: from ?? undefined, to: to ?? undefined };
      return context.searchMemory(agent.id, parseInput(memoryQuerySchema, wanted));
    },
  }),
  mentions: t.field({
    type: MentionConnection,
    args: pageArguments(t.arg),
    resolve: (agent, args, context, info) =>
      keysetConnection(context, info, agent.id, args, {
        type: 'Mention',
        from: '"Mention" c WHERE c."agentId" = p.id',
        keys: [{ column: '"receivedAt"', kind: 'time' }],
        direction: 'DESC',
      }),
  }),
  version: t.exposeInt('version', { description: 'What `expectedVersion` of an edit is compared with.' }),
  createdAt: t.expose('createdAt', { type: 'DateTime' }),
  updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
}));
