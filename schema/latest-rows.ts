import type { GraphContext } from './graph-context.ts';

type LatestKind = keyof typeof LATEST;

/** The id of the newest row of each parent; `p.id` is the parent. */
const LATEST = {
  planOfCampaign: 'SELECT c.id FROM "Plan" c WHERE c."campaignId" = p.id ORDER BY c.revision DESC LIMIT 1',
  resultOfTask: 'SELECT c.id FROM "Result" c WHERE c."taskId" = p.id ORDER BY c.attempt DESC LIMIT 1',
  reviewOfTask: 'SELECT c.id FROM "Review" c WHERE c."taskId" = p.id ORDER BY c."createdAt" DESC, c.id DESC LIMIT 1',
} as const;

/** Newest row ids by parent id, in one statement; a parent without any has no entry. */
export async function loadLatest(
  context: GraphContext,
  kind: LatestKind,
  parents: readonly string[],
): Promise<Map<string, string>> {
  const rows = await context.db.query<{ parentId: string; id: string }>(
    `SELECT p.id AS "parentId", c.id FROM unnest($1::uuid[]) AS p(id) CROSS JOIN LATERAL (${LATEST[kind]}) c`,
    [parents],
  );
  return new Map(rows.map((row) => [row.parentId, row.id]));
}
