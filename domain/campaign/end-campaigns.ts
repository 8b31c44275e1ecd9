import type { RelayDatabase } from '../../platform/database.ts';
import { newTraceId } from '../../platform/ids.ts';
import { RELAY_ACTOR } from '../context.ts';
import { countPublications } from './publications.ts';
import { moveCampaign } from './set-campaign-status.ts';

const BATCH = 100;

/** SQL: the end of campaign c was reached. */
const OVER = `c.status IN ('ACTIVE', 'PAUSED') AND c."endsAt" <= now()`;
/** SQL: campaign c has no end, and everything planned is done: no plan is owed, no task is open, something was published. What a stopped agent lost is planned anew later. */
const DONE = `c.status = 'ACTIVE' AND c."endsAt" IS NULL AND c."planDueReason" IS NULL AND c."planRevision" > 0
  AND NOT EXISTS (SELECT 1 FROM "Task" t WHERE t."campaignId" = c.id AND t.status IN ('PENDING', 'QUEUED', 'IN_PROGRESS', 'IN_REVIEW', 'ESCALATED', 'APPLYING'))
  AND EXISTS (SELECT 1 FROM "Task" t WHERE t."campaignId" = c.id AND t.status = 'COMPLETE' AND t.type = 'POST_CONTENT')
  AND NOT EXISTS (SELECT 1 FROM "CampaignAgent" ca JOIN "Agent" a ON a.id = ca."agentId" WHERE ca."campaignId" = c.id AND a.status = 'EMERGENCY_STOPPED')`;

/**
 * Completes campaigns: whose end has come, cancelling what is not finished; and those without an end of which everything
 * planned is done. Each in a transaction of its own, looked at again under its lock. Runs twice: it is COMPLETED by then.
 */
export async function endCampaigns(database: RelayDatabase): Promise<void> {
  const due = await database.query<{ id: string }>(
    `(SELECT c.id FROM "Campaign" c WHERE ${OVER} LIMIT ${BATCH}) UNION ALL (SELECT c.id FROM "Campaign" c WHERE ${DONE} LIMIT ${BATCH})`,
  );
  for (const { id } of due) {
    await database.transaction(async (sql) => {
      await sql.query('SELECT 1 FROM "Campaign" WHERE id = $1 FOR NO KEY UPDATE', [id]);
      const [campaign] = await sql.query<{ tenantId: string; over: boolean; done: boolean; estimatedPosts: number }>(
        `SELECT c."tenantId", coalesce(${OVER}, false) AS over, ${DONE} AS done, c."estimatedPosts" FROM "Campaign" c WHERE id = $1`,
        [id],
      );
      if (!campaign?.over && !campaign?.done) return;
      const { complete } = await countPublications(sql, id);
      const reason = campaign.over
        ? 'The end of the campaign was reached.'
        : `Everything planned is done: ${complete} of ${campaign.estimatedPosts} posts were published.`;
      const context = { tenantId: campaign.tenantId, actor: RELAY_ACTOR, traceId: newTraceId() };
      await moveCampaign(sql, context, { id, status: 'COMPLETED', reason });
    });
  }
}
