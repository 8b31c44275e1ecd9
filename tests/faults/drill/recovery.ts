import { setTimeout as delay } from 'node:timers/promises';
import type { DrillServices } from '../harness/services.ts';

const GIVE_UP_MS = 300_000;

/** Ids of what is in somebody's hands. */
export const inFlight = async (services: DrillServices): Promise<string[]> =>
  (
    await services
      .sql<{ id: string }>(`SELECT id FROM "Task" WHERE status IN ('IN_PROGRESS', 'IN_REVIEW', 'APPLYING')`)
      .catch(() => [])
  ).map(({ id }) => id);

/** Milliseconds until each of these has left the hands that it was in: until nothing of a fault is left. Null: it never did. */
export async function recoveryMs(services: DrillServices, ids: readonly string[]): Promise<number | null> {
  const since = performance.now();
  while (performance.now() - since < GIVE_UP_MS) {
    const left = await services
      .sql<{ n: number }>(
        `SELECT count(*)::int AS n FROM "Task" t JOIN "Agent" a ON a.id = t."agentId" LEFT JOIN "Campaign" c ON c.id = t."campaignId"
         WHERE t.id = ANY($1::uuid[]) AND t.status IN ('IN_PROGRESS', 'IN_REVIEW', 'APPLYING') AND a.status = 'ACTIVE' AND (c.id IS NULL OR c.status = 'ACTIVE')`,
        [ids],
      )
      .catch(() => []);
    if (left[0]?.n === 0) return performance.now() - since;
    await delay(250);
  }
  return null;
}
