import type { JobPayload } from '../../domain/jobs.ts';
import { holdForBudget } from '../../domain/money/budget-hold.ts';
import type { Settlement } from '../../domain/money/reserve.ts';
import type { ClaimedTask, ClaimOutcome } from '../../domain/task/claim-tasks.ts';
import { claimTasks, extendLeases } from '../../domain/task/claim-tasks.ts';
import { failAttempt } from '../../domain/task/fail-attempt.ts';
import type { AttemptReport } from '../../domain/task/report-results.ts';
import { reportResults } from '../../domain/task/report-results.ts';
import { TASK_TYPES } from '../../domain/task/task-types.ts';
import { createBatcher } from '../../platform/batcher.ts';
import type { AgentCache } from '../agent-cache.ts';
import { AttemptAborted, faultOf } from '../faults/fault-of.ts';
import type { Estimates } from '../governor/estimates.ts';
import type { SwarmResources } from '../resources.ts';
import { swarmContext } from '../resources.ts';
import type { AttemptRecord } from './attempt.ts';
import { startAttempt } from './attempt.ts';
import { endAfterAbort } from './end-after-abort.ts';
import { PERFORMERS } from './performers.ts';

const BATCH_SIZE = 100;
/** How long a claim or report waits for company when the Worker is idle. */
const BATCH_WAIT_MS = 1;
/** Between two batches of a busy role: larger groups cost less a task. */
const BATCH_REST_MS = 50;

/** How often a job whose task no budget covers takes another one instead. */
const MAX_TURNS = 10;

export interface WorkerRole {
  /** One job, a turn of its agent: claims the agent's best task, runs one attempt, reports. Never throws for what an attempt can throw. */
  perform(job: JobPayload<'task'>): Promise<void>;
  /** Aborts what runs for agents that were stopped, sooner than the next heartbeat would. */
  abortAgents(agentIds: ReadonlySet<string>): void;
  /** Aborts what runs for tasks that are no longer ours, and stops the heartbeat after all ended. */
  close(): Promise<void>;
}

interface Running {
  task: ClaimedTask;
  tenantId: string;
  abort: AbortController;
}

/**
 * The Worker: stateless, one attempt of one task a slot. Claims and reports of one tenant are committed in groups.
 * A heartbeat extends the leases of running attempts; an attempt whose lease is lost is aborted and its report refused.
 */
