import type { NewEvent } from '../events.ts';

/** What an effect's event needs of its row. */
export interface EffectChange {
  id: string;
  taskId: string;
  agentId: string;
  campaignId: string | null;
  attempt: number;
}

/** The event of an effect in `status`; PENDING schedules its job, at `notBefore` where given. */
export const effectEvent = (
  effect: EffectChange,
  status: string,
  notBefore: Date | null = null,
  kind: NewEvent['kind'] = 'UPDATED',
): NewEvent<'effect'> => ({
  topic: 'effect',
  kind,
  subjectId: effect.id,
  agentId: effect.agentId,
  campaignId: effect.campaignId,
  version: effect.attempt + 1,
  data: { taskId: effect.taskId, status, attempt: effect.attempt, notBefore: notBefore?.toISOString() ?? null },
});
