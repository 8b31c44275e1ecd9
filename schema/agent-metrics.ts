import { microUsdToDecimal } from '../domain/money/money.ts';
import { builder } from './builder.ts';
import type { GraphContext } from './graph-context.ts';

export const PERIODS = {
  LAST_24_HOURS: { hours: 24, bucket: 'hour' },
  LAST_7_DAYS: { hours: 7 * 24, bucket: 'day' },
  LAST_30_DAYS: { hours: 30 * 24, bucket: 'day' },
} as const;

interface TimePointShape {
  at: string;
  value: number;
}
interface SpendSliceShape {
  category: string;
  model: string | null;
  microUsd: number;
}
export interface AgentMetricsRow extends Record<string, unknown> {
  agentId: string;
  posts: number;
  interactions: number;
  spend: number;
  revenue: number;
  complete: number;
  completeAlone: number;
  failed: number;
  judged: number;
  escalated: number;
  confidence: TimePointShape[];
  spendOverTime: TimePointShape[];
  spendBy: SpendSliceShape[];
}

/** One statement for all agents. Rates are over the tasks made, and the results judged, within the period. */
export async function loadAgentMetrics(
  context: GraphContext,
  agentIds: readonly string[],
  period: keyof typeof PERIODS,
): Promise<Map<string, AgentMetricsRow>> {
  const { hours, bucket } = PERIODS[period];
  const rows = await context.db.query<AgentMetricsRow>(
    `SELECT p.id AS "agentId", post.*, spend.*, revenue.*, task.*, judged.*, series.*, over_time.*, slices.* FROM unnest($1::uuid[]) AS p(id)
     CROSS JOIN LATERAL (SELECT count(*) AS posts, coalesce(sum(likes + comments + shares), 0) AS interactions FROM "Post" WHERE "agentId" = p.id AND "publishedAt" >= $2) post
     CROSS JOIN LATERAL (SELECT coalesce(sum("actualMicroUsd"), 0)::bigint AS spend FROM "SpendEntry" WHERE "agentId" = p.id AND status = 'SETTLED' AND day >= $2::timestamptz::date - 1 AND "settledAt" >= $2) spend
     CROSS JOIN LATERAL (SELECT coalesce(sum("amountMicroUsd"), 0)::bigint AS revenue FROM "Transaction" WHERE "agentId" = p.id AND status = 'CONFIRMED' AND direction = 'INBOUND' AND "confirmedAt" >= $2) revenue
     CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE status = 'COMPLETE') AS complete, count(*) FILTER (WHERE status = 'COMPLETE' AND "approvedByUserId" IS NULL) AS "completeAlone",
       count(*) FILTER (WHERE status = 'FAILED') AS failed FROM "Task" WHERE "agentId" = p.id AND "createdAt" >= $2) task
     CROSS JOIN LATERAL (SELECT count(*) AS judged, count(*) FILTER (WHERE r.verdict = 'ESCALATED') AS escalated FROM "Task" t JOIN "Result" r ON r."taskId" = t.id WHERE t."agentId" = p.id AND r."judgedAt" >= $2) judged
     CROSS JOIN LATERAL (SELECT coalesce(json_agg(json_build_object('at', b.at, 'value', b.value) ORDER BY b.at), '[]') AS confidence FROM
       (SELECT date_trunc($3, r."judgedAt", 'UTC') AS at, avg(r.confidence) AS value FROM "Task" t JOIN "Result" r ON r."taskId" = t.id WHERE t."agentId" = p.id AND r."judgedAt" >= $2 GROUP BY 1) b) series
     CROSS JOIN LATERAL (SELECT coalesce(json_agg(json_build_object('at', b.at, 'value', b.value) ORDER BY b.at), '[]') AS "spendOverTime" FROM
       (SELECT date_trunc($3, "settledAt", 'UTC') AS at, sum("actualMicroUsd") / 1000000.0 AS value FROM "SpendEntry" WHERE "agentId" = p.id AND status = 'SETTLED' AND day >= $2::timestamptz::date - 1 AND "settledAt" >= $2 GROUP BY 1) b) over_time
     CROSS JOIN LATERAL (SELECT coalesce(json_agg(json_build_object('category', b.category, 'model', b.model, 'microUsd', b.amount) ORDER BY b.amount DESC), '[]') AS "spendBy" FROM
       (SELECT category, model, sum("actualMicroUsd") AS amount FROM "SpendEntry" WHERE "agentId" = p.id AND status = 'SETTLED' AND day >= $2::timestamptz::date - 1 AND "settledAt" >= $2 GROUP BY 1, 2) b) slices`,
    [agentIds, new Date(context.clock.now().getTime() - hours * 3_600_000), bucket],
  );
  return new Map(rows.map((row) => [row.agentId, row]));
}

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

