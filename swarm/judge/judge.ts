import { accountOf, effectCall } from '../../domain/effect/effect-call.ts';
import type { JobPayload } from '../../domain/jobs.ts';
import type { Reservation, Settlement } from '../../domain/money/reserve.ts';
import { settle } from '../../domain/money/reserve.ts';
import type { CommitCounters, CommitVerdictOutcome } from '../../domain/task/commit-verdicts.ts';
import { commitVerdicts } from '../../domain/task/commit-verdicts.ts';
import type { Judgement } from '../../domain/task/judgement.ts';
import type { Platform } from '../../domain/task/task-types.ts';
import { TASK_TYPES } from '../../domain/task/task-types.ts';
import { createBatcher } from '../../platform/batcher.ts';
import { newId } from '../../platform/ids.ts';
import { createTurns } from '../../platform/turns.ts';
import type { AgentCache, AgentProfile } from '../agent-cache.ts';
import { faultOf, passesByItself } from '../faults/fault-of.ts';
import { LanguageModelError } from '../models/language-model.ts';
import { assessPrompt } from '../models/prompts/assess.ts';
import type { SwarmResources } from '../resources.ts';
import { swarmContext } from '../resources.ts';
import type { Assessment, JudgedMedia } from './checks/check.ts';
import { runChecks, scoreOf } from './checks/run-checks.ts';
import { computeConfidence, historicalSuccess } from './confidence.ts';
import { decodeMedia } from './decode-media.ts';
import { assessableText, gather, inheritedAssessment } from './judged.ts';
import type { AgentHistory, PendingResult } from './load-results.ts';
import { loadHistory, loadResults } from './load-results.ts';
import { decideVerdict } from './verdict.ts';

const BATCH_SIZE = 100;
const BATCH_WAIT_MS = 1;
/** Between two batches of a busy role: larger groups cost less a task. */
const BATCH_REST_MS = 50;
const ASSESS_TIMEOUT_MS = 60_000;
/** How old an agent's history may be when it is looked at. */
const HISTORY_MAX_AGE_MS = 5_000;
/** What is remembered of agents and campaigns is read again when lost: more than so many are forgotten at once. */
const MOST_REMEMBERED = 5_000;

export interface JudgeRole {
  /** One job: checks, confidence, verdict, commit. */
  perform(job: JobPayload<'judge'>): Promise<void>;
  readonly counters: CommitCounters;
  close(): Promise<void>;
}

/** What the claim reserved for judging this attempt; a reservation of 0 where it is gone (it expired, or cost nothing). */
const reservationOf = (result: PendingResult): Reservation => ({
  id: result.reservation?.id ?? newId(),
  amountMicroUsd: result.reservation?.amountMicroUsd ?? 0,
  agentId: result.agentId,
  campaignId: result.campaignId,
  taskId: result.taskId,
  attempt: result.attempt,
  category: 'JUDGEMENT',
});

interface Assessed {
  answer: Assessment | null;
  error: string | null;
  settlements: Settlement[];
}

