import { raiseAlert } from '../alert/raise-alert.ts';
import { moveCampaign } from '../campaign/set-campaign-status.ts';
import type { DomainContext } from '../context.ts';
import type { BudgetExceededError } from '../errors.ts';
import { recordEvents } from '../outbox.ts';

/** E1001: the campaign whose next step no budget covers is paused and an alert says why. Twice is harmless. */
export async function pauseForBudget(
  context: DomainContext,
  campaignId: string | null,
  agentId: string,
  error: BudgetExceededError,
): Promise<void> {
  await context.db.transaction(async (sql) => {
    if (campaignId) {
      const [campaign] = await sql.query<{ status: string }>('SELECT status FROM "Campaign" WHERE id = $1 FOR UPDATE', [
        campaignId,
      ]);
      if (campaign?.status !== 'ACTIVE') return;
      await moveCampaign(sql, context, { id: campaignId, status: 'PAUSED', reason: `E1001: ${error.message}` });
    }
    const alerts = await raiseAlert(sql, context.tenantId, {
      rule: 'E1001',
      severity: 'CRITICAL',
      message: error.message,
      agentId,
      campaignId,
    });
    await recordEvents(sql, context.tenantId, context.traceId, alerts);
  });
}
