import type { World } from '../world.ts';
import type { Violations } from './violations.ts';
import { say } from './violations.ts';

/** Results, plans and judgements are in the ledger and no work without a result is, the accounts are its sums, and nothing stays reserved. */
export async function ledgerAddsUp({ services }: World): Promise<Violations> {
  const results = await services.sql(
    `SELECT r."taskId", r.attempt, r."costMicroUsd"::int AS result, coalesce(s.actual, 0)::int AS ledger FROM "Result" r
     LEFT JOIN (SELECT "taskId", attempt, sum("actualMicroUsd") AS actual FROM "SpendEntry" WHERE status = 'SETTLED' AND category <> 'JUDGEMENT' GROUP BY 1, 2) s
       ON s."taskId" = r."taskId" AND s.attempt = r.attempt WHERE r."costMicroUsd" <> coalesce(s.actual, 0)`,
  );
  const unfounded = await services.sql(
    `SELECT s."taskId", s.attempt, s.category, s."actualMicroUsd"::int AS ledger FROM "SpendEntry" s LEFT JOIN "Result" r ON r."taskId" = s."taskId" AND r.attempt = s.attempt
     WHERE s.status = 'SETTLED' AND s."actualMicroUsd" > 0 AND s."taskId" IS NOT NULL AND r.id IS NULL`,
  );
  const judgements = await services.sql(
    `SELECT r."taskId", r.attempt FROM "Result" r JOIN "Task" t ON t.id = r."taskId" WHERE r."judgedAt" IS NOT NULL AND t.type = 'GENERATE_POST' AND r.assessment IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM "SpendEntry" s WHERE s."taskId" = r."taskId" AND s.attempt = r.attempt AND s.category = 'JUDGEMENT' AND s.status = 'SETTLED' AND s."actualMicroUsd" > 0)`,
  );
  const plans = await services.sql(
    `SELECT p."campaignId", sum(p."costMicroUsd")::int AS plans, (SELECT coalesce(sum(s."actualMicroUsd"), 0)::int FROM "SpendEntry" s WHERE s."campaignId" = p."campaignId" AND s."taskId" IS NULL AND s.status = 'SETTLED') AS ledger
     FROM "Plan" p GROUP BY 1 HAVING sum(p."costMicroUsd") > (SELECT coalesce(sum(s."actualMicroUsd"), 0) FROM "SpendEntry" s WHERE s."campaignId" = p."campaignId" AND s."taskId" IS NULL AND s.status = 'SETTLED')`,
  );
  const accounts = await services.sql(
    `WITH entries AS (SELECT x.scope, d.day, e."actualMicroUsd" FROM "SpendEntry" e, LATERAL (VALUES (e."agentId"), (e."campaignId")) x(scope), LATERAL (VALUES (e.day), (DATE '1970-01-01')) d(day)
       WHERE e.status = 'SETTLED' AND x.scope IS NOT NULL), sums AS (SELECT scope, day, sum("actualMicroUsd") AS spent FROM entries GROUP BY 1, 2)
     SELECT coalesce(b."scopeId", s.scope) AS scope, coalesce(b.day, s.day)::text AS day, b."spentMicroUsd"::int AS account, s.spent::int AS ledger
     FROM "BudgetAccount" b FULL JOIN sums s ON s.scope = b."scopeId" AND s.day = b.day WHERE coalesce(b."spentMicroUsd", 0) <> coalesce(s.spent, 0)`,
  );
  const reserved = await services.sql(
    `SELECT "scopeId", day::text, "reservedMicroUsd"::int AS reserved FROM "BudgetAccount" WHERE "reservedMicroUsd" <> 0
     UNION ALL SELECT "agentId", day::text, "reservedMicroUsd"::int FROM "SpendEntry" WHERE status = 'RESERVED'`,
  );
  return [
    ...say(results, 'results whose cost is not in the ledger'),
    ...say(unfounded, 'spent on attempts that have no result'),
    ...say(judgements, 'judgements that are not in the ledger'),
    ...say(plans, 'plans that are not in the ledger'),
    ...say(accounts, 'accounts that are not the sum of the ledger'),
    ...say(reserved, 'still reserved'),
  ];
}