const TimePoint = builder.objectRef<TimePointShape>('TimePoint').implement({
  fields: (t) => ({
    at: t.field({
      type: 'DateTime',
      description: 'Start of the hour (last 24 hours) or day, UTC.',
      resolve: (point) => new Date(point.at),
    }),
    value: t.exposeFloat('value'),
  }),
});

const SpendSlice = builder.objectRef<SpendSliceShape>('SpendSlice').implement({
  fields: (t) => ({
    category: t.exposeString('category', { description: 'MODEL, MEDIA or PAYMENT' }),
    model: t.exposeString('model', { nullable: true }),
    amountUsd: t.field({ type: 'Decimal', resolve: (slice) => microUsdToDecimal(slice.microUsd) }),
  }),
});

export const AgentMetrics = builder.objectRef<AgentMetricsRow>('AgentMetrics').implement({
  description: 'Rates are 0..1 and null where there is nothing to divide by.',
  fields: (t) => ({
    postsCreated: t.int({ resolve: (row) => row.posts }),
    engagementRate: t.float({
      nullable: true,
      description: 'Likes, comments and shares a post.',
      resolve: (row) => ratio(Number(row.interactions), row.posts),
    }),
    followersGained: t.int({
      nullable: true,
      description: 'Null where the platforms do not report followers.',
      resolve: () => null,
    }),
    spendUsd: t.field({ type: 'Decimal', resolve: (row) => microUsdToDecimal(row.spend) }),
    revenueUsd: t.field({
      type: 'Decimal',
      description: 'Confirmed inbound transactions.',
      resolve: (row) => microUsdToDecimal(row.revenue),
    }),
    roi: t.float({
      nullable: true,
      description: '(revenue − spend) / spend',
      resolve: (row) => ratio(row.revenue - row.spend, row.spend),
    }),
    autonomyRate: t.float({
      nullable: true,
      description: 'Completed tasks that no person had to approve.',
      resolve: (row) => ratio(row.completeAlone, row.complete),
    }),
    successRate: t.float({
      nullable: true,
      description: 'Complete of complete and failed tasks.',
      resolve: (row) => ratio(row.complete, row.complete + row.failed),
    }),
    escalationRate: t.float({
      nullable: true,
      description: 'Judged results that went to a person.',
      resolve: (row) => ratio(row.escalated, row.judged),
    }),
    costPerPostUsd: t.field({
      type: 'Decimal',
      nullable: true,
      resolve: (row) => (row.posts === 0 ? null : microUsdToDecimal(Math.round(row.spend / row.posts))),
    }),
    confidence: t.field({
      type: [TimePoint],
      description: 'Mean confidence an hour or day.',
      resolve: (row) => row.confidence,
    }),
    spend: t.field({ type: [TimePoint], description: 'USD an hour or day.', resolve: (row) => row.spendOverTime }),
    spendBy: t.field({ type: [SpendSlice], description: 'Largest first.', resolve: (row) => row.spendBy }),
  }),
});
