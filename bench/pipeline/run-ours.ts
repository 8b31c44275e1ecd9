import { createBenchCampaign, planPosts } from '../campaign.ts';
import { waitUntil } from '../wait-until.ts';
import type { WorldAddress } from '../world.ts';
import { createTenant, openWorld } from '../world.ts';
import { startRoles } from './swarm-run.ts';

export interface PipelineRun {
  /** From the plan to the last verdict's commit. */
  seconds: number;
  statements: number;
  escalated: number;
  retried: number;
}

/** Everything moved on: the outbox is empty, so that what a run costs is all in its account. */
export const outboxEmpty = async (world: Awaited<ReturnType<typeof openWorld>>): Promise<boolean> =>
  (await world.relayDatabase.query('SELECT 1 FROM "Outbox" LIMIT 1')).length === 0;

/** Plans `count` posts and waits until each is COMPLETE or ESCALATED; throws when one ends otherwise. */
export async function runOurs(address: WorldAddress, count: number): Promise<PipelineRun> {
  const world = await openWorld(address);
  // By task: a job that BullMQ brings twice is handled twice, and counts once.
  const judged = new Set<string>();
  let endedAt = 0;
  const roles = startRoles(world, { worker: true, judge: true, relay: true }, (taskId) => {
    judged.add(taskId);
    if (judged.size === count) endedAt ||= performance.now();
  });
  try {
    const context = await createTenant(world);
    const campaign = await createBenchCampaign(context);
    await waitUntil(() => outboxEmpty(world), 'an empty outbox');
    const statementsBefore = world.statements();
    const startedAt = performance.now();
    await planPosts(context, campaign, count);
    await waitUntil(() => judged.size >= count, `${count} verdicts`);
    await waitUntil(() => outboxEmpty(world), 'an empty outbox');
    const statements = world.statements() - statementsBefore;
    const ended = await context.db.query<{ status: string; count: number }>(
      'SELECT status, count(*) AS count FROM "Task" GROUP BY status',
    );
    const of = (status: string): number => ended.find((row) => row.status === status)?.count ?? 0;
    if (of('COMPLETE') + of('ESCALATED') !== count) throw new Error(`tasks ended as ${JSON.stringify(ended)}`);
    return {
      seconds: (endedAt - startedAt) / 1000,
      statements,
      escalated: of('ESCALATED'),
      retried: roles.counters?.retried ?? 0,
    };
  } finally {
    await roles.stop();
    await world.close();
  }
}
