import { digestOf } from '../../platform/canonical-json.ts';
import type { Sql } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import type { DomainContext } from '../context.ts';
import type { NewEvent } from '../events.ts';

/** What a person is to decide about work that met a fault. */
export interface Question {
  task: { id: string; agentId: string; campaignId: string | null; type: string };
  content: unknown;
  mediaUrls?: readonly string[];
  /** What happened, and what approving, editing and rejecting will do. */
  reasons: readonly string[];
}

/**
 * Puts a question to the review queue in the caller's transaction: a review of no result. Its risk is HIGH, its confidence that of the last
 * judgement of the task, 0 where there was none. Asked again while the first is open, it changes nothing.
 */
export async function askPerson(
  sql: Sql,
  context: Pick<DomainContext, 'tenantId' | 'settings'>,
  { task, content, mediaUrls = [], reasons }: Question,
): Promise<NewEvent<'review'>[]> {
  const [review] = await sql.query<{ id: string }>(
    `INSERT INTO "Review" (id, "tenantId", "taskId", "agentId", "campaignId", "taskType", content, "contentDigest", "mediaUrls", confidence, "confidenceRaw",
       "modelProbability", "personaSimilarity", "contentSafety", "historicalSuccess", checks, reasons, risk, "riskOrder", "dueAt")
     SELECT $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::"TaskType", $7::jsonb, $8, $9::text[], coalesce(r.confidence, 0), coalesce(r."confidenceRaw", 0),
       coalesce(r."modelProbability", 0), coalesce(r."personaSimilarity", 0), coalesce(r."contentSafety", 0), coalesce(r."historicalSuccess", 0), coalesce(r.checks, '[]'), $10::text[], 'HIGH', 0,
       now() + make_interval(mins => $11)
     FROM (SELECT 1) one LEFT JOIN LATERAL (SELECT * FROM "Result" WHERE "taskId" = $3::uuid AND verdict IS NOT NULL ORDER BY attempt DESC LIMIT 1) r ON true
     WHERE NOT EXISTS (SELECT 1 FROM "Review" o WHERE o."taskId" = $3::uuid AND o.status = 'PENDING')
     RETURNING id`,
    [
      newId(),
      context.tenantId,
      task.id,
      task.agentId,
      task.campaignId,
      task.type,
      JSON.stringify(content),
      digestOf(content),
      mediaUrls,
      reasons.map((reason) => reason.slice(0, 2000)),
      context.settings.reviewSlaMinutes,
    ],
  );
  if (!review) return [];
  return [
    {
      topic: 'review',
      kind: 'CREATED',
      subjectId: review.id,
      agentId: task.agentId,
      campaignId: task.campaignId,
      version: 1,
      data: { taskId: task.id, status: 'PENDING', risk: 'HIGH', taskType: task.type },
    },
  ];
}
