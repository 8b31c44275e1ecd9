import type { GraphContext } from './graph-context.ts';

const TOTAL_DAY = '1970-01-01';
const dayOf = (moment: Date): string => moment.toISOString().slice(0, 10);

async function figures(context: GraphContext, sql: string, values: readonly unknown[]): Promise<Map<string, number>> {
  const rows = await context.db.query<{ id: string; value: number }>(sql, values);
  return new Map(rows.map((row) => [row.id, row.value]));
}

/** Micro-USD that agents or campaigns have spent: today (UTC), or altogether. Reservations are not spent. */
export const loadSpent = (
  context: GraphContext,
  scopeIds: readonly string[],
  span: 'today' | 'total',
): Promise<Map<string, number>> =>
  figures(
    context,
    'SELECT "scopeId" AS id, "spentMicroUsd" AS value FROM "BudgetAccount" WHERE "scopeId" = ANY($1::uuid[]) AND day = $2::date',
    [scopeIds, span === 'today' ? dayOf(context.clock.now()) : TOTAL_DAY],
  );

export const loadPostsToday = (context: GraphContext, agentIds: readonly string[]): Promise<Map<string, number>> =>
  figures(
    context,
    'SELECT "agentId" AS id, count(*) AS value FROM "Post" WHERE "agentId" = ANY($1::uuid[]) AND "publishedAt" >= $2::timestamptz GROUP BY 1',
    [agentIds, `${dayOf(context.clock.now())}T00:00:00Z`],
  );

/** Mean confidence (0..1) of what was judged in the last 24 hours. */
export const loadConfidence24h = (context: GraphContext, agentIds: readonly string[]): Promise<Map<string, number>> =>
  figures(
    context,
    `SELECT t."agentId" AS id, avg(r.confidence) AS value FROM "Result" r JOIN "Task" t ON t.id = r."taskId"
     WHERE r."judgedAt" >= $2::timestamptz AND t."agentId" = ANY($1::uuid[]) GROUP BY 1`,
    [agentIds, new Date(context.clock.now().getTime() - 86_400_000)],
  );

/** Reviews that wait for a person. */
export const loadQueueDepth = (context: GraphContext, agentIds: readonly string[]): Promise<Map<string, number>> =>
  figures(
    context,
    `SELECT "agentId" AS id, count(*) AS value FROM "Review" WHERE "agentId" = ANY($1::uuid[]) AND status = 'PENDING' GROUP BY 1`,
    [agentIds],
  );

/** Confirmed USDC in minus out, as a decimal string (6 decimals). */
export async function loadUsdcBalance(
  context: GraphContext,
  agentIds: readonly string[],
): Promise<Map<string, string>> {
  const rows = await context.db.query<{ id: string; balance: string }>(
    `SELECT "agentId" AS id, trim_scale(round(sum(CASE direction WHEN 'INBOUND' THEN "amountBaseUnits" ELSE -"amountBaseUnits" END) / 1000000, 6))::text AS balance
     FROM "Transaction" WHERE "agentId" = ANY($1::uuid[]) AND status = 'CONFIRMED' AND token = 'USDC' GROUP BY 1`,
    [agentIds],
  );
  return new Map(rows.map((row) => [row.id, row.balance]));
}

export interface Progress {
  total: number;
  complete: number;
  inFlight: number;
  escalated: number;
  failed: number;
}

export async function loadProgress(
  context: GraphContext,
  campaignIds: readonly string[],
): Promise<Map<string, Progress>> {
  const rows = await context.db.query<Progress & { id: string } & Record<string, unknown>>(
    `SELECT "campaignId" AS id, count(*) FILTER (WHERE status <> 'CANCELLED') AS total, count(*) FILTER (WHERE status = 'COMPLETE') AS complete,
       count(*) FILTER (WHERE status IN ('QUEUED', 'IN_PROGRESS', 'IN_REVIEW', 'APPLYING')) AS "inFlight",
       count(*) FILTER (WHERE status = 'ESCALATED') AS escalated, count(*) FILTER (WHERE status IN ('REJECTED', 'FAILED')) AS failed
     FROM "Task" WHERE "campaignId" = ANY($1::uuid[]) GROUP BY 1`,
    [campaignIds],
  );
  return new Map(rows.map((row) => [row.id, row]));
}
