import { digestOf } from '../../platform/canonical-json.ts';
import type { Sql } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import { storableJson } from '../../platform/storable.ts';
import type { AuditRecord } from '../audit/record-audit.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { CampaignRow } from '../campaign/campaign-row.ts';
import { campaignEvent, requestPlan } from '../campaign/campaign-row.ts';
import type { DomainContext } from '../context.ts';
import type { EffectCall } from '../effect/effect-call.ts';
import type { NewEvent } from '../events.ts';
import type { Settlement } from '../money/reserve.ts';
import { settle } from '../money/reserve.ts';
import { recordEvents } from '../outbox.ts';
import { applyApprovals } from './apply-approval.ts';
import type { TaskChange } from './cancel-tasks.ts';
import { cancelTasks, TASK_CHANGE_COLUMNS, taskEvent } from './cancel-tasks.ts';
import { giveUp } from './fail-attempt.ts';
import type { TaskType } from './task-types.ts';

export interface ConfidenceParts {
  score: number;
  raw: number;
  modelProbability: number;
  personaSimilarity: number;
  contentSafety: number;
  historicalSuccess: number;
}

/** What the Judge decided of one result. */
export interface Judgement {
  taskId: string;
  resultId: string;
  agentId: string;
  campaignId: string | null;
  type: TaskType;
  attempt: number;
  maxAttempts: number;
  stateVersion: number;
  traceId: string;
  output: unknown;
  mediaUrls: string[];
  effect: EffectCall | null;
  verdict: 'APPROVED' | 'ESCALATED' | 'REJECTED';
  risk: 'LOW' | 'MEDIUM' | 'HIGH';
  reasons: string[];
  confidence: ConfidenceParts;
  checks: unknown[];
  assessment: unknown;
  /** A person approved exactly this content before: an approval stands in that person's name. */
  approvedByUserId: string | null;
  settlements: Settlement[];
}

/** committed: as decided. stale: the campaign's state moved on (E1004). gone: the task had left IN_REVIEW. */
export type CommitVerdictOutcome = 'committed' | 'stale' | 'gone';

/** Counts every outcome of the optimistic commit by name. */
export interface CommitCounters {
  committed: number;
  retried: number;
  stale: number;
  gone: number;
}

const MAX_TRIES = 20;

/**
 * Commits the verdicts of one campaign (or of tasks without one) in one transaction with optimistic concurrency: the
 * campaign's `version` and `stateVersion` are checked and `version` is counted up. A moved `version` with an unmoved
 * `stateVersion` is a sibling's commit and is retried on the locked row, which the second try cannot lose; a task planned
 * under another `stateVersion` is stale (E1004): its result is kept and marked invalid, the task cancelled, a re-plan
 * requested. One that was stamped with the new state meanwhile stays IN_REVIEW, and the reconciler has it judged anew.
 * `knownVersions` remembers a campaign's version between calls, so that the usual commit needs no reading.
 * Dies before the commit: nothing happened, the reconciler brings the job again. Runs twice: the task has left IN_REVIEW.
 */
export async function commitVerdicts(
  context: DomainContext,
  judgements: readonly Judgement[],
  counters: CommitCounters,
  knownVersions: Map<string, number>,
): Promise<CommitVerdictOutcome[]> {
  const campaignId = judgements[0]?.campaignId ?? null;
  for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
    const outcomes = await context.db.transaction(async (sql) => {
      const campaign = campaignId ? await commitCampaign(sql, campaignId, judgements.length, knownVersions) : null;
      if (campaign === 'conflict') return null;
      return commitIn(sql, context, judgements, campaign);
    });
    if (outcomes) {
      for (const outcome of outcomes) counters[outcome] += 1;
      return outcomes;
    }
    counters.retried += 1;
  }
  throw new Error(`campaign ${campaignId}: ${MAX_TRIES} commits lost their race`);
}

async function commitCampaign(
  sql: Sql,
  campaignId: string,
  count: number,
  knownVersions: Map<string, number>,
): Promise<CampaignRow | 'conflict'> {
  let known = knownVersions.get(campaignId);
  if (known === undefined) {
    const [current] = await sql.query<{ version: number }>('SELECT version FROM "Campaign" WHERE id = $1 FOR UPDATE', [
      campaignId,
    ]);
    if (!current) throw new Error(`campaign ${campaignId} is gone`);
    known = current.version;
  }
  const [row] = await sql.query<CampaignRow>(
    'UPDATE "Campaign" SET version = version + $3 WHERE id = $1 AND version = $2 RETURNING *',
    [campaignId, known, count],
  );
  if (row) knownVersions.set(campaignId, row.version);
  else knownVersions.delete(campaignId);
  return row ?? 'conflict';
}

