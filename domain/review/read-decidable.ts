import type { Sql } from '../../platform/database.ts';
import { InvalidStateError } from '../errors.ts';
import type { Question } from './decide-fault.ts';
import type { ReviewRow } from './review-row.ts';

export interface ReviewedTask extends Record<string, unknown> {
  status: string;
  attempt: number;
  stateVersion: number;
  traceId: string;
  campaignStatus: string | null;
  campaignStateVersion: number | null;
  agentName: string;
  agentStatus: string;
  handle: string | null;
}

/** Reads the reviewed task and refuses a decision whose ground has moved: it would be committed against a stale state. */
export async function readDecidable(
  sql: Sql,
  review: ReviewRow,
  platform: string | null,
  question: Question,
): Promise<ReviewedTask> {
  const [task] = await sql.query<ReviewedTask>(
    `SELECT t.status, t.attempt, t."stateVersion", t."traceId", c.status AS "campaignStatus", c."stateVersion" AS "campaignStateVersion", a.name AS "agentName", a.status AS "agentStatus",
       (SELECT username FROM "SocialHandle" h WHERE h."agentId" = a.id AND h.platform = $2::"Platform") AS handle
     FROM "Task" t JOIN "Agent" a ON a.id = t."agentId" LEFT JOIN "Campaign" c ON c.id = t."campaignId" WHERE t.id = $1 FOR UPDATE OF t`,
    [review.taskId, platform],
  );
  if (task?.status !== 'ESCALATED')
    throw new InvalidStateError(`The task of this review is ${task?.status ?? 'gone'}.`, task?.status ?? 'GONE');
  if (task.agentStatus === 'EMERGENCY_STOPPED' || task.agentStatus === 'ARCHIVED')
    throw new InvalidStateError(`The agent is ${task.agentStatus}.`, task.agentStatus);
  if (task.campaignStatus && task.campaignStatus !== 'ACTIVE')
    throw new InvalidStateError(
      `The campaign is ${task.campaignStatus}: resume it before deciding.`,
      task.campaignStatus,
    );
  // What was approved stays approved.
  const mayBeStale = question !== 'EFFECT' && task.campaignStateVersion !== null;
  if (mayBeStale && task.campaignStateVersion !== task.stateVersion) {
    throw new InvalidStateError(
      'The campaign changed after this was made (E1004): the Planner is deciding whether it is still wanted.',
      'STALE',
    );
  }
  return task;
}
