import type { Sql } from '../../platform/database.ts';
import { InvalidStateError, NotFoundError } from '../errors.ts';
import type { NewEvent } from '../events.ts';
import type { TaskType } from '../task/task-types.ts';

/** A review with what its decision depends on. */
export interface ReviewRow extends Record<string, unknown> {
  id: string;
  taskId: string;
  agentId: string;
  campaignId: string | null;
  taskType: TaskType;
  status: 'PENDING' | 'APPROVED' | 'EDITED' | 'REJECTED' | 'CANCELLED';
  content: unknown;
  contentDigest: string;
  risk: 'LOW' | 'MEDIUM' | 'HIGH';
  assignedToId: string | null;
  version: number;
}

export const reviewEvent = (review: ReviewRow): NewEvent<'review'> => ({
  topic: 'review',
  kind: 'UPDATED',
  subjectId: review.id,
  agentId: review.agentId,
  campaignId: review.campaignId,
  version: review.version,
  data: { taskId: review.taskId, status: review.status, risk: review.risk, taskType: review.taskType },
});

/** The review, locked until the transaction ends: of two people who decide at once, one waits and then sees the other's decision. */
export async function lockPendingReview(sql: Sql, id: string, userId: string | null): Promise<ReviewRow> {
  const [review] = await sql.query<ReviewRow>('SELECT * FROM "Review" WHERE id = $1 FOR UPDATE', [id]);
  if (!review) throw new NotFoundError('review', id);
  if (review.status !== 'PENDING')
    throw new InvalidStateError(`This review was already decided: it is ${review.status}.`, review.status);
  if (review.assignedToId && review.assignedToId !== userId)
    throw new InvalidStateError('Another reviewer has claimed this review.', 'CLAIMED');
  return review;
}
