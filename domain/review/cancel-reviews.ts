import type { Sql } from '../../platform/database.ts';
import type { NewEvent } from '../events.ts';
import type { ReviewRow } from './review-row.ts';
import { reviewEvent } from './review-row.ts';

/** Takes the open reviews of tasks back: nobody needs to decide them any more. Returns their events. */
export async function cancelReviews(sql: Sql, taskIds: readonly string[]): Promise<NewEvent<'review'>[]> {
  const reviews = await sql.query<ReviewRow>(
    `UPDATE "Review" SET status = 'CANCELLED', "decidedAt" = now(), version = version + 1 WHERE "taskId" = ANY($1::uuid[]) AND status = 'PENDING' RETURNING *`,
    [taskIds],
  );
  return reviews.map(reviewEvent);
}
