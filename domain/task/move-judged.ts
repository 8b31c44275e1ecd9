import { digestOf } from '../../platform/canonical-json.ts';
import type { Sql } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import { storableJson } from '../../platform/storable.ts';
import type { DomainContext } from '../context.ts';
import type { NewEvent } from '../events.ts';
import type { TaskChange } from './cancel-tasks.ts';
import { TASK_CHANGE_COLUMNS, taskEvent } from './cancel-tasks.ts';
import { giveUp } from './fail-attempt.ts';
import type { Judgement } from './judgement.ts';

/** Doubtful results: their tasks ESCALATED, each with a review that a person decides. */
export async function escalate(
  sql: Sql,
  context: DomainContext,
  judgements: readonly Judgement[],
): Promise<{ moved: Set<string>; events: NewEvent[] }> {
  if (judgements.length === 0) return { moved: new Set(), events: [] };
  const tasks = await moveFromReview(
    sql,
    judgements.map((judgement) => ({ ...judgement, status: 'ESCALATED', feedback: null })),
  );
  const moved = new Set(tasks.map((task) => task.id));
  const reviews = judgements
    .filter((judgement) => moved.has(judgement.taskId))
    .map((judgement) => ({
      ...judgement.confidence,
      ...judgement,
      confidence: judgement.confidence.score,
      confidenceRaw: judgement.confidence.raw,
      id: newId(),
      contentDigest: digestOf(judgement.output),
      riskOrder: { HIGH: 0, MEDIUM: 1, LOW: 2 }[judgement.risk],
      effect: undefined,
      settlements: undefined,
      assessment: undefined,
    }));
  if (reviews.length > 0) {
    await sql.query(
      `INSERT INTO "Review" (id, "tenantId", "taskId", "resultId", "agentId", "campaignId", "taskType", content, "contentDigest", "mediaUrls", confidence, "confidenceRaw",
         "modelProbability", "personaSimilarity", "contentSafety", "historicalSuccess", checks, reasons, risk, "riskOrder", "dueAt")
       SELECT r.id, $1::uuid, r."taskId", r."resultId", r."agentId", r."campaignId", r.type::"TaskType", r.output, r."contentDigest", r."mediaUrls", r.confidence, r."confidenceRaw",
         r."modelProbability", r."personaSimilarity", r."contentSafety", r."historicalSuccess", r.checks, r.reasons, r.risk::"RiskLevel", r."riskOrder", now() + make_interval(mins => $3)
       FROM jsonb_to_recordset($2::jsonb) AS r(id uuid, "taskId" uuid, "resultId" uuid, "agentId" uuid, "campaignId" uuid, type text, output jsonb, "contentDigest" text, "mediaUrls" text[],
         confidence float8, "confidenceRaw" float8, "modelProbability" float8, "personaSimilarity" float8, "contentSafety" float8, "historicalSuccess" float8, checks jsonb, reasons text[], risk text, "riskOrder" int)`,
      [context.tenantId, storableJson(reviews), context.settings.reviewSlaMinutes],
    );
  }
  const events = reviews.map(
    (review): NewEvent<'review'> => ({
      topic: 'review',
      kind: 'CREATED',
      subjectId: review.id,
      agentId: review.agentId,
      campaignId: review.campaignId,
      version: 1,
      data: { taskId: review.taskId, status: 'PENDING', risk: review.risk, taskType: review.type },
    }),
  );
  return { moved, events: [...tasks.map((task) => taskEvent(task)), ...events] };
}

/** Rejected results: back to the Worker with the reasons while tries are left, else the task ends REJECTED and the Planner replaces it. */
export async function sendBack(
  sql: Sql,
  judgements: readonly Judgement[],
): Promise<{ moved: Set<string>; events: NewEvent[] }> {
  if (judgements.length === 0) return { moved: new Set(), events: [] };
  const tasks = await moveFromReview(
    sql,
    judgements.map((judgement) => ({
      ...judgement,
      status: judgement.attempt < judgement.maxAttempts ? 'QUEUED' : 'REJECTED',
      feedback: judgement.reasons.join('; ').slice(0, 2000),
    })),
  );
  const events: NewEvent[] = tasks.map((task) => taskEvent(task));
  for (const task of tasks) {
    const judgement = judgements.find((candidate) => candidate.taskId === task.id);
    if (task.status === 'REJECTED')
      events.push(...(await giveUp(sql, task, 'RESULT_REJECTED', `rejected: ${judgement?.reasons.join('; ') ?? ''}`)));
  }
  return { moved: new Set(tasks.map((task) => task.id)), events };
}

function moveFromReview(
  sql: Sql,
  moves: readonly { taskId: string; attempt: number; stateVersion: number; status: string; feedback: string | null }[],
): Promise<TaskChange[]> {
  return sql.query<TaskChange>(
    `UPDATE "Task" t SET status = x.status::"TaskStatus", feedback = coalesce(x.feedback, t.feedback), "completedAt" = CASE WHEN x.status = 'REJECTED' THEN now() END, version = t.version + 1
     FROM jsonb_to_recordset($1::jsonb) AS x("taskId" uuid, attempt int, "stateVersion" int, status text, feedback text)
     WHERE t.id = ANY($2::uuid[]) AND t.id = x."taskId" AND t.status = 'IN_REVIEW' AND t.attempt = x.attempt AND t."stateVersion" = x."stateVersion" RETURNING ${TASK_CHANGE_COLUMNS}`,
    [
      storableJson(
        moves.map(({ taskId, attempt, stateVersion, status, feedback }) => ({
          taskId,
          attempt,
          stateVersion,
          status,
          feedback,
        })),
      ),
      moves.map((move) => move.taskId),
    ],
  );
}
