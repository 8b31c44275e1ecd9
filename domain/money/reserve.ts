import type { Sql } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import { BudgetExceededError } from '../errors.ts';

/** The account day that stands for "all time". */
export const TOTAL_DAY = '1970-01-01';

/** MODEL: making a result or a plan. JUDGEMENT: assessing a result. */
export type SpendCategory = 'MODEL' | 'JUDGEMENT' | 'MEDIA' | 'PAYMENT';

export interface ReservationRequest {
  agentId: string;
  campaignId: string | null;
  taskId: string | null;
  attempt: number | null;
  category: SpendCategory;
  amountMicroUsd: number;
}
export interface Reservation extends ReservationRequest {
  id: string;
}
export interface Settlement {
  reservation: Reservation;
  actualMicroUsd: number;
  model: string | null;
}

/** The UTC day of a moment: the account a daily budget is counted on. */
export const dayOf = (moment: Date): string => moment.toISOString().slice(0, 10);

/** Accounts an amount counts against: the agent's and the campaign's day, and their totals. Sorted, so that locks are always taken in one order. */
function accountsOf(
  entries: readonly {
    agentId: string;
    campaignId: string | null;
    day: string;
    amountMicroUsd: number;
    reservedMicroUsd: number;
  }[],
) {
  const sums = new Map<string, { scopeId: string; day: string; amount: number; reserved: number }>();
  for (const entry of entries) {
    for (const scopeId of [entry.agentId, entry.campaignId]) {
      if (!scopeId) continue;
      for (const day of [entry.day, TOTAL_DAY]) {
        const key = `${scopeId} ${day}`;
        const sum = sums.get(key) ?? { scopeId, day, amount: 0, reserved: 0 };
        sum.amount += entry.amountMicroUsd;
        sum.reserved += entry.reservedMicroUsd;
        sums.set(key, sum);
      }
    }
  }
  return [...sums.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}

/**
 * Reserves before spending, in the caller's transaction, against every limit at once (agent and campaign, day and total),
 * outstanding reservations counted. All of `requests` or none: throws BudgetExceededError naming the first limit that
 * would be passed, and the caller's transaction must roll back. Amounts of 0 reserve nothing and get a reservation all the same.
 * Dies before settling: the reconciler releases it after `expiresAt`.
 */
export async function reserve(
  sql: Sql,
  tenantId: string,
  requests: readonly ReservationRequest[],
  now: Date,
  expiresAt: Date,
): Promise<Reservation[]> {
  const reservations = requests.map((request) => ({ ...request, id: newId() }));
  const costly = reservations.filter((reservation) => reservation.amountMicroUsd > 0);
  if (costly.length === 0) return reservations;
  const day = dayOf(now);
  const accounts = accountsOf(costly.map((reservation) => ({ ...reservation, day, reservedMicroUsd: 0 })));
  await sql.query(
    `INSERT INTO "SpendEntry" (id, "tenantId", "agentId", "campaignId", "taskId", attempt, category, "reservedMicroUsd", day, "expiresAt")
     SELECT r.id, $1::uuid, r."agentId", r."campaignId", r."taskId", r.attempt, r.category::"SpendCategory", r."amountMicroUsd", $2::date, $3::timestamptz
     FROM jsonb_to_recordset($4::jsonb) AS r(id uuid, "agentId" uuid, "campaignId" uuid, "taskId" uuid, attempt int, category text, "amountMicroUsd" bigint)`,
    [tenantId, day, expiresAt, JSON.stringify(costly)],
  );
  // Last: the rows that everybody waits for are held for as short as can be.
  const granted = await sql.query<{ scopeId: string; day: string }>(
    `INSERT INTO "BudgetAccount" AS b ("tenantId", "scopeId", day, "reservedMicroUsd")
     SELECT $1::uuid, a."scopeId", a.day, a.amount FROM jsonb_to_recordset($2::jsonb) AS a("scopeId" uuid, day date, amount bigint)
     WHERE a.amount <= coalesce(budget_limit(a."scopeId", a.day), a.amount)
     ON CONFLICT ("scopeId", day) DO UPDATE SET "reservedMicroUsd" = b."reservedMicroUsd" + excluded."reservedMicroUsd"
     WHERE b."spentMicroUsd" + b."reservedMicroUsd" + excluded."reservedMicroUsd"
       <= coalesce(budget_limit(b."scopeId", b.day), b."spentMicroUsd" + b."reservedMicroUsd" + excluded."reservedMicroUsd")
     RETURNING b."scopeId", b.day::text AS day`,
    [tenantId, JSON.stringify(accounts)],
  );
  if (granted.length < accounts.length) {
    const refused = accounts.find(
      (account) => !granted.some((row) => row.scopeId === account.scopeId && row.day === account.day),
    );
    if (refused) throw await explainRefusal(sql, refused);
  }
  return reservations;
}

/** The error for a limit that refuses `amount`: whose it is and what of it is used. */
export async function explainRefusal(
  sql: Sql,
  account: { scopeId: string; day: string; amount: number },
): Promise<BudgetExceededError> {
  const [row] = await sql.query<{ limit: number; spent: number | null; agent: string | null; campaign: string | null }>(
    `SELECT budget_limit($1::uuid, $2::date) AS "limit", (SELECT "spentMicroUsd" + "reservedMicroUsd" FROM "BudgetAccount" WHERE "scopeId" = $1::uuid AND day = $2::date) AS spent,
       (SELECT name FROM "Agent" WHERE id = $1::uuid) AS agent, (SELECT name FROM "Campaign" WHERE id = $1::uuid) AS campaign`,
    [account.scopeId, account.day],
  );
  const owner = row?.agent ? `agent ${row.agent}` : `campaign ${row?.campaign ?? account.scopeId}`;
  const label = `The ${account.day === TOTAL_DAY ? 'total' : 'daily'} budget of the ${owner}`;
  return new BudgetExceededError(
    { id: account.scopeId, day: account.day, label },
    { limitMicroUsd: row?.limit ?? 0, spentMicroUsd: row?.spent ?? 0, requestedMicroUsd: account.amount },
  );
}

/**
 * Replaces reservations by what was really spent, in the caller's transaction. Runs twice: a settled entry is final and is
 * left alone. What has no reservation any more (it expired) or never had one (nothing was estimated) is entered anew, under
 * an id derived from the reservation's: the money was spent, once.
 */
export async function settle(sql: Sql, tenantId: string, settlements: readonly Settlement[], now: Date): Promise<void> {
  const real = settlements.filter(
    (settlement) => settlement.reservation.amountMicroUsd > 0 || settlement.actualMicroUsd > 0,
  );
  if (real.length === 0) return;
  const rows = real.map(({ reservation, actualMicroUsd, model }) => ({
    ...reservation,
    actual: Math.round(actualMicroUsd),
    model,
  }));
  const settled = await sql.query<{
    id: string;
    agentId: string;
    campaignId: string | null;
    day: string;
    reservedMicroUsd: number;
    actualMicroUsd: number;
  }>(
    `UPDATE "SpendEntry" e SET status = 'SETTLED', "actualMicroUsd" = s.actual, model = s.model, "settledAt" = now()
     FROM jsonb_to_recordset($1::jsonb) AS s(id uuid, actual bigint, model text)
     WHERE e.id = ANY($2::uuid[]) AND e.id = s.id AND e.status = 'RESERVED' RETURNING e.id, e."agentId", e."campaignId", e.day::text AS day, e."reservedMicroUsd", e."actualMicroUsd"`,
    [JSON.stringify(rows), rows.map((row) => row.id)],
  );
  const known = new Set(settled.map((entry) => entry.id));
  const late = rows.filter((row) => row.actual > 0 && !known.has(row.id));
  const entered =
    late.length === 0
      ? []
      : await sql.query<{
          id: string;
          agentId: string;
          campaignId: string | null;
          day: string;
          reservedMicroUsd: number;
          actualMicroUsd: number;
        }>(
          `INSERT INTO "SpendEntry" (id, "tenantId", "agentId", "campaignId", "taskId", attempt, category, model, status, "reservedMicroUsd", "actualMicroUsd", day, "expiresAt", "settledAt")
     SELECT md5('late/' || r.id)::uuid, $1::uuid, r."agentId", r."campaignId", r."taskId", r.attempt, r.category::"SpendCategory", r.model, 'SETTLED', 0, r.actual, $2::date, now(), now()
     FROM jsonb_to_recordset($3::jsonb) AS r(id uuid, "agentId" uuid, "campaignId" uuid, "taskId" uuid, attempt int, category text, model text, actual bigint)
     WHERE NOT EXISTS (SELECT 1 FROM "SpendEntry" e WHERE e.id = r.id AND e.status = 'SETTLED') ON CONFLICT (id) DO NOTHING
     RETURNING id, "agentId", "campaignId", day::text AS day, "reservedMicroUsd", "actualMicroUsd"`,
          [tenantId, dayOf(now), JSON.stringify(late)],
        );
  await moveAccounts(sql, tenantId, [...settled, ...entered]);
}

/** Gives reservations back, in the caller's transaction. Runs twice: only what is still RESERVED is released. */
export async function release(sql: Sql, tenantId: string, reservationIds: readonly string[]): Promise<void> {
  if (reservationIds.length === 0) return;
  const released = await sql.query<{
    agentId: string;
    campaignId: string | null;
    day: string;
    reservedMicroUsd: number;
  }>(
    `UPDATE "SpendEntry" SET status = 'RELEASED', "settledAt" = now() WHERE id = ANY($1::uuid[]) AND status = 'RESERVED'
     RETURNING "agentId", "campaignId", day::text AS day, "reservedMicroUsd"`,
    [reservationIds],
  );
  await moveAccounts(
    sql,
    tenantId,
    released.map((entry) => ({ ...entry, actualMicroUsd: 0 })),
  );
}

async function moveAccounts(
  sql: Sql,
  tenantId: string,
  entries: readonly {
    agentId: string;
    campaignId: string | null;
    day: string;
    reservedMicroUsd: number;
    actualMicroUsd: number;
  }[],
): Promise<void> {
  if (entries.length === 0) return;
  const accounts = accountsOf(entries.map((entry) => ({ ...entry, amountMicroUsd: entry.actualMicroUsd })));
  await sql.query(
    `INSERT INTO "BudgetAccount" AS b ("tenantId", "scopeId", day, "spentMicroUsd")
     SELECT $1::uuid, a."scopeId", a.day, a.amount FROM jsonb_to_recordset($2::jsonb) AS a("scopeId" uuid, day date, amount bigint)
     ON CONFLICT ("scopeId", day) DO UPDATE SET "spentMicroUsd" = b."spentMicroUsd" + excluded."spentMicroUsd",
       "reservedMicroUsd" = b."reservedMicroUsd" - coalesce((SELECT sum(r.reserved) FROM jsonb_to_recordset($2::jsonb) AS r("scopeId" uuid, day date, reserved bigint) WHERE r."scopeId" = b."scopeId" AND r.day = b.day), 0)`,
    [tenantId, JSON.stringify(accounts)],
  );
}
