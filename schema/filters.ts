import { builder } from './builder.ts';
import { AgentStatus, CampaignStatus, ReviewStatus, RiskLevel, TaskStatus, TaskType } from './enums.ts';
import type { NodeType } from './global-id.ts';
import { rowIdOf } from './global-id.ts';
import type { Condition } from './keyset-connection.ts';

export const AgentFilter = builder.inputType('AgentFilter', {
  fields: (t) => ({
    status: t.field({ type: [AgentStatus] }),
    search: t.string({ description: 'Part of the name or the niche; case does not matter.' }),
  }),
});
export const CampaignFilter = builder.inputType('CampaignFilter', {
  fields: (t) => ({
    status: t.field({ type: [CampaignStatus] }),
    agentId: t.id(),
    search: t.string({ description: 'Part of the name or the goals; case does not matter.' }),
  }),
});
export const TaskFilter = builder.inputType('TaskFilter', {
  fields: (t) => ({
    status: t.field({ type: [TaskStatus] }),
    type: t.field({ type: [TaskType] }),
    agentId: t.id(),
    campaignId: t.id(),
  }),
});
export const ReviewFilter = builder.inputType('ReviewFilter', {
  description:
    'All that is given must hold. In the query, status is [PENDING] where it is not given; in the subscription, every status.',
  fields: (t) => ({
    status: t.field({ type: [ReviewStatus] }),
    agentId: t.id(),
    campaignId: t.id(),
    taskType: t.field({ type: [TaskType] }),
    risk: t.field({ type: [RiskLevel] }),
    reason: t.string({ description: 'One of its reasons, exactly.' }),
    confidenceBelow: t.float({ description: '0..1, exclusive.' }),
    overdue: t.boolean({ description: 'Pending and past dueAt.' }),
    mine: t.boolean({ description: 'Assigned to the viewer.' }),
  }),
});

type FilterOf<Ref extends { $inferInput: unknown }> = Ref['$inferInput'] | null | undefined;
export type ReviewFilterInput = NonNullable<FilterOf<typeof ReviewFilter>>;

const contains =
  (columns: readonly string[], text: string): Condition =>
  (bind) => {
    const pattern = bind(`%${text.replace(/[\\%_]/g, '\\$&')}%`);
    return `(${columns.map((column) => `c.${column} ILIKE ${pattern}`).join(' OR ')})`;
  };
const oneOf =
  (column: string, enumName: string, values: readonly string[]): Condition =>
  (bind) =>
    `c.${column} = ANY(${bind(values)}::"${enumName}"[])`;
const refersTo =
  (column: string, type: NodeType, globalId: string): Condition =>
  (bind) =>
    `c.${column} = ${bind(rowIdOf(type, globalId))}::uuid`;
const given = (...conditions: (Condition | false | '' | null | undefined)[]): Condition[] =>
  conditions.filter((condition): condition is Condition => typeof condition === 'function');

export const agentConditions = (filter: FilterOf<typeof AgentFilter>): Condition[] =>
  given(
    filter?.status && oneOf('status', 'AgentStatus', filter.status),
    filter?.search && contains(['name', 'niche'], filter.search),
  );

export const campaignConditions = (filter: FilterOf<typeof CampaignFilter>): Condition[] => {
  const agentId = filter?.agentId;
  return given(
    filter?.status && oneOf('status', 'CampaignStatus', filter.status),
    filter?.search && contains(['name', 'goals'], filter.search),
    agentId != null &&
      ((bind) =>
        `EXISTS (SELECT 1 FROM "CampaignAgent" ca WHERE ca."campaignId" = c.id AND ca."agentId" = ${bind(rowIdOf('Agent', agentId))}::uuid)`),
  );
};

export const taskConditions = (filter: FilterOf<typeof TaskFilter>): Condition[] =>
  given(
    filter?.status && oneOf('status', 'TaskStatus', filter.status),
    filter?.type && oneOf('type', 'TaskType', filter.type),
    filter?.agentId != null && refersTo('"agentId"', 'Agent', filter.agentId),
    filter?.campaignId != null && refersTo('"campaignId"', 'Campaign', filter.campaignId),
  );

export const reviewConditions = (
  filter: ReviewFilterInput,
  viewer: { userId: string | null; now: Date },
): Condition[] =>
  given(
    oneOf('status', 'ReviewStatus', filter.status ?? ['PENDING']),
    filter.agentId != null && refersTo('"agentId"', 'Agent', filter.agentId),
    filter.campaignId != null && refersTo('"campaignId"', 'Campaign', filter.campaignId),
    filter.taskType && oneOf('"taskType"', 'TaskType', filter.taskType),
    filter.risk && oneOf('risk', 'RiskLevel', filter.risk),
    filter.reason != null && ((bind) => `${bind(filter.reason)} = ANY(c.reasons)`),
    filter.confidenceBelow != null && ((bind) => `c.confidence < ${bind(filter.confidenceBelow)}::float8`),
    filter.overdue != null &&
      ((bind) =>
        `(c.status = 'PENDING' AND c."dueAt" < ${bind(viewer.now)}::timestamptz) = ${bind(filter.overdue)}::boolean`),
    filter.mine != null &&
      ((bind) =>
        `(c."assignedToId" IS NOT DISTINCT FROM ${bind(viewer.userId)}::uuid) = ${bind(filter.mine)}::boolean`),
  );