async function commitIn(
  sql: Sql,
  context: DomainContext,
  judgements: readonly Judgement[],
  campaign: CampaignRow | null,
): Promise<CommitVerdictOutcome[]> {
  // A job that came twice is judged twice, perhaps differently: the first verdict counts, the other finds the task gone.
  const first = new Map(judgements.toReversed().map((judgement) => [judgement.taskId, judgement]));
  const single = judgements.filter((judgement) => first.get(judgement.taskId) === judgement);
  const fresh = single.filter(
    (judgement) => !campaign || (judgement.stateVersion === campaign.stateVersion && campaign.status === 'ACTIVE'),
  );
  const approved = await applyApprovals(
    sql,
    context.tenantId,
    'IN_REVIEW',
    fresh
      .filter((judgement) => judgement.verdict === 'APPROVED')
      .map((judgement) => ({
        ...judgement,
        approvedBy: judgement.approvedByUserId ? `user:${judgement.approvedByUserId}` : 'judge',
      })),
  );
  const escalated = await escalate(
    sql,
    context,
    fresh.filter((judgement) => judgement.verdict === 'ESCALATED'),
  );
  const rejected = await sendBack(
    sql,
    fresh.filter((judgement) => judgement.verdict === 'REJECTED'),
  );
  const moved = new Set([...approved.moved, ...escalated.moved, ...rejected.moved]);
  const committed = fresh.filter((judgement) => moved.has(judgement.taskId));
  const stale = single.filter((judgement) => !fresh.includes(judgement));
  const staleEvents = stale.length > 0 && campaign ? await invalidate(sql, campaign, stale) : [];
  const dropped = new Set(staleEvents.map((event) => event.subjectId));
  await storeVerdicts(sql, committed, [
    ...stale.filter((judgement) => dropped.has(judgement.taskId)),
    ...fresh.filter((judgement) => !moved.has(judgement.taskId)),
  ]);
  await recordEvents(sql, context.tenantId, context.traceId, [
    // First: a re-plan that follows below moves the campaign's version on.
    ...(campaign ? [campaignEvent(campaign, 'UPDATED')] : []),
    ...committed.map((judgement) => confidenceEvent(judgement)),
    ...approved.events,
    ...escalated.events,
    ...rejected.events,
    ...staleEvents,
  ]);
  // The two locks that others wait for come last: the budget rows, then the head of the audit chain.
  await settle(
    sql,
    context.tenantId,
    judgements.flatMap((judgement) => judgement.settlements),
    context.clock.now(),
  );
  await recordAudit(
    sql,
    context,
    committed.map(
      (judgement): AuditRecord => ({
        action: `task.${judgement.verdict.toLowerCase()}`,
        subjectType: 'Task',
        subjectId: judgement.taskId,
        traceId: judgement.traceId,
        data: {
          attempt: judgement.attempt,
          confidence: judgement.confidence.score,
          reasons: judgement.reasons,
          digest: judgement.effect?.payloadDigest ?? null,
        },
      }),
    ),
  );
  return judgements.map((judgement) =>
    committed.includes(judgement) ? 'committed' : stale.includes(judgement) ? 'stale' : 'gone',
  );
}

const confidenceEvent = (judgement: Judgement): NewEvent<'confidence'> & { traceId: string } => ({
  topic: 'confidence',
  kind: 'CREATED',
  subjectId: judgement.taskId,
  agentId: judgement.agentId,
  campaignId: judgement.campaignId,
  version: judgement.attempt,
  traceId: judgement.traceId,
  data: {
    taskId: judgement.taskId,
    resultId: judgement.resultId,
    score: judgement.confidence.score,
    verdict: judgement.verdict,
  },
});

async function escalate(
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
async function sendBack(
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

async function storeVerdicts(sql: Sql, committed: readonly Judgement[], invalid: readonly Judgement[]): Promise<void> {
  if (committed.length > 0) {
    const rows = committed.map((judgement) => ({
      ...judgement.confidence,
      id: judgement.resultId,
      verdict: judgement.verdict,
      checks: judgement.checks,
      assessment: judgement.assessment ?? null,
    }));
    await sql.query(
      `UPDATE "Result" r SET verdict = x.verdict::"Verdict", confidence = x.score, "confidenceRaw" = x.raw, "modelProbability" = x."modelProbability", "personaSimilarity" = x."personaSimilarity",
         "contentSafety" = x."contentSafety", "historicalSuccess" = x."historicalSuccess", checks = x.checks, assessment = x.assessment, "judgedAt" = now()
       FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, verdict text, score float8, raw float8, "modelProbability" float8, "personaSimilarity" float8, "contentSafety" float8, "historicalSuccess" float8, checks jsonb, assessment jsonb)
       WHERE r.id = ANY($2::uuid[]) AND r.id = x.id AND r.verdict IS NULL`,
      [storableJson(rows), rows.map((row) => row.id)],
    );
  }
  if (invalid.length > 0) {
    await sql.query(
      `UPDATE "Result" SET "invalidatedReason" = 'STATE_VERSION_CONFLICT (E1004): the campaign or the task moved on' WHERE id = ANY($1::uuid[]) AND verdict IS NULL`,
      [invalid.map((judgement) => judgement.resultId)],
    );
  }
}

async function invalidate(sql: Sql, campaign: CampaignRow, stale: readonly Judgement[]): Promise<NewEvent[]> {
  const cancelled = await cancelTasks(
    sql,
    `t.id = ANY($1::uuid[]) AND t.status = 'IN_REVIEW' AND t."stateVersion" <> $2`,
    [stale.map((judgement) => judgement.taskId), campaign.stateVersion],
    { code: 'STATE_VERSION_CONFLICT', message: 'E1004: the campaign changed while this was made; it is planned anew.' },
  );
  const requested =
    cancelled.length > 0
      ? await requestPlan(sql, campaign.id, {
          reason: 'STATE_CONFLICT',
          note: 'Work made for an older state was dropped (E1004).',
        })
      : null;
  return [...cancelled, ...(requested ? [campaignEvent(requested, 'UPDATED')] : [])];
}
