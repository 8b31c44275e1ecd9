import type { Sql } from '../../platform/database.ts';
import { raiseAlert } from '../alert/raise-alert.ts';
import type { CampaignRow } from '../campaign/campaign-row.ts';
import { campaignEvent } from '../campaign/campaign-row.ts';
import { keepWork } from '../campaign/keep-work.ts';
import type { ChangeContext } from '../campaign/set-campaign-status.ts';
import { moveCampaign } from '../campaign/set-campaign-status.ts';
import type { DomainContext } from '../context.ts';
import type { BudgetExceededError } from '../errors.ts';
import type { NewEvent } from '../events.ts';
import { recordEvents } from '../outbox.ts';
import type { TaskChange } from '../task/cancel-tasks.ts';
import { TASK_CHANGE_COLUMNS, taskEvent } from '../task/cancel-tasks.ts';
import { dayOf, explainRefusal, TOTAL_DAY } from './reserve.ts';

/** How long a task of no campaign waits that no budget covers: there is nothing to pause but itself. */
const POSTPONED_SECONDS = 300;

/** ROOM: the limit was raised, or money came back, in the meantime: try again. WAITS: for reservations under way. PAUSED: E1001. */
export type HoldOutcome = 'ROOM' | 'WAITS' | 'PAUSED';

interface Account extends Record<string, unknown> {
  /** Null where there is no limit. */
  roomMicroUsd: number | null;
  /** Something may still come in below its estimate, or would be thrown away by a pause: reservations, attempts, results to be judged. */
  underWay: boolean;
  /** The agent whose account it is, null when it is a campaign's. */
  agentId: string | null;
}

interface HeldCampaign extends CampaignRow {
  holdScopeId: string;
  holdDay: string;
  holdMicroUsd: number;
}

async function readAccount(sql: Sql, campaignId: string, scopeId: string, day: string): Promise<Account> {
  const [account] = await sql.query<Account>(
    `SELECT budget_room($1::uuid, $2::date) AS "roomMicroUsd", (SELECT id FROM "Agent" WHERE id = $1::uuid) AS "agentId",
       EXISTS (SELECT 1 FROM "BudgetAccount" WHERE "scopeId" = $1::uuid AND day = $2::date AND "reservedMicroUsd" > 0)
         OR EXISTS (SELECT 1 FROM "Task" WHERE "campaignId" = $3 AND status IN ('IN_PROGRESS', 'IN_REVIEW')) AS "underWay"`,
    [scopeId, day, campaignId],
  );
  return account ?? { roomMicroUsd: null, underWay: false, agentId: null };
}

const fits = (account: Account, neededMicroUsd: number): boolean =>
  account.roomMicroUsd === null || account.roomMicroUsd >= neededMicroUsd;

/**
 * What follows when a limit refused the next step of a campaign. While something is under way it may come in below its
 * estimate: the campaign starts nothing new that costs, and that is finished, drafts already paid are published. When
 * nothing is under way any more the money is spent: E1001, the campaign is paused and one alert says why. The hold remembers what it waits for; `reviewBudgetHold`
 * ends it. The rows in which limits are raised are locked: a raise comes before (ROOM) or finds the hold.
 * A task of no campaign is postponed. Twice is harmless: the first has made it so.
 */
export async function holdForBudget(
  context: DomainContext,
  refused: { campaignId: string | null; agentId: string | null; taskId: string | null },
  error: BudgetExceededError,
): Promise<HoldOutcome> {
  const { campaignId } = refused;
  return context.db.transaction(async (sql) => {
    if (!campaignId) return postpone(sql, context, refused, error);
    await sql.query('SELECT 1 FROM "Agent" WHERE id = $1 FOR SHARE', [error.scopeId]);
    const [campaign] = await sql.query<CampaignRow>('SELECT * FROM "Campaign" WHERE id = $1 FOR NO KEY UPDATE', [
      campaignId,
    ]);
    if (campaign?.status !== 'ACTIVE') return 'PAUSED';
    if (campaign.budgetHoldScopeId) return 'WAITS';
    const account = await readAccount(sql, campaignId, error.scopeId, error.day);
    if (fits(account, error.requestedMicroUsd)) return 'ROOM';
    const [held] = await sql.query<HeldCampaign>(
      `UPDATE "Campaign" SET "budgetHoldScopeId" = $2, "budgetHoldDay" = $3::date, "budgetHoldMicroUsd" = $4, "statusReason" = $5, version = version + 1, "updatedAt" = now()
       WHERE id = $1 RETURNING ${HELD_COLUMNS}`,
      [
        campaignId,
        error.scopeId,
        error.day,
        error.requestedMicroUsd,
        `Waits for what is under way: ${error.message}`.slice(0, 500),
      ],
    );
    if (!held) return 'PAUSED';
    if (!account.underWay) {
      await pause(sql, context, held, account);
      return 'PAUSED';
    }
    await recordEvents(sql, context.tenantId, context.traceId, [campaignEvent(held, 'UPDATED')]);
    return 'WAITS';
  });
}

const HELD_COLUMNS = `*, "budgetHoldScopeId" AS "holdScopeId", "budgetHoldDay"::text AS "holdDay", "budgetHoldMicroUsd" AS "holdMicroUsd"`;

