import { microUsdToDecimal } from '../domain/money/money.ts';
import { builder } from './builder.ts';
import { PlanConnection, pageArguments, TaskConnection } from './connections.ts';
import { CampaignStatus, Priority } from './enums.ts';
import type { Progress } from './figures.ts';
import { loadProgress, loadSpent } from './figures.ts';
import { TaskFilter, taskConditions } from './filters.ts';
import { keysetConnection } from './keyset-connection.ts';
import { loadLatest } from './latest-rows.ts';
import { loadBatched } from './load-batch.ts';
import { loadRow } from './load-rows.ts';
import { AgentNode, CampaignNode, PlanNode } from './nodes.ts';

const CampaignProgress = builder.objectRef<Progress>('CampaignProgress').implement({
  description: 'Tasks of all plan revisions; cancelled ones are not counted.',
  fields: (t) => ({
    total: t.exposeInt('total'),
    complete: t.exposeInt('complete'),
    inFlight: t.exposeInt('inFlight', { description: 'QUEUED, IN_PROGRESS, IN_REVIEW or APPLYING.' }),
    escalated: t.exposeInt('escalated', { description: 'Waiting for a person.' }),
    failed: t.exposeInt('failed', { description: 'FAILED or REJECTED.' }),
  }),
});
const NO_TASKS: Progress = { total: 0, complete: 0, inFlight: 0, escalated: 0, failed: 0 };

builder.prismaObjectFields(CampaignNode, (t) => ({
  name: t.exposeString('name'),
  description: t.exposeString('description', { nullable: true }),
  goals: t.exposeString('goals', { description: 'In natural language; what the Planner plans for.' }),
  agents: t.field({
    type: [AgentNode],
    select: (_args, _context, nested) => ({ agents: { select: { agent: nested(true) }, orderBy: { agentId: 'asc' } } }),
    resolve: (campaign) => campaign.agents.map(({ agent }) => agent),
  }),
  priority: t.expose('priority', { type: Priority }),
  status: t.expose('status', { type: CampaignStatus }),
  statusReason: t.exposeString('statusReason', { nullable: true }),
  startsAt: t.expose('startsAt', { type: 'DateTime' }),
  endsAt: t.expose('endsAt', { type: 'DateTime', nullable: true }),
  budgetDailyUsd: t.field({
    type: 'Decimal',
    nullable: true,
    resolve: ({ budgetDailyMicroUsd: amount }) => (amount === null ? null : microUsdToDecimal(amount)),
  }),
  budgetTotalUsd: t.field({
    type: 'Decimal',
    nullable: true,
    resolve: ({ budgetTotalMicroUsd: amount }) => (amount === null ? null : microUsdToDecimal(amount)),
  }),
  spentUsd: t.field({
    type: 'Decimal',
    description: 'Altogether; reservations are not counted.',
    resolve: async (campaign, _args, context, info) =>
      microUsdToDecimal(
        (await loadBatched(context, info, 'spent', campaign.id, (ids) => loadSpent(context, ids, 'total'))) ?? 0,
      ),
  }),
  estimatedPosts: t.exposeInt('estimatedPosts', {
    description: 'What the goals ask for, read from their text at once; the plan follows.',
  }),
  progress: t.field({
    type: CampaignProgress,
    resolve: async (campaign, _args, context, info) =>
      (await loadBatched(context, info, 'progress', campaign.id, (ids) => loadProgress(context, ids))) ?? NO_TASKS,
  }),
  plan: t.field({
    type: PlanNode,
    nullable: true,
    description: 'The newest revision; null until the Planner has planned.',
    resolve: async (campaign, _args, context, info) => {
      const id = await loadBatched(context, info, 'plan', campaign.id, (ids) =>
        loadLatest(context, 'planOfCampaign', ids),
      );
      return id === undefined ? null : ((await loadRow(context, info, 'Plan', id)) ?? null);
    },
  }),
  plans: t.field({
    type: PlanConnection,
    description: 'Newest revision first.',
    args: pageArguments(t.arg),
    resolve: (campaign, args, context, info) =>
      keysetConnection(context, info, campaign.id, args, {
        type: 'Plan',
        from: '"Plan" c WHERE c."campaignId" = p.id',
        keys: [{ column: 'revision', kind: 'integer' }],
        direction: 'DESC',
      }),
  }),
  tasks: t.field({
    type: TaskConnection,
    args: { filter: t.arg({ type: TaskFilter }), ...pageArguments(t.arg) },
    resolve: (campaign, args, context, info) =>
      keysetConnection(context, info, campaign.id, args, {
        type: 'Task',
        from: '"Task" c WHERE c."campaignId" = p.id',
        keys: [{ column: '"createdAt"', kind: 'time' }],
        direction: 'DESC',
        conditions: taskConditions(args.filter),
      }),
  }),
  stateVersion: t.exposeInt('stateVersion', {
    description: 'Moves with whatever makes work in flight stale: goals, budget, persona, status, plan, people.',
  }),
  version: t.exposeInt('version', { description: 'What `expectedVersion` of an edit is compared with.' }),
  createdAt: t.expose('createdAt', { type: 'DateTime' }),
  updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
}));
