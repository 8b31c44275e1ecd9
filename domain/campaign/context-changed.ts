import type { Sql } from '../../platform/database.ts';
import type { NewEvent } from '../events.ts';
import { campaignEvent, requestPlan } from './campaign-row.ts';

/**
 * Something new in an agent's world: its active campaigns that still have drafts to start are owed a plan, in the caller's
 * transaction, unless one is owed already or their newest revision is younger than an hour. Returns their events.
 */
export async function contextChanged(sql: Sql, agentId: string, note: string): Promise<NewEvent<'campaign'>[]> {
  const campaigns = await sql.query<{ id: string }>(
    `SELECT c.id FROM "Campaign" c JOIN "CampaignAgent" ca ON ca."campaignId" = c.id
     WHERE ca."agentId" = $1 AND c.status = 'ACTIVE' AND c."planDueReason" IS NULL AND c."planRevision" > 0
       AND NOT EXISTS (SELECT 1 FROM "Plan" p WHERE p."campaignId" = c.id AND p."createdAt" > now() - interval '1 hour')
       AND EXISTS (SELECT 1 FROM "Task" t WHERE t."campaignId" = c.id AND t.status = 'QUEUED' AND t.type = 'GENERATE_POST')
     ORDER BY c.id`,
    [agentId],
  );
  const events: NewEvent<'campaign'>[] = [];
  for (const { id } of campaigns) {
    const campaign = await requestPlan(sql, id, { reason: 'CONTEXT_CHANGED', note: note.slice(0, 1000) });
    if (campaign) events.push(campaignEvent(campaign, 'UPDATED'));
  }
  return events;
}
