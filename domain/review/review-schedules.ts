import type { RelayDatabase, Sql } from '../../platform/database.ts';
import { newTraceId } from '../../platform/ids.ts';
import { raiseAlert } from '../alert/raise-alert.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { RELAY_ACTOR } from '../context.ts';
import type { NewEvent } from '../events.ts';
import { recordEvents } from '../outbox.ts';
import type { ReviewChange } from './review-row.ts';
import { REVIEW_EVENT_COLUMNS, reviewEvent } from './review-row.ts';

/** How many rows one run takes: a flood is told of over several seconds, which subscribers can follow. */
const PAGE = 500;

const byTenant = <R extends { tenantId: string }>(rows: readonly R[]): [tenantId: string, rows: R[]][] =>
  [...new Set(rows.map(({ tenantId }) => tenantId))].map((tenantId) => [
    tenantId,
    rows.filter((row) => row.tenantId === tenantId),
  ]);

/**
 * What time does to pending reviews: at two thirds of their time subscribers are warned; once overdue they rise to the
 * front of the queue, and one alert a tenant stands for all of them. It never decides one. `version` stays: a reviewer who
 * has one open is not refused because time has passed. Compare-and-set on `noticeAt`: each notice comes once, whoever
 * looks; a review that somebody is deciding right now is left for the next run.
 */
export async function noticeReviews(database: Pick<RelayDatabase, 'transaction'>): Promise<void> {
  await database.transaction(async (sql) => {
    const due = await sql.query<{ id: string }>(
      `SELECT id FROM "Review" WHERE status = 'PENDING' AND "noticeAt" <= now() ORDER BY "noticeAt" LIMIT ${PAGE} FOR NO KEY UPDATE SKIP LOCKED`,
    );
    if (due.length === 0) return;
    const noticed = await sql.query<ReviewChange & { tenantId: string; overdue: boolean } & Record<string, unknown>>(
      `UPDATE "Review" r SET "noticeAt" = CASE WHEN r."dueAt" <= now() THEN NULL ELSE r."dueAt" END, "overdueOrder" = CASE WHEN r."dueAt" <= now() THEN 0 ELSE 1 END
       WHERE r.id = ANY($1::uuid[]) RETURNING ${REVIEW_EVENT_COLUMNS}, r."tenantId", r."overdueOrder" = 0 AS overdue`,
      [due.map(({ id }) => id)],
    );
    for (const [tenantId, reviews] of byTenant(noticed)) {
      const events = reviews.map((review): NewEvent<'review'> => {
        const event = reviewEvent(review);
        return { ...event, data: { ...event.data, notice: review.overdue ? 'OVERDUE' : 'DUE_SOON' } };
      });
      const alerts = reviews.some(({ overdue }) => overdue) ? await alertOverdue(sql, tenantId) : [];
      await recordEvents(sql, tenantId, newTraceId(), [...events, ...alerts]);
    }
  });
}

/** One for all that are overdue now; while it is open and fresh, later ones are not alerted of again. */
async function alertOverdue(sql: Sql, tenantId: string): Promise<NewEvent[]> {
  const [overdue] = await sql.query<{ count: number; oldest: Date }>(
    `SELECT count(*)::int AS count, min("dueAt") AS oldest FROM "Review" WHERE "tenantId" = $1 AND status = 'PENDING' AND "overdueOrder" = 0`,
    [tenantId],
  );
  const count = overdue?.count ?? 0;
  return raiseAlert(sql, tenantId, {
    rule: 'REVIEW_OVERDUE',
    severity: 'WARNING',
    message: `${count} review${count === 1 ? ' is' : 's are'} overdue, the oldest since ${overdue?.oldest.toISOString()}: a person has to decide, time never does.`,
  });
}

/** Claims of reviews that were neither decided nor released in time go back to the queue. Twice is harmless. */
export async function expireReviewClaims(database: Pick<RelayDatabase, 'transaction'>): Promise<void> {
  await database.transaction(async (sql) => {
    const held = await sql.query<{ id: string; holderId: string }>(
      `SELECT id, "assignedToId" AS "holderId" FROM "Review" WHERE status = 'PENDING' AND "claimExpiresAt" <= now() ORDER BY "claimExpiresAt" LIMIT ${PAGE} FOR NO KEY UPDATE SKIP LOCKED`,
    );
    if (held.length === 0) return;
    const holders = new Map(held.map(({ id, holderId }) => [id, holderId]));
    const expired = await sql.query<ReviewChange & { tenantId: string } & Record<string, unknown>>(
      `UPDATE "Review" r SET "assignedToId" = NULL, "assignedAt" = NULL, "claimExpiresAt" = NULL, version = r.version + 1
       WHERE r.id = ANY($1::uuid[]) RETURNING ${REVIEW_EVENT_COLUMNS}, r."tenantId"`,
      [[...holders.keys()]],
    );
    for (const [tenantId, reviews] of byTenant(expired)) {
      const traceId = newTraceId();
      await recordEvents(sql, tenantId, traceId, reviews.map(reviewEvent));
      await recordAudit(
        sql,
        { tenantId, traceId, actor: RELAY_ACTOR },
        reviews.map((review) => ({
          action: 'review.claim_expired',
          subjectType: 'Review',
          subjectId: review.id,
          data: { claimedBy: holders.get(review.id) },
        })),
      );
    }
  });
}
