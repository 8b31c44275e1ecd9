import { z } from 'zod';
import type { PositionedEvent } from './events.ts';

const id = z.uuid();
const traceId = z.string().min(1).max(64);

/**
 * The job catalogue: a name and a zod payload each. Jobs carry ids and a trace; state is read and re-checked on arrival.
 * A job may come twice, late, or not at all (the reconciler brings it again): the claim in PostgreSQL decides.
 */
export const JOBS = {
  plan: z.object({ tenantId: id, campaignId: id, traceId }),
  /** A turn of the agent: the claim takes its best task, which need not be the one that the turn was queued for. */
  task: z.object({ tenantId: id, agentId: id, traceId }),
  judge: z.object({ tenantId: id, taskId: id, traceId }),
  effect: z.object({ tenantId: id, effectId: id, traceId }),
  poll: z.object({ tenantId: id, agentId: id, resource: z.enum(['mentions', 'trends']), traceId }),
} as const;

export type JobName = keyof typeof JOBS;
export type JobPayload<N extends JobName> = z.infer<(typeof JOBS)[N]>;

/** A job on its way to its queue (one queue a name). `jobId` is stable: enqueuing twice is harmless. */
export interface ScheduledJob<N extends JobName = JobName> {
  name: N;
  jobId: string;
  payload: JobPayload<N>;
  delayMs: number;
  /** Whose jobs take turns with everybody else's of the tenant and other tenants: an agent, a campaign. None goes before all. */
  flow?: string;
  /** BullMQ's order: 0 first, then 1. The relay sets it by turns. */
  priority: number;
}

/** A delayed job comes a little late rather than early: what comes early is refused, and waits for the reconciler. */
const LATE_MS = 20;
const delayUntil = (moment: string | null | undefined, now: number): number => {
  const delay = moment ? Date.parse(moment) - now : 0;
  return delay > 0 ? delay + LATE_MS : 0;
};

export const taskJob = (
  task: { tenantId: string; id: string; agentId: string; attempt: number; notBefore: string | null; traceId: string },
  now: number,
): ScheduledJob<'task'> => ({
  name: 'task',
  jobId: `task-${task.id}-${task.attempt + 1}`,
  payload: { tenantId: task.tenantId, agentId: task.agentId, traceId: task.traceId },
  delayMs: delayUntil(task.notBefore, now),
  flow: task.agentId,
  priority: 0,
});

export const judgeJob = (task: {
  tenantId: string;
  id: string;
  agentId: string;
  attempt: number;
  traceId: string;
}): ScheduledJob<'judge'> => ({
  name: 'judge',
  jobId: `judge-${task.id}-${task.attempt}`,
  payload: { tenantId: task.tenantId, taskId: task.id, traceId: task.traceId },
  delayMs: 0,
  flow: task.agentId,
  priority: 0,
});

export const effectJob = (
  effect: { tenantId: string; id: string; agentId: string; attempt: number; notBefore: string | null; traceId: string },
  now: number,
): ScheduledJob<'effect'> => ({
  name: 'effect',
  jobId: `effect-${effect.id}-${effect.attempt + 1}`,
  payload: { tenantId: effect.tenantId, effectId: effect.id, traceId: effect.traceId },
  delayMs: delayUntil(effect.notBefore, now),
  flow: effect.agentId,
  priority: 0,
});

export const planJob = (
  campaign: { tenantId: string; id: string; planDueAt: string; traceId: string },
  now: number,
): ScheduledJob<'plan'> => ({
  name: 'plan',
  jobId: `plan-${campaign.id}-${Date.parse(campaign.planDueAt)}`,
  payload: { tenantId: campaign.tenantId, campaignId: campaign.id, traceId: campaign.traceId },
  delayMs: delayUntil(campaign.planDueAt, now),
  flow: campaign.id,
  priority: 0,
});

/** What follows from an event: the one mapping from committed changes to queues. */
export function jobForEvent(event: PositionedEvent, now: number): ScheduledJob | null {
  const base = {
    tenantId: event.tenantId,
    id: event.subjectId,
    agentId: event.agentId ?? '',
    traceId: event.traceId,
  };
  switch (event.topic) {
    case 'task': {
      const data = event.data as PositionedEvent<'task'>['data'];
      if (data.status === 'QUEUED') return taskJob({ ...base, ...data }, now);
      return data.status === 'IN_REVIEW' ? judgeJob({ ...base, attempt: data.attempt }) : null;
    }
    case 'effect': {
      const data = event.data as PositionedEvent<'effect'>['data'];
      return data.status === 'PENDING' ? effectJob({ ...base, ...data }, now) : null;
    }
    case 'campaign': {
      const data = event.data as PositionedEvent<'campaign'>['data'];
      return data.planDueAt && data.status === 'ACTIVE' ? planJob({ ...base, planDueAt: data.planDueAt }, now) : null;
    }
    default:
      return null;
  }
}
