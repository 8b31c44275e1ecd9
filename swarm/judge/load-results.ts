import type { DomainContext } from '../../domain/context.ts';
import type { TaskType } from '../../domain/task/task-types.ts';

/** A result that waits for its verdict, with everything around it that the Judge looks at. */
export interface PendingResult extends Record<string, unknown> {
  taskId: string;
  resultId: string;
  agentId: string;
  agentVersion: number;
  agentName: string;
  campaignId: string | null;
  type: TaskType;
  input: unknown;
  attempt: number;
  maxAttempts: number;
  stateVersion: number;
  traceId: string;
  tainted: boolean;
  output: unknown;
  modelProbability: number;
  approveThreshold: number;
  escalateThreshold: number;
  mention: { author: string; text: string; suspicious: boolean } | null;
  /** The approved draft that a POST_CONTENT publishes: its verdict's assessment, and the person who approved it. */
  draft: {
    input: unknown;
    output: unknown;
    approvedByUserId: string | null;
    assessment: unknown;
    tainted: boolean;
  } | null;
  /** What the claim reserved for the judgement; null when nothing is. */
  reservation: { id: string; amountMicroUsd: number } | null;
  media: { width: number | null; height: number | null; bytes: number; mimeType: string; storageKey: string }[];
}

/** Reads the results of tasks IN_REVIEW, many in one statement. A task that left IN_REVIEW is missing from the answer. */
export function loadResults(context: Pick<DomainContext, 'db'>, taskIds: readonly string[]): Promise<PendingResult[]> {
  return context.db.query<PendingResult>(
    `SELECT t.id AS "taskId", r.id AS "resultId", t."agentId", a.version AS "agentVersion", a.name AS "agentName", t."campaignId", t.type, t.input, t.attempt, t."maxAttempts", t."stateVersion", t."traceId", t.tainted,
       r.output, r."modelProbability", n."approveThreshold", n."escalateThreshold",
       CASE WHEN t.type = 'REPLY_COMMENT' THEN (SELECT jsonb_build_object('author', m.author, 'text', m.text, 'suspicious', m.suspicious) FROM "Mention" m WHERE m."taskId" = t.id) END AS mention,
       CASE WHEN t.type = 'POST_CONTENT' THEN (
         SELECT jsonb_build_object('input', p.input, 'output', p.output, 'approvedByUserId', p."approvedByUserId", 'tainted', p.tainted,
           'assessment', (SELECT pr.assessment FROM "Result" pr WHERE pr."taskId" = p.id AND pr.verdict IS NOT NULL ORDER BY pr.attempt DESC LIMIT 1))
         FROM "TaskDependency" d JOIN "Task" p ON p.id = d."dependsOnId" WHERE d."taskId" = t.id AND p.type = 'GENERATE_POST' LIMIT 1) END AS draft,
       CASE WHEN t.type IN ('POST_CONTENT', 'GENERATE_IMAGE') THEN coalesce((
         SELECT jsonb_agg(jsonb_build_object('width', m.width, 'height', m.height, 'bytes', m.bytes, 'mimeType', m."mimeType", 'storageKey', m."storageKey")) FROM "Media" m
         WHERE m.url IN (r.output->>'imageUrl') OR m.url IN (SELECT jsonb_array_elements_text(r.output->'mediaUrls'))), '[]'::jsonb) ELSE '[]'::jsonb END AS media,
       (SELECT jsonb_build_object('id', s.id, 'amountMicroUsd', s."reservedMicroUsd") FROM "SpendEntry" s
         WHERE s."taskId" = t.id AND s.attempt = t.attempt AND s.category = 'JUDGEMENT' AND s."settledAt" IS NULL LIMIT 1) AS reservation
     FROM "Task" t JOIN "Agent" a ON a.id = t."agentId" JOIN "Tenant" n ON n.id = t."tenantId" JOIN "Result" r ON r."taskId" = t.id AND r.attempt = t.attempt
     WHERE t.id = ANY($1::uuid[]) AND r."taskId" = ANY($1::uuid[]) AND t.status = 'IN_REVIEW' AND r.verdict IS NULL`,
    [taskIds],
  );
}

export interface AgentHistory {
  recentTexts: string[];
  approved: number;
  rejected: number;
}

/** What the agent published last, and how the results of its last 300 tasks were decided in the last 30 days (a person's decision counts over the Judge's). */
export async function loadHistory(context: Pick<DomainContext, 'db'>, agentId: string): Promise<AgentHistory> {
  const [texts, [counts]] = await Promise.all([
    context.db.query<{ text: string }>(
      'SELECT text FROM "Post" WHERE "agentId" = $1 AND text IS NOT NULL ORDER BY "publishedAt" DESC, id DESC LIMIT 20',
      [agentId],
    ),
    context.db.query<{ approved: number; rejected: number }>(
      `SELECT count(*) FILTER (WHERE d.verdict IN ('APPROVED', 'EDITED')) AS approved, count(*) FILTER (WHERE d.verdict = 'REJECTED') AS rejected
       FROM (SELECT id FROM "Task" WHERE "agentId" = $1 ORDER BY "createdAt" DESC, id LIMIT 300) t
       JOIN LATERAL (
         SELECT coalesce(v.status::text, r.verdict::text) AS verdict FROM "Result" r LEFT JOIN "Review" v ON v."resultId" = r.id
         WHERE r."taskId" = t.id AND r.verdict IS NOT NULL AND r."judgedAt" > now() - interval '30 days'
       ) d ON true`,
      [agentId],
    ),
  ]);
  return {
    recentTexts: texts.map((row) => row.text),
    approved: counts?.approved ?? 0,
    rejected: counts?.rejected ?? 0,
  };
}
