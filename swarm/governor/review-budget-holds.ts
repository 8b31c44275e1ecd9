import { RELAY_ACTOR } from '../../domain/context.ts';
import { reviewBudgetHold } from '../../domain/money/budget-hold.ts';
import { dayOf } from '../../domain/money/reserve.ts';
import type { Clock } from '../../platform/clock.ts';
import type { RelayDatabase } from '../../platform/database.ts';
import { newTraceId } from '../../platform/ids.ts';

const PAGE = 100;

/**
 * Campaigns that wait for money and need not any more, or have nothing under way to wait for: a limit was raised, a new UTC
 * day began, reservations came back or all is settled. One statement when there is none. Each is looked at again under its
 * lock, in a transaction of its own: twice, or dying in between, is harmless. The room is `budget_room` as joins: a call for
 * each of thousands that wait costs ten times as much.
 */
export async function reviewBudgetHolds(database: RelayDatabase, clock: Clock): Promise<void> {
  const due = await database.query<{ id: string; tenantId: string }>(
    `SELECT c.id, c."tenantId" FROM "Campaign" c
     CROSS JOIN LATERAL (SELECT CASE WHEN c."budgetHoldDay" = DATE '1970-01-01' THEN c."budgetHoldDay" ELSE $1::date END AS day) d
     LEFT JOIN "Agent" a ON a.id = c."budgetHoldScopeId" LEFT JOIN "Campaign" s ON s.id = c."budgetHoldScopeId"
     LEFT JOIN "BudgetAccount" b ON b."scopeId" = c."budgetHoldScopeId" AND b.day = d.day
     WHERE c."budgetHoldScopeId" IS NOT NULL AND c.status IN ('ACTIVE', 'PAUSED')
       AND (coalesce(CASE WHEN d.day = DATE '1970-01-01' THEN coalesce(a."budgetTotalMicroUsd", s."budgetTotalMicroUsd") ELSE coalesce(a."budgetDailyMicroUsd", s."budgetDailyMicroUsd") END
           - coalesce(b."spentMicroUsd" + b."reservedMicroUsd", 0) >= c."budgetHoldMicroUsd", true)
         OR (c.status = 'ACTIVE' AND coalesce(b."reservedMicroUsd", 0) = 0
           AND NOT EXISTS (SELECT 1 FROM "Task" t WHERE t."campaignId" = c.id AND t.status IN ('IN_PROGRESS', 'IN_REVIEW'))))
     ORDER BY c.id LIMIT ${PAGE}`,
    [dayOf(clock.now())],
  );
  for (const { id, tenantId } of due)
    await database.transaction((sql) =>
      reviewBudgetHold(sql, { tenantId, actor: RELAY_ACTOR, clock, traceId: newTraceId() }, id),
    );
}
