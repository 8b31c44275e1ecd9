import type { Sql } from '../../platform/database.ts';

export interface LedgerFault extends Record<string, unknown> {
  /** What does not add up. */
  rule: 'ACCOUNT_SPENT' | 'ACCOUNT_RESERVED' | 'RESULT_COST' | 'JUDGEMENT_WITHOUT_RESULT' | 'PLAN_COST';
  /** The account (scope and day), the attempt (task and number), or the campaign. */
  subject: string;
  /** By the ledger. */
  expectedMicroUsd: number;
  foundMicroUsd: number;
}

export interface LedgerCheck {
  /** Empty in sound books. */
  faults: LedgerFault[];
  settledMicroUsd: number;
  /** Still outstanding: 0 when no work is under way. */
  reservedMicroUsd: number;
}

/**
 * Compares the ledger (SpendEntry) with everything that is derived from it or written beside it, of all tenants `sql` sees:
 * each account with its entries; the cost of each result with what its attempt settled (the judgement, which no result
 * carries, apart); plans with what planning settled, where failed plans cost something too. It holds at every moment, also
 * while work is under way, because each is written in the transaction of its entries. Reads everything: for audits and drills.
 */
export async function checkLedger(sql: Sql): Promise<LedgerCheck> {
  const faults = await sql.query<LedgerFault>(
    `WITH booked AS (
       SELECT s.scope, s.day, sum(e."actualMicroUsd") AS spent, coalesce(sum(e."reservedMicroUsd") FILTER (WHERE e.status = 'RESERVED'), 0) AS reserved
       FROM "SpendEntry" e CROSS JOIN LATERAL (VALUES (e."agentId", e.day), (e."agentId", DATE '1970-01-01'), (e."campaignId", e.day), (e."campaignId", DATE '1970-01-01')) AS s(scope, day)
       WHERE s.scope IS NOT NULL GROUP BY 1, 2
     ), accounts AS (
       SELECT coalesce(b."scopeId", k.scope) || ' ' || coalesce(b.day, k.day) AS subject, coalesce(k.spent, 0) AS spent, coalesce(k.reserved, 0) AS reserved,
         coalesce(b."spentMicroUsd", 0) AS "spentMicroUsd", coalesce(b."reservedMicroUsd", 0) AS "reservedMicroUsd"
       FROM booked k FULL JOIN "BudgetAccount" b ON b."scopeId" = k.scope AND b.day = k.day
     ), attempts AS (
       SELECT "taskId", attempt, coalesce(sum("actualMicroUsd") FILTER (WHERE category <> 'JUDGEMENT'), 0) AS spent, coalesce(sum("actualMicroUsd") FILTER (WHERE category = 'JUDGEMENT'), 0) AS judged
       FROM "SpendEntry" WHERE status = 'SETTLED' AND "taskId" IS NOT NULL GROUP BY 1, 2
     ), plans AS (
       SELECT "campaignId", sum("costMicroUsd") AS cost FROM "Plan" GROUP BY 1
     )
     SELECT 'ACCOUNT_SPENT' AS rule, subject, spent::bigint AS "expectedMicroUsd", "spentMicroUsd" AS "foundMicroUsd" FROM accounts WHERE spent <> "spentMicroUsd"
     UNION ALL SELECT 'ACCOUNT_RESERVED', subject, reserved::bigint, "reservedMicroUsd" FROM accounts WHERE reserved <> "reservedMicroUsd"
     UNION ALL SELECT 'RESULT_COST', coalesce(a."taskId", r."taskId") || ' ' || coalesce(a.attempt, r.attempt), coalesce(a.spent, 0)::bigint, coalesce(r."costMicroUsd", 0)
       FROM attempts a FULL JOIN "Result" r ON r."taskId" = a."taskId" AND r.attempt = a.attempt WHERE coalesce(a.spent, 0) <> coalesce(r."costMicroUsd", 0)
     UNION ALL SELECT 'JUDGEMENT_WITHOUT_RESULT', a."taskId" || ' ' || a.attempt, a.judged::bigint, 0
       FROM attempts a WHERE a.judged > 0 AND NOT EXISTS (SELECT 1 FROM "Result" r WHERE r."taskId" = a."taskId" AND r.attempt = a.attempt)
     UNION ALL SELECT 'PLAN_COST', p."campaignId"::text, coalesce(e.spent, 0)::bigint, p.cost::bigint
       FROM plans p LEFT JOIN LATERAL (SELECT sum("actualMicroUsd") AS spent FROM "SpendEntry" s WHERE s."campaignId" = p."campaignId" AND s."taskId" IS NULL) e ON true WHERE p.cost > coalesce(e.spent, 0)`,
  );
  const [sums] = await sql.query<{ settled: number; reserved: number }>(
    `SELECT coalesce(sum("actualMicroUsd"), 0)::bigint AS settled, coalesce(sum("reservedMicroUsd") FILTER (WHERE status = 'RESERVED'), 0)::bigint AS reserved FROM "SpendEntry"`,
  );
  return { faults, settledMicroUsd: sums?.settled ?? 0, reservedMicroUsd: sums?.reserved ?? 0 };
}