/**
 * Looks again at a campaign that waits for money, in the caller's transaction: it goes on when the limit has room for what it
 * asked for (raised, a new day, money that came back), it is paused when nothing is under way any more, and else it waits on.
 * Twice is harmless; a campaign without a hold (a person's pause has none) is left alone.
 */
export async function reviewBudgetHold(
  sql: Sql,
  context: ChangeContext & Pick<DomainContext, 'clock'>,
  campaignId: string,
): Promise<void> {
  const [held] = await sql.query<HeldCampaign>(
    `SELECT ${HELD_COLUMNS} FROM "Campaign" WHERE id = $1 AND "budgetHoldScopeId" IS NOT NULL AND status IN ('ACTIVE', 'PAUSED') FOR NO KEY UPDATE`,
    [campaignId],
  );
  if (!held) return;
  const account = await readAccount(
    sql,
    held.id,
    held.holdScopeId,
    held.holdDay === TOTAL_DAY ? TOTAL_DAY : dayOf(context.clock.now()),
  );
  if (!fits(account, held.holdMicroUsd)) {
    if (held.status === 'ACTIVE' && !account.underWay) await pause(sql, context, held, account);
  } else if (held.status === 'PAUSED') await resume(sql, context, held);
  else await goOn(sql, context, held, account);
}

async function pause(sql: Sql, context: ChangeContext, held: HeldCampaign, account: Account): Promise<void> {
  const { message } = await explainRefusal(sql, {
    scopeId: held.holdScopeId,
    day: held.holdDay,
    amount: held.holdMicroUsd,
  });
  await moveCampaign(sql, context, {
    id: held.id,
    status: 'PAUSED',
    reason: `E1001: ${message}`.slice(0, 500),
    forBudget: true,
  });
  const alerts = await raiseAlert(sql, context.tenantId, {
    rule: 'E1001',
    severity: 'CRITICAL',
    message,
    agentId: account.agentId,
    campaignId: held.id,
  });
  await recordEvents(sql, context.tenantId, context.traceId, alerts);
}

/** Ends E1001: the open work is valid again, the Planner replaces what was lost, and the alert is settled: the next one is new. */
async function resume(sql: Sql, context: ChangeContext, held: HeldCampaign): Promise<void> {
  const campaign = await moveCampaign(sql, context, { id: held.id, status: 'ACTIVE', reason: null, forBudget: true });
  const kept = await keepWork(sql, campaign.id, campaign.stateVersion);
  await sql.query(
    `UPDATE "Alert" SET "acknowledgedAt" = now() WHERE "tenantId" = $1 AND "campaignId" = $2 AND rule = 'E1001' AND "acknowledgedAt" IS NULL`,
    [context.tenantId, held.id],
  );
  await recordEvents(sql, context.tenantId, context.traceId, kept);
}

/** Nothing was paused: wakes as many tasks as have room, and one more, which holds the campaign again when it is refused. */
async function goOn(sql: Sql, context: ChangeContext, held: HeldCampaign, account: Account): Promise<void> {
  const [campaign] = await sql.query<CampaignRow>(
    `UPDATE "Campaign" SET "budgetHoldScopeId" = NULL, "budgetHoldDay" = NULL, "budgetHoldMicroUsd" = NULL, "statusReason" = NULL, version = version + 1, "updatedAt" = now()
     WHERE id = $1 RETURNING *`,
    [held.id],
  );
  if (!campaign) return;
  const count =
    account.roomMicroUsd === null ? null : Math.floor(account.roomMicroUsd / Math.max(1, held.holdMicroUsd));
  const tasks = await sql.query<TaskChange>(
    `SELECT ${TASK_CHANGE_COLUMNS} FROM "Task" t WHERE t."campaignId" = $1 AND t.status = 'QUEUED' AND t."stateVersion" = $2 AND (t."notBefore" IS NULL OR t."notBefore" <= now())
     ORDER BY t.priority DESC, t."createdAt", t.id LIMIT $3::bigint + 1`,
    [held.id, campaign.stateVersion, count],
  );
  await recordEvents(sql, context.tenantId, context.traceId, [
    campaignEvent(campaign, 'UPDATED'),
    ...tasks.map((task): NewEvent => taskEvent(task)),
  ]);
}

async function postpone(
  sql: Sql,
  context: DomainContext,
  refused: { agentId: string | null; taskId: string | null },
  error: BudgetExceededError,
): Promise<HoldOutcome> {
  const [task] = await sql.query<TaskChange>(
    `UPDATE "Task" t SET "notBefore" = now() + make_interval(secs => $2), "errorCode" = $3, "errorMessage" = $4, "errorAt" = now(), version = t.version + 1
     WHERE t.id = $1 AND t.status = 'QUEUED' RETURNING ${TASK_CHANGE_COLUMNS}`,
    [refused.taskId, POSTPONED_SECONDS, error.code, error.message],
  );
  const alerts = await raiseAlert(sql, context.tenantId, {
    rule: 'E1001',
    severity: 'CRITICAL',
    message: error.message,
    agentId: refused.agentId,
  });
  await recordEvents(sql, context.tenantId, context.traceId, [...(task ? [taskEvent(task)] : []), ...alerts]);
  return 'WAITS';
}
