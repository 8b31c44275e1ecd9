import type { Sql } from '../../platform/database.ts';
import type { EffectChange } from '../effect/effect-event.ts';
import { effectEvent } from '../effect/effect-event.ts';
import type { NewEvent } from '../events.ts';
import type { TaskChange } from './cancel-tasks.ts';
import { TASK_CHANGE_COLUMNS, taskEvent } from './cancel-tasks.ts';

/**
 * The events that wake what waits in PostgreSQL and may have lost its job meanwhile: QUEUED tasks and PENDING effects of
 * an agent or a campaign. Waking twice is harmless.
 */
export async function wakeWork(sql: Sql, scope: 'agentId' | 'campaignId', id: string): Promise<NewEvent[]> {
  const queued = await sql.query<TaskChange>(
    `SELECT ${TASK_CHANGE_COLUMNS} FROM "Task" t WHERE t."${scope}" = $1 AND t.status = 'QUEUED'`,
    [id],
  );
  const effects = await sql.query<EffectChange & { notBefore: Date | null } & Record<string, unknown>>(
    `SELECT e.id, e."taskId", e."agentId", t."campaignId", e.attempt, e."notBefore" FROM "Effect" e JOIN "Task" t ON t.id = e."taskId"
     WHERE t."${scope}" = $1 AND e.status = 'PENDING'`,
    [id],
  );
  return [
    ...queued.map((task) => taskEvent(task)),
    ...effects.map((effect) => effectEvent(effect, 'PENDING', effect.notBefore)),
  ];
}
