import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import pg from 'pg';
import { openRedis } from '../platform/redis.ts';
import type { BenchCampaign } from './campaign.ts';
import { createBenchCampaign, POST_INPUT, planPosts } from './campaign.ts';
import type { BenchOptions } from './options.ts';
import { outboxEmpty } from './pipeline/run-ours.ts';
import { startRoles } from './pipeline/swarm-run.ts';
import type { Section } from './report.ts';
import type { BenchServices } from './services.ts';
import { median } from './statistics.ts';
import { waitUntil } from './wait-until.ts';
import type { WorldAddress } from './world.ts';
import { createTenant, newPrefix, openWorld } from './world.ts';

const PLANS = 10;
const TASKS_A_PLAN = 500;
const TASKS = PLANS * TASKS_A_PLAN;

/** Plans of one campaign each, until every task is in its row, its event in the log and its job in the queue. */
async function runOurs(address: WorldAddress): Promise<number> {
  const world = await openWorld(address);
  const roles = startRoles(world, { worker: false, judge: false, relay: true });
  try {
    const context = await createTenant(world);
    const campaigns: BenchCampaign[] = [];
    for (let number = 0; number < PLANS; number += 1) campaigns.push(await createBenchCampaign(context));
    await waitUntil(() => outboxEmpty(world), 'an empty outbox');
    const queued = async (): Promise<number> =>
      (await world.queues.stats()).find((queue) => queue.name === 'task')?.waiting ?? 0;
    const startedAt = performance.now();
    for (const campaign of campaigns) await planPosts(context, campaign, TASKS_A_PLAN);
    await waitUntil(async () => (await queued()) >= TASKS, `${TASKS} queued tasks`);
    return TASKS / ((performance.now() - startedAt) / 1000);
  } finally {
    await roles.stop();
    await world.close();
  }
}

/** The same rows and jobs with nothing around them: one multi-row INSERT and one addBulk a plan. */
async function runBound(address: WorldAddress): Promise<number> {
  const client = new pg.Client({ connectionString: address.databaseUrl });
  await client.connect();
  await client.query('CREATE TABLE IF NOT EXISTS bench_task (id uuid PRIMARY KEY, input jsonb)');
  const connection = openRedis(address.redisUrl, () => {});
  const queue = new Queue('bound', { connection, prefix: `{${address.prefix}}` });
  const startedAt = performance.now();
  for (let plan = 0; plan < PLANS; plan += 1) {
    const ids = Array.from({ length: TASKS_A_PLAN }, () => randomUUID());
    await client.query('INSERT INTO bench_task (id, input) SELECT unnest($1::uuid[]), $2', [ids, POST_INPUT]);
    await queue.addBulk(ids.map((id) => ({ name: 'task', data: { id }, opts: { jobId: `task-${id}` } })));
  }
  const seconds = (performance.now() - startedAt) / 1000;
  await queue.close();
  connection.disconnect();
  await client.end();
  return TASKS / seconds;
}

/** How fast planned tasks are taken in: inserted, logged and queued. */
export async function benchIngestion(services: BenchServices, { rounds }: BenchOptions): Promise<Section[]> {
  const [ours, bound]: number[][] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    bound?.push(await runBound({ ...services, prefix: newPrefix() }));
    ours?.push(await runOurs({ ...services, prefix: newPrefix() }));
  }
  return [
    {
      title: `Ingestion: ${TASKS} tasks in plans of ${TASKS_A_PLAN}, inserted and queued; bound: INSERT + addBulk`,
      figures: [
        {
          name: 'accepted',
          unit: 'tasks/s',
          ours: median(ours ?? []),
          bound: median(bound ?? []),
          note: 'goal: ≥ 1,000',
        },
      ],
    },
  ];
}
