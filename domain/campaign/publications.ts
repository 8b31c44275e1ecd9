import type { Sql } from '../../platform/database.ts';
import { DEPENDENTS_OF } from '../task/cancel-tasks.ts';
import type { TaskType } from '../task/task-types.ts';
import type { PlannedTask } from './validate-plan.ts';

/** What is planned and hangs on nobody else's wish: what a new plan may replace before it has started. */
export const REPLACEABLE = `t."campaignId" = $1 AND t.status = 'QUEUED' AND t.type NOT IN ('REPLY_COMMENT', 'POST_CONTENT')`;

export interface Unstarted {
  /** What a plan that replaces cancels, unless it has started by then. */
  taskIds: string[];
  /** All tasks that have not started, by type; `replaced`: they are among those or hang on them. */
  groups: { type: TaskType; replaced: boolean; count: number }[];
}

/** The work of a campaign that has not started: nothing of it was paid yet. */
export async function readUnstarted(sql: Sql, campaignId: string): Promise<Unstarted> {
  const queued = await sql.query<{ id: string }>(`SELECT t.id FROM "Task" t WHERE ${REPLACEABLE}`, [campaignId]);
  const taskIds = queued.map((task) => task.id);
  const groups = await sql.query<Unstarted['groups'][number] & Record<string, unknown>>(
    `SELECT t.type, (t.id = ANY($1::uuid[]) OR ${DEPENDENTS_OF}) AS replaced, count(*)::int AS count FROM "Task" t
     WHERE t."campaignId" = $2 AND t.status IN ('PENDING', 'QUEUED') GROUP BY 1, 2`,
    [taskIds, campaignId],
  );
  return { taskIds, groups };
}

/** The publications of a campaign that are complete, and those that still may be. */
export async function countPublications(sql: Sql, campaignId: string): Promise<{ complete: number; open: number }> {
  const [row] = await sql.query<{ complete: number; open: number }>(
    `SELECT count(*) FILTER (WHERE status = 'COMPLETE')::int AS complete, count(*) FILTER (WHERE status <> 'COMPLETE')::int AS open FROM "Task"
     WHERE "campaignId" = $1 AND type = 'POST_CONTENT' AND status IN ('PENDING', 'QUEUED', 'IN_PROGRESS', 'IN_REVIEW', 'ESCALATED', 'APPLYING', 'COMPLETE')`,
    [campaignId],
  );
  return row ?? { complete: 0, open: 0 };
}

/**
 * A plan with at most `room` publications: of more, the least urgent and last ones are left out, and with them whatever
 * only they needed. The order of the rest stays.
 */
export function fitPlan(tasks: readonly PlannedTask[], room: number): PlannedTask[] {
  const publications = tasks.filter((task) => task.type === 'POST_CONTENT');
  const surplus = publications.toSorted((a, b) => b.priority - a.priority).slice(Math.max(0, room));
  if (surplus.length === 0) return [...tasks];
  const dropped = new Set(surplus.map((task) => task.key));
  const byKey = new Map(tasks.map((task) => [task.key, task]));
  const needs = (keys: readonly string[], seen = new Set<string>()): Set<string> => {
    for (const key of keys) {
      if (seen.has(key)) continue;
      seen.add(key);
      needs(byKey.get(key)?.dependsOn ?? [], seen);
    }
    return seen;
  };
  const neededByDropped = needs([...dropped]);
  const kept = tasks.filter(
    (task) => !neededByDropped.has(task.key) || (isPublication(task) && !dropped.has(task.key)),
  );
  const neededByKept = needs(kept.map((task) => task.key));
  return tasks.filter((task) => neededByKept.has(task.key));
}

const isPublication = (task: PlannedTask): boolean => task.type === 'POST_CONTENT';