export function createWorker(resources: SwarmResources, agents: AgentCache, estimates: Estimates): WorkerRole {
  const running = new Map<string, Running>();
  const contextOf = (tenantId: string, traceId: string) => swarmContext(resources, 'worker', tenantId, traceId);
  const claims = createBatcher<JobPayload<'task'>, ClaimOutcome>({
    groupOf: (job) => job.tenantId,
    run: (tenantId, jobs) =>
      claimTasks(
        contextOf(tenantId, jobs[0]?.traceId ?? ''),
        jobs.map((job) => job.agentId),
        { workerId: resources.memberId, leaseSeconds: resources.settings.leaseSeconds, estimate: estimates.attempt },
      ),
    maxSize: BATCH_SIZE,
    waitMs: BATCH_WAIT_MS,
    restMs: BATCH_REST_MS,
  });
  const reports = createBatcher<{ tenantId: string; traceId: string; report: AttemptReport }, boolean>({
    groupOf: ({ tenantId }) => tenantId,
    run: (tenantId, items) =>
      reportResults(
        contextOf(tenantId, items[0]?.traceId ?? ''),
        items.map((item) => item.report),
      ),
    maxSize: BATCH_SIZE,
    waitMs: BATCH_WAIT_MS,
    restMs: BATCH_REST_MS,
  });

  /** What the attempt spent, against its reservations; that for the judgement is left to the Judge. */
  const settlementsOf = (task: ClaimedTask, record: AttemptRecord): Settlement[] =>
    task.reservations
      .filter((reservation) => reservation.category !== 'JUDGEMENT')
      .map((reservation) => {
        const spent = record.spent.get(reservation.category);
        return { reservation, actualMicroUsd: spent?.microUsd ?? 0, model: spent?.model ?? null };
      });

  /** Of an attempt that failed: there is nothing to judge. */
  const settleAll = (task: ClaimedTask, record: AttemptRecord): Settlement[] => [
    ...settlementsOf(task, record),
    ...task.reservations
      .filter((reservation) => reservation.category === 'JUDGEMENT')
      .map((reservation) => ({ reservation, actualMicroUsd: 0, model: null })),
  ];

  async function runAttempt(job: JobPayload<'task'>, task: ClaimedTask, signal: AbortSignal): Promise<void> {
    const context = contextOf(job.tenantId, task.traceId);
    const startedAt = performance.now();
    let record: AttemptRecord = { toolCalls: [], model: null, tokens: 0, spent: new Map() };
    try {
      const agent = await agents.agent(context.db, task.agentId, task.agentVersion);
      const goals = task.campaignId ? await agents.goals(context.db, task.campaignId, task.stateVersion) : null;
      const started = startAttempt({ task, agent, agents, goals, context, resources, signal });
      record = started.record;
      const { output, reasoning, modelProbability } = await endAfterAbort(
        PERFORMERS[task.type](started.attempt),
        signal,
      );
      const parsed = TASK_TYPES[task.type].output.parse(output);
      const accepted = await reports.add({
        tenantId: job.tenantId,
        traceId: task.traceId,
        report: {
          taskId: task.id,
          attempt: task.attempt,
          claimToken: task.claimToken,
          workerId: resources.memberId,
          output: parsed,
          reasoning,
          modelProbability,
          toolCalls: record.toolCalls,
          model: record.model,
          tokens: record.tokens,
          executionMs: performance.now() - startedAt,
          settlements: settlementsOf(task, record),
        },
      });
      if (!accepted)
        resources.logger.warn({ taskId: task.id, attempt: task.attempt }, 'report refused: the claim was lost');
    } catch (error) {
      const outcome = await failAttempt(context, {
        taskId: task.id,
        attempt: task.attempt,
        claimToken: task.claimToken,
        workerId: resources.memberId,
        fault: faultOf(signal.aborted ? signal.reason : error),
        toolCalls: record.toolCalls,
        executionMs: performance.now() - startedAt,
        settlements: settleAll(task, record),
      });
      resources.logger.warn(
        { err: error, taskId: task.id, type: task.type, attempt: task.attempt, outcome },
        'attempt failed',
      );
    }
  }

  /** What no budget covers is held and another task of the agent takes the turn; the last turns are left to the reconciler. */
  async function claim(job: JobPayload<'task'>): Promise<ClaimedTask | null> {
    for (let turn = 1; turn <= MAX_TURNS; turn += 1) {
      const outcome = await claims.add(job);
      if ('claimed' in outcome) return outcome.claimed;
      if (outcome.refused !== 'BUDGET') return null;
      await holdForBudget(contextOf(job.tenantId, job.traceId), outcome, outcome.error);
    }
    return null;
  }

  const heartbeat = setInterval(
    () => {
      void beat().catch((error: unknown) => resources.logger.warn({ err: error }, 'heartbeat failed'));
    },
    (resources.settings.leaseSeconds * 1000) / 3,
  );

  async function beat(): Promise<void> {
    for (const tenantId of new Set([...running.values()].map((entry) => entry.tenantId))) {
      const own = [...running.values()].filter((entry) => entry.tenantId === tenantId);
      const kept = await extendLeases(
        contextOf(tenantId, ''),
        own.map((entry) => entry.task),
        resources.settings.leaseSeconds,
      );
      for (const entry of own) if (!kept.has(entry.task.id)) entry.abort.abort(new Error('the claim was lost'));
    }
  }

  return {
    async perform(job) {
      const task = await claim(job);
      if (!task) return;
      const abort = new AbortController();
      const timeout = setTimeout(
        () =>
          abort.abort(
            new AttemptAborted('WORKER_TIMEOUT', `E2001: the attempt took longer than ${task.timeoutSeconds} s`),
          ),
        task.timeoutSeconds * 1000,
      );
      running.set(task.claimToken, { task, tenantId: job.tenantId, abort });
      try {
        await runAttempt(job, task, abort.signal);
      } finally {
        clearTimeout(timeout);
        running.delete(task.claimToken);
      }
    },
    abortAgents(agentIds) {
      for (const { task, abort } of running.values())
        if (agentIds.has(task.agentId)) abort.abort(new Error('the agent was stopped'));
    },
    async close() {
      clearInterval(heartbeat);
      for (const entry of running.values()) entry.abort.abort(new AttemptAborted('STOPPING', 'the Worker is stopping'));
      await Promise.all([claims.idle(), reports.idle()]);
    },
  };
}
