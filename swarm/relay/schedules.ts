import type { CampaignRow } from '../../domain/campaign/campaign-row.ts';
import { campaignEvent } from '../../domain/campaign/campaign-row.ts';
import type { ScheduledJob } from '../../domain/jobs.ts';
import { recordEvents } from '../../domain/outbox.ts';
import { cancelTasks } from '../../domain/task/cancel-tasks.ts';
import type { Clock } from '../../platform/clock.ts';
import type { RelayDatabase } from '../../platform/database.ts';
import { newTraceId } from '../../platform/ids.ts';
import type { Queues } from '../queues.ts';

interface PollRow extends Record<string, unknown> {
  id: string;
  tenantId: string;
}

/**
 * What time alone makes due: polls of the agents' resources, and campaigns whose end has come. Each is taken by a
 * compare-and-set on its due time, so that it is due once, whoever looks.
 */
export async function runSchedules(
  database: RelayDatabase,
  queues: Queues,
  options: { clock: Clock; mentionsPollSeconds: number; trendsPollSeconds: number },
): Promise<void> {
  await endCampaigns(database);
  const jobs = [
    ...(await takePolls(database, 'mentionsPollDueAt', options.mentionsPollSeconds)).map((row) =>
      pollJob(row, 'mentions'),
    ),
    ...(await takePolls(database, 'trendsPollDueAt', options.trendsPollSeconds)).map((row) => pollJob(row, 'trends')),
  ];
  if (jobs.length > 0) await queues.schedule(jobs);
}

const pollJob = (agent: PollRow, resource: 'mentions' | 'trends'): ScheduledJob<'poll'> => ({
  name: 'poll',
  jobId: `poll-${resource}-${agent.id}`,
  payload: { tenantId: agent.tenantId, agentId: agent.id, resource, traceId: newTraceId() },
  delayMs: 0,
  priority: 0,
});

/** A poll that dies is made again an interval later: nothing is lost, the outside keeps what it has. */
function takePolls(
  database: RelayDatabase,
  column: 'mentionsPollDueAt' | 'trendsPollDueAt',
  intervalSeconds: number,
): Promise<PollRow[]> {
  return database.query<PollRow>(
    `UPDATE "Agent" a SET "${column}" = now() + make_interval(secs => $1) WHERE a.status = 'ACTIVE' AND a."${column}" <= now()
       AND EXISTS (SELECT 1 FROM "CampaignAgent" ca JOIN "Campaign" c ON c.id = ca."campaignId" WHERE ca."agentId" = a.id AND c.status = 'ACTIVE' AND c."startsAt" <= now())
     RETURNING a.id, a."tenantId"`,
    [intervalSeconds],
  );
}

async function endCampaigns(database: RelayDatabase): Promise<void> {
  const [due] = await database.query<{ id: string }>(
    `SELECT id FROM "Campaign" WHERE status = 'ACTIVE' AND "endsAt" <= now() LIMIT 1`,
  );
  if (!due) return;
  await database.transaction(async (sql) => {
    const ended = await sql.query<CampaignRow>(
      `UPDATE "Campaign" SET status = 'COMPLETED', "statusReason" = 'The end of the campaign was reached.', "stateVersion" = "stateVersion" + 1, version = version + 1, "updatedAt" = now(),
         "planDueReason" = NULL, "planDueAt" = NULL, "planDueNote" = NULL, "planClaimToken" = NULL, "planLeaseExpiresAt" = NULL
       WHERE status = 'ACTIVE' AND "endsAt" <= now() RETURNING *`,
    );
    for (const campaign of ended) {
      const cancelled = await cancelTasks(sql, 't."campaignId" = $1', [campaign.id], {
        code: 'INVALID_STATE',
        message: 'The campaign has ended.',
      });
      await recordEvents(sql, campaign.tenantId, newTraceId(), [campaignEvent(campaign, 'UPDATED'), ...cancelled]);
    }
  });
}
