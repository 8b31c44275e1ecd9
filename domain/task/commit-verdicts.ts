import type { Sql } from '../../platform/database.ts';
import { storableJson } from '../../platform/storable.ts';
import type { AuditRecord } from '../audit/record-audit.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { CampaignRow } from '../campaign/campaign-row.ts';
import { campaignEvent, requestPlan } from '../campaign/campaign-row.ts';
import type { DomainContext } from '../context.ts';
import type { NewEvent } from '../events.ts';
import { settle } from '../money/reserve.ts';
import { recordEvents } from '../outbox.ts';
import { applyApprovals } from './apply-approval.ts';
import { cancelTasks } from './cancel-tasks.ts';
import type { Judgement } from './judgement.ts';
import { escalate, sendBack } from './move-judged.ts';

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
