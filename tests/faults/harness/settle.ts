import { setTimeout as delay } from 'node:timers/promises';
import type { RoleName } from './kill-points.ts';
import type { DrillServices } from './services.ts';
import type { World } from './world.ts';

/**
 * Work that is neither final nor waiting for a person: tasks, plans that are owed, events without a position. What hangs on a
 * paused campaign, a stopped agent or an escalated task waits for a person; what runs or was sent does not.
 */
const OPEN_WORK = `
  SELECT t.id, t.type::text AS what, t.status::text, t.attempt, t."errorMessage" AS why FROM "Task" t JOIN "Agent" a ON a.id = t."agentId" LEFT JOIN "Campaign" c ON c.id = t."campaignId"
   WHERE t.status NOT IN ('COMPLETE', 'REJECTED', 'FAILED', 'CANCELLED', 'ESCALATED')
     AND (a.status = 'ACTIVE' AND (c.id IS NULL OR c.status = 'ACTIVE') OR t.status = 'IN_PROGRESS' OR EXISTS (SELECT 1 FROM "Effect" e WHERE e."taskId" = t.id AND e.status = 'SENT'))
     AND NOT (t.status = 'PENDING' AND EXISTS (SELECT 1 FROM "TaskDependency" d JOIN "Task" p ON p.id = d."dependsOnId"
       WHERE d."taskId" = t.id AND p.status IN ('PENDING', 'ESCALATED')))
  UNION ALL
  SELECT c.id, 'PLAN', c.status::text, c."planFailures", coalesce(c."planDueNote", c."planDueReason"::text) FROM "Campaign" c
   WHERE c.status = 'ACTIVE' AND (c."planRevision" = 0 OR c."planDueReason" IS NOT NULL)
  UNION ALL
  SELECT gen_random_uuid(), 'OUTBOX', 'WAITING', count(*)::int, NULL FROM "Outbox" HAVING count(*) > 0`;

export interface OpenWork {
  id: string;
  what: string;
  status: string;
  attempt: number;
  why: string | null;
}

export const openWork = (services: DrillServices): Promise<OpenWork[]> =>
  services.sql<OpenWork & Record<string, unknown>>(OPEN_WORK);

const pendingReviews = async (services: DrillServices): Promise<number> =>
  (
    await services.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM "Review" r JOIN "Campaign" c ON c.id = r."campaignId" WHERE r.status = 'PENDING' AND c.status = 'ACTIVE'`,
    )
  )[0]?.n ?? 0;

/**
 * Waits until nothing is open and, where somebody decides, nobody is waited for. The time limit counts from the last progress.
 * Throws with what is open and the errors that the processes logged.
 */
export async function settle(world: World, options: { stuckAfterMs?: number; reviewed?: boolean } = {}): Promise<void> {
  const { stuckAfterMs = 90_000, reviewed = true } = options;
  let last = '';
  let movedAt = performance.now();
  let quiet = 0;
  for (;;) {
    const open = await openWork(world.services);
    const waiting = reviewed ? await pendingReviews(world.services) : 0;
    quiet = open.length === 0 && waiting === 0 ? quiet + 1 : 0;
    if (quiet === 3) return; // nothing follows from the last step either
    const now = JSON.stringify([open.map(({ id, status, attempt }) => [id, status, attempt]), waiting]);
    if (now !== last) movedAt = performance.now();
    last = now;
    if (performance.now() - movedAt > stuckAfterMs) {
      const errors = world.roles.flatMap((role) =>
        role
          .errors()
          .slice(-3)
          .map((line) => `${role.label}: ${line.slice(0, 600)}`),
      );
      throw new Error(
        `${open.length} open and ${waiting} reviews waiting for ${stuckAfterMs} ms without progress:\n${JSON.stringify(open.slice(0, 10), null, 1)}\n${errors.join('\n')}`,
      );
    }
    await delay(150);
  }
}

/** How a quarter of an hour passes for what a dead process has left: its leases run out, and nothing of its is on its way any more. */
const TIME_PASSES: Partial<Record<RoleName, string>> = {
  planner: `UPDATE "Campaign" SET "planLeaseExpiresAt" = now() WHERE "planLeaseExpiresAt" IS NOT NULL`,
  effects: `UPDATE "Effect" SET "leaseExpiresAt" = now(), "sentAt" = "sentAt" - interval '15 minutes' WHERE status = 'SENT'`,
};

/** Only while no process of the role lives: what a living one has in hand is not taken from it. */
export async function letTimePass(world: World, role: RoleName): Promise<void> {
  if (world.roles.some((other) => other.role === role && other.running())) return;
  const statement = TIME_PASSES[role];
  if (statement) await world.services.sql(statement);
}

/** Reservations that nobody will settle run out, and the reconciler gives them back. */
export async function expireReservations(world: World): Promise<void> {
  await world.services.sql(`UPDATE "SpendEntry" SET "expiresAt" = now() WHERE status = 'RESERVED'`);
  for (let tries = 0; tries < 100; tries += 1) {
    const [row] = await world.services.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM "SpendEntry" WHERE status = 'RESERVED'`,
    );
    if (row?.n === 0) return;
    await delay(100);
  }
}
