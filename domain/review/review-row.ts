import type { Sql } from '../../platform/database.ts';
import { InvalidStateError, NotFoundError } from '../errors.ts';
import type { NewEvent } from '../events.ts';
import type { TaskType } from '../task/task-types.ts';

/** A review with what its decision depends on. */
export interface ReviewRow extends Record<string, unknown> {
  id: string;
  taskId: string;
  /** None where it asks what becomes of an attempt or an effect that met a fault. */
  resultId: string | null;
  agentId: string;
  campaignId: string | null;
  taskType: TaskType;
  status: 'PENDING' | 'APPROVED' | 'EDITED' | 'REJECTED' | 'CANCELLED';
  content: unknown;
  contentDigest: string;
  risk: 'LOW' | 'MEDIUM' | 'HIGH';
  assignedToId: string | null;
  claimExpiresAt: Date | null;
  version: number;
}

/** The columns of a review that its event shows. */
export const REVIEW_EVENT_COLUMNS = ['id', 'taskId', 'agentId', 'campaignId', 'taskType', 'status', 'risk', 'version']
  .map((column) => `r."${column}"`)
  .join(', ');
export type ReviewChange = Pick<
  ReviewRow,
  'id' | 'taskId' | 'agentId' | 'campaignId' | 'taskType' | 'status' | 'risk' | 'version'
>;

export const reviewEvent = (review: ReviewChange): NewEvent<'review'> => ({
  topic: 'review',
  kind: 'UPDATED',
  subjectId: review.id,
  agentId: review.agentId,
  campaignId: review.campaignId,
  version: review.version,
  data: { taskId: review.taskId, status: review.status, risk: review.risk, taskType: review.taskType },
});

/**
 * The review, locked until the transaction ends: of two people who decide at once, one waits and then sees the other's
 * decision. A claim of somebody else counts until it expires.
 */
export async function lockPendingReview(sql: Sql, id: string, userId: string | null): Promise<ReviewRow> {
  const [review] = await sql.query<ReviewRow & { claimed: boolean }>(
    'SELECT *, "assignedToId" IS NOT NULL AND coalesce("claimExpiresAt" > now(), true) AS claimed FROM "Review" WHERE id = $1 FOR UPDATE',
    [id],
  );
  if (!review) throw new NotFoundError('review', id);
  if (review.status !== 'PENDING')
    throw new InvalidStateError(`This review was already decided: it is ${review.status}.`, review.status);
  if (review.claimed && review.assignedToId !== userId)
    throw new InvalidStateError('Another reviewer has claimed this review.', 'CLAIMED');
  return review;
}
