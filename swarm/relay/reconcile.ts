import type { ScheduledJob } from '../../domain/jobs.ts';
import { effectJob, judgeJob, planJob, taskJob } from '../../domain/jobs.ts';
import type { Clock } from '../../platform/clock.ts';
import type { RelayDatabase } from '../../platform/database.ts';
import type { Queues } from '../queues.ts';
import { releaseExpiredReservations } from './expire-leases.ts';

const PAGE = 5_000;

export type DueCounts = Record<'task' | 'judge' | 'effect' | 'plan', number>;

interface DueRow extends Record<string, unknown> {
  id: string;
  tenantId: string;
  agentId: string;
  attempt: number;
  notBefore: Date | null;
  traceId: string;
}

/** Pages through a query ordered by id; `sql` takes the last id seen as $1 and the page size as $2. */
async function* pages<R extends { id: string } & Record<string, unknown>>(
  database: RelayDatabase,
  sql: string,
): AsyncGenerator<R[]> {
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const rows = await database.query<R>(sql, [after, PAGE]);
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last.id;
  }
}

async function enqueue<R extends { id: string } & Record<string, unknown>>(
  database: RelayDatabase,
  queues: Queues,
  sql: string,
  toJob: (row: R) => ScheduledJob,
): Promise<number> {
  let count = 0;
  for await (const rows of pages<R>(database, sql)) {
    await queues.schedule(await queues.missing(rows.map(toJob)));
    count += rows.length;
  }
  return count;
}

/**
 * Enqueues whatever PostgreSQL says is due and no live lease covers: the reason why a lost Redis loses nothing. Job ids are stable: a page of what is due is compared with the queues by two
 * commands, and only what is missing there is added. Runs any time, any number of times.
 */
export async function reconcile(database: RelayDatabase, queues: Queues, clock: Clock): Promise<DueCounts> {
  const now = clock.now().getTime();
  await releaseExpiredReservations(database);
  const iso = (row: DueRow) => ({ ...row, notBefore: row.notBefore?.toISOString() ?? null });
  return {
    task: await enqueue<DueRow>(
      database,
      queues,
      `SELECT t.id, t."tenantId", t."agentId", t.attempt, t."notBefore", t."traceId" FROM "Task" t JOIN "Agent" a ON a.id = t."agentId" LEFT JOIN "Campaign" c ON c.id = t."campaignId"
       WHERE t.status = 'QUEUED' AND a.status = 'ACTIVE' AND (c.id IS NULL OR (c.status = 'ACTIVE' AND (c."budgetHoldScopeId" IS NULL OR t.type = 'POST_CONTENT'))) AND t.id > $1::uuid ORDER BY t.id LIMIT $2`,
      (row) => taskJob(iso(row), now),
    ),
    judge: await enqueue<DueRow>(
      database,
      queues,
      `SELECT id, "tenantId", "agentId", attempt, "traceId" FROM "Task" WHERE status = 'IN_REVIEW' AND id > $1::uuid ORDER BY id LIMIT $2`,
      judgeJob,
    ),
    effect: await enqueue<DueRow>(
      database,
      queues,
      `SELECT e.id, e."tenantId", e."agentId", CASE WHEN e.status = 'SENT' THEN e.attempt + 1000 ELSE e.attempt END AS attempt, e."notBefore", t."traceId" FROM "Effect" e JOIN "Task" t ON t.id = e."taskId"
         JOIN "Agent" a ON a.id = e."agentId" LEFT JOIN "Campaign" c ON c.id = t."campaignId"
       WHERE ((e.status = 'PENDING' AND t.status = 'APPLYING' AND a.status = 'ACTIVE' AND (c.id IS NULL OR c.status = 'ACTIVE')) OR (e.status = 'SENT' AND e."leaseExpiresAt" < now())) AND e.id > $1::uuid ORDER BY e.id LIMIT $2`,
      (row) => effectJob(iso(row), now),
    ),
    plan: await enqueue<{ id: string; tenantId: string; planDueAt: Date }>(
      database,
      queues,
      `SELECT id, "tenantId", "planDueAt" FROM "Campaign" WHERE "planDueReason" IS NOT NULL AND status = 'ACTIVE' AND "budgetHoldScopeId" IS NULL AND ("planLeaseExpiresAt" IS NULL OR "planLeaseExpiresAt" < now())
         AND id > $1::uuid ORDER BY id LIMIT $2`,
      (row) => planJob({ ...row, planDueAt: row.planDueAt.toISOString(), traceId: row.id.replaceAll('-', '') }, now),
    ),
  };
}