/** The Judge: reads results and commits verdicts of one tenant and campaign in groups; the checks of a result run side by side. */
export function createJudge(resources: SwarmResources, agents: AgentCache): JudgeRole {
  const counters: CommitCounters = { committed: 0, retried: 0, stale: 0, gone: 0 };
  const knownVersions = new Map<string, number>();
  const histories = new Map<string, { readAt: number; history: Promise<AgentHistory> }>();
  const stopping = new AbortController();
  const inTurn = createTurns();
  const contextOf = (tenantId: string, traceId: string) => swarmContext(resources, 'judge', tenantId, traceId);

  const loads = createBatcher<JobPayload<'judge'>, PendingResult | null>({
    groupOf: (job) => job.tenantId,
    async run(tenantId, jobs) {
      const results = new Map(
        (
          await loadResults(
            contextOf(tenantId, jobs[0]?.traceId ?? ''),
            jobs.map((job) => job.taskId),
          )
        ).map((result) => [result.taskId, result]),
      );
      return jobs.map((job) => results.get(job.taskId) ?? null);
    },
    maxSize: BATCH_SIZE,
    waitMs: BATCH_WAIT_MS,
    restMs: BATCH_REST_MS,
  });
  const commits = createBatcher<{ tenantId: string; judgement: Judgement }, CommitVerdictOutcome>({
    groupOf: ({ tenantId, judgement }) => `${tenantId} ${judgement.campaignId ?? ''}`,
    run(group, items) {
      if (knownVersions.size >= MOST_REMEMBERED) knownVersions.clear();
      return commitVerdicts(
        contextOf(group.split(' ')[0] ?? '', items[0]?.judgement.traceId ?? ''),
        items.map((item) => item.judgement),
        counters,
        knownVersions,
      );
    },
    maxSize: BATCH_SIZE,
    waitMs: BATCH_WAIT_MS,
    restMs: BATCH_REST_MS,
  });
  function historyOf(tenantId: string, agentId: string): Promise<AgentHistory> {
    const known = histories.get(agentId);
    if (known && Date.now() - known.readAt < HISTORY_MAX_AGE_MS) return known.history;
    const history = loadHistory(contextOf(tenantId, ''), agentId);
    if (histories.size >= MOST_REMEMBERED) histories.clear();
    histories.set(agentId, { readAt: Date.now(), history });
    history.catch(() => histories.delete(agentId));
    return history;
  }

  /** Asks the judging model where the type needs it. A model that fails is not an exception: nothing is then approved without a person. */
  async function assess(
    tenantId: string,
    result: PendingResult,
    agent: AgentProfile,
    goals: string | null,
  ): Promise<Assessed> {
    const content = assessableText(result);
    if (content === null) {
      const answer = inheritedAssessment(result);
      const error = result.type === 'POST_CONTENT' && answer === null ? 'the draft has no assessment' : null;
      return { answer, error, settlements: [] };
    }
    const settleCost = (actualMicroUsd: number, model: string): Settlement[] => [
      { reservation: reservationOf(result), actualMicroUsd, model },
    ];
    try {
      const generation = await resources.model.generate(
        assessPrompt,
        {
          persona: agent.persona,
          goals,
          taskType: result.type,
          content,
          mention: result.mention ? { author: result.mention.author, text: result.mention.text } : null,
        },
        { signal: stopping.signal, timeoutMs: ASSESS_TIMEOUT_MS, seed: `${result.taskId}/${result.attempt}/judge` },
      );
      return {
        answer: generation.output,
        error: null,
        settlements: settleCost(generation.costMicroUsd, generation.model),
      };
    } catch (error) {
      if (!(error instanceof LanguageModelError)) throw error;
      // Aborted: the Judge is stopping; what it did not get to know is no reason to ask a person.
      if (passesByItself(faultOf(error))) {
        // The job comes again by the reconciler, with the reservation; what this call cost is entered beside it now.
        const reservation = { ...reservationOf(result), id: newId(), amountMicroUsd: 0 };
        const spent = [{ reservation, actualMicroUsd: error.costMicroUsd, model: resources.model.modelFor('STRONG') }];
        await contextOf(tenantId, result.traceId).db.transaction((sql) =>
          settle(sql, tenantId, spent, resources.clock.now()),
        );
        throw error;
      }
      return {
        answer: null,
        error: `${error.kind}: ${error.message}`.slice(0, 300),
        settlements: settleCost(error.costMicroUsd, resources.model.modelFor('STRONG')),
      };
    }
  }

  async function judge(tenantId: string, result: PendingResult): Promise<Judgement> {
    const db = contextOf(tenantId, result.traceId).db;
    const [agent, goals, history, media] = await Promise.all([
      agents.agent(db, result.agentId, result.agentVersion),
      result.campaignId ? agents.goals(db, result.campaignId, result.stateVersion) : null,
      historyOf(tenantId, result.agentId),
      Promise.all(result.media.map((item): Promise<JudgedMedia> => decodeMedia(resources.mediaStore, item))),
    ]);
    const assessment = await assess(tenantId, result, agent, goals);
    const judged = gather(result, agent, goals, history.recentTexts, media, assessment);
    const checks = await inTurn(() => runChecks(judged));
    const confidence = computeConfidence({
      modelProbability: result.modelProbability,
      personaSimilarity: scoreOf(checks, 'PERSONA'),
      contentSafety: scoreOf(checks, 'SAFETY'),
      historicalSuccess: historicalSuccess(history),
    });
    const { effectful } = TASK_TYPES[result.type];
    const { verdict, risk, reasons } = decideVerdict({
      confidence: confidence.score,
      checks,
      thresholds: { approve: result.approveThreshold, escalate: result.escalateThreshold },
      effectful,
      tainted: judged.tainted,
      assessmentError: judged.assessmentError,
      humanApproved: judged.humanApproved,
    });
    const account = accountOf(
      result.agentName,
      judged.platform ? (agent.handles[judged.platform satisfies Platform] ?? null) : null,
    );
    return {
      ...result,
      verdict,
      risk,
      reasons,
      confidence,
      checks,
      mediaUrls: judged.mediaUrls,
      effect:
        effectful && verdict === 'APPROVED'
          ? effectCall({ tenantId, id: result.taskId, type: result.type, account }, result.output)
          : null,
      assessment: assessment.answer,
      approvedByUserId:
        judged.humanApproved && verdict === 'APPROVED' ? (result.draft?.approvedByUserId ?? null) : null,
      settlements: assessment.settlements,
    };
  }

  return {
    counters,
    async perform(job) {
      const result = await loads.add(job);
      if (!result) return;
      const judgement = await judge(job.tenantId, result);
      await commits.add({ tenantId: job.tenantId, judgement });
    },
    async close() {
      stopping.abort(new Error('the Judge is stopping'));
      await Promise.all([loads.idle(), commits.idle()]);
    },
  };
}
