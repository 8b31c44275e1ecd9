import { endCampaigns } from '../../domain/campaign/end-campaigns.ts';
import type { ScheduledJob } from '../../domain/jobs.ts';
import { effectJob } from '../../domain/jobs.ts';
import { expireReviewClaims, noticeReviews } from '../../domain/review/review-schedules.ts';
import type { Clock } from '../../platform/clock.ts';
import type { RelayDatabase } from '../../platform/database.ts';
import { newTraceId } from '../../platform/ids.ts';
import { reviewBudgetHolds } from '../governor/review-budget-holds.ts';
import type { Queues } from '../queues.ts';
import { expireLeases } from './expire-leases.ts';

interface PollRow extends Record<string, unknown> {
  id: string;
  tenantId: string;
}

/**
 * What time alone makes due: leases of Workers that went silent, campaigns whose end has come or whose wait for money is over,
 * notices of reviews that wait, claims of reviews that expire, polls of the agents' resources, effects whose time has come.
 * Each is taken by a compare-and-set on its due time, so that it is due once, whoever looks. One that fails does not keep the
 * others from running and is tried again with the next look; throws an AggregateError when all have had their turn.
 */
export async function runSchedules(
  database: RelayDatabase,
  queues: Queues,
  options: { clock: Clock; mentionsPollSeconds: number; trendsPollSeconds: number },
): Promise<void> {
  const enqueue = async (jobs: ScheduledJob[]) => {
    if (jobs.length > 0) await queues.schedule(jobs);
  };
  const poll = async (resource: 'mentions' | 'trends', intervalSeconds: number) =>
    enqueue((await takePolls(database, `${resource}PollDueAt`, intervalSeconds)).map((row) => pollJob(row, resource)));
  const schedules: Record<string, () => Promise<unknown>> = {
    'expired leases': () => expireLeases(database),
    'ended campaigns': () => endCampaigns(database),
    'budget holds': () => reviewBudgetHolds(database, options.clock),
    'review notices': () => noticeReviews(database),
    'review claims': () => expireReviewClaims(database),
    'polls of mentions': () => poll('mentions', options.mentionsPollSeconds),
    'polls of trends': () => poll('trends', options.trendsPollSeconds),
    'due effects': async () => enqueue(await readDueEffects(database)),
  };
  const failures: Error[] = [];
  for (const [name, run] of Object.entries(schedules))
    await run().catch((error: unknown) => failures.push(new Error(`${name}: ${String(error)}`, { cause: error })));
  if (failures.length > 0) throw new AggregateError(failures, failures.map((failure) => failure.message).join('; '));
}

const pollJob = (agent: PollRow, resource: 'mentions' | 'trends'): ScheduledJob<'poll'> => ({
  name: 'poll',
  jobId: `poll-${resource}-${agent.id}`,
  payload: { tenantId: agent.tenantId, agentId: agent.id, resource, traceId: newTraceId() },
  delayMs: 0,
  priority: 0,
});

/** How far back an effect counts as just due: a few looks. What is older is the reconciler's. */
const DUE_WINDOW_SECONDS = 3;

/** Effects whose time has just come: a delayed job that Redis lost is made up for within a second. Job ids are stable, so what is queued is left alone. */
async function readDueEffects(database: RelayDatabase): Promise<ScheduledJob[]> {
  const due = await database.query<Parameters<typeof effectJob>[0] & Record<string, unknown>>(
    `SELECT e.id, e."tenantId", e."agentId", e.attempt, t."traceId", NULL AS "notBefore" FROM "Effect" e JOIN "Task" t ON t.id = e."taskId"
     WHERE e.status = 'PENDING' AND t.status = 'APPLYING' AND e."notBefore" BETWEEN now() - make_interval(secs => $1) AND now() ORDER BY e."notBefore" LIMIT 1000`,
    [DUE_WINDOW_SECONDS],
  );
  return due.map((effect) => effectJob(effect, 0));
}

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
