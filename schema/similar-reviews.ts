import { textSimilarity } from '../domain/text/similarity.ts';
import type { GraphContext } from './graph-context.ts';

const CANDIDATES = 100;

/** The words of a review's content: its string values, whatever the task type. */
const textOf = (content: unknown): string =>
  typeof content === 'string'
    ? content
    : content && typeof content === 'object'
      ? Object.values(content).map(textOf).join(' ')
      : '';

/**
 * Ids of decided reviews with the most similar content (character shingles, see textSimilarity), best first, among the
 * agent's last 100 decisions on the same task type. One statement for all reviews.
 */
export async function loadSimilarReviews(
  context: GraphContext,
  reviewIds: readonly string[],
  limit: number,
): Promise<Map<string, string[]>> {
  const rows = await context.db.query<{ reviewId: string; content: unknown; id: string; candidate: unknown }>(
    `SELECT r.id AS "reviewId", r.content, d.id, d.content AS candidate FROM "Review" r CROSS JOIN LATERAL (
       SELECT c.id, c.content FROM "Review" c WHERE c."agentId" = r."agentId" AND c.status IN ('APPROVED', 'EDITED', 'REJECTED') AND c."taskType" = r."taskType" AND c.id <> r.id
       ORDER BY c."decidedAt" DESC LIMIT ${CANDIDATES}) d WHERE r.id = ANY($1::uuid[])`,
    [reviewIds],
  );
  const scored = new Map<string, { id: string; score: number }[]>();
  for (const row of rows) {
    const found = scored.get(row.reviewId) ?? [];
    scored.set(row.reviewId, found);
    found.push({ id: row.id, score: textSimilarity(textOf(row.content), textOf(row.candidate)) });
  }
  return new Map(
    [...scored].map(([reviewId, found]) => [
      reviewId,
      found
        .sort((a, b) => b.score - a.score)
        .slice(0, limit)
        .map(({ id }) => id),
    ]),
  );
}
