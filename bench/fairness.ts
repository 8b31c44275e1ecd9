import { recordEvents } from '../domain/outbox.ts';
import type { TaskChange } from '../domain/task/cancel-tasks.ts';
import { TASK_CHANGE_COLUMNS, taskEvent } from '../domain/task/cancel-tasks.ts';
import { newId } from '../platform/ids.ts';
import { reconcile } from '../swarm/relay/reconcile.ts';
import { startRelay } from '../swarm/relay/relay.ts';
import { startSwarm } from '../swarm/swarm.ts';
import type { BenchCampaign } from './campaign.ts';
import { createBenchCampaign, POST_INPUT } from './campaign.ts';
import { outboxEmpty } from './pipeline/run-ours.ts';
import type { Section } from './report.ts';
import type { BenchServices } from './services.ts';
import { median } from './statistics.ts';
import { waitUntil } from './wait-until.ts';
import type { World } from './world.ts';
import { createTenant, newPrefix, openWorld } from './world.ts';

const FLOOD = 10_000;
const SINGLES = 5;
/** The platform's defaults: more slots only mean more work in hand before a task has its turn. */
const WORKER_SLOTS = 16;
const JUDGE_SLOTS = 32;

/** Tasks of one agent that become due now: rows and events in one transaction, as whatever queues tasks does. */
async function queueTasks(
  context: Awaited<ReturnType<typeof createTenant>>,
  campaignId: string,
  agentId: string | undefined,
  count: number,
): Promise<string[]> {
  const ids = Array.from({ length: count }, newId);
  await context.db.transaction(async (sql) => {
    const tasks = await sql.query<TaskChange>(
      `INSERT INTO "Task" AS t (id, "tenantId", "agentId", "campaignId", type, status, input, "stateVersion", "traceId")
       SELECT x.id, $2, $3, c.id, 'GENERATE_POST', 'QUEUED', $5, c."stateVersion", $6 FROM unnest($1::uuid[]) AS x(id), "Campaign" c WHERE c.id = $4
       RETURNING ${TASK_CHANGE_COLUMNS}`,
      [ids, context.tenantId, agentId, campaignId, POST_INPUT, context.traceId],
    );
    await recordEvents(
      sql,
      context.tenantId,
      context.traceId,
      tasks.map((task) => taskEvent(task, 'CREATED')),
    );
  });
  return ids;
}

/** Runs with one flooded agent; the delay is that of another agent's single task, from its queueing to the event of its verdict. */
async function measure(world: World) {
  const finishedAt = new Map<string, number>();
  const { resources, logger, relayDatabase, redis, queues, prefix } = world;
  const settings = { ...resources.settings, workerConcurrency: WORKER_SLOTS, judgeConcurrency: JUDGE_SLOTS };
  const swarm = startSwarm(['worker', 'judge'], { ...resources, settings }, world);
  const relay = startRelay({
    database: relayDatabase,
    queues,
    redis,
    prefix,
    clock: resources.clock,
    logger,
    reconcileSeconds: 30,
    eventRetentionHours: 24,
    mentionsPollSeconds: 86_400,
    trendsPollSeconds: 86_400,
    onEvents(events) {
      for (const { topic, subjectId } of events)
        if (topic === 'confidence') finishedAt.set(subjectId, performance.now());
    },
  });
  const redisMemory = async () => Number(/used_memory:(\d+)/.exec(await world.redis.info('memory'))?.[1]);
  const waiting = async () => (await world.queues.stats()).find(({ name }) => name === 'task')?.waiting ?? 0;
  try {
    const context = await createTenant(world);
    const campaign: BenchCampaign = await createBenchCampaign(context);
    const [flooded, other] = campaign.agentIds;
    async function delaysMs(count = SINGLES): Promise<number[]> {
      const delays: number[] = [];
      for (let round = 0; round < count; round += 1) {
        const queuedAt = performance.now();
        const [id = ''] = await queueTasks(context, campaign.campaignId, other, 1);
        await waitUntil(() => finishedAt.has(id), 'a single task');
        delays.push((finishedAt.get(id) ?? Number.NaN) - queuedAt);
      }
      return delays;
    }
    await delaysMs(); // connections, statements and the compiler warm up
    const alone = await delaysMs();
    const memoryBefore = await redisMemory();
    await queueTasks(context, campaign.campaignId, flooded, FLOOD);
    const [first = Number.NaN] = await delaysMs(1);
    await waitUntil(() => outboxEmpty(world), 'the flood in the queue');
    const beside = await delaysMs();
    const left = await waiting();
    const bytesEach = ((await redisMemory()) - memoryBefore) / left;
    const reconciledAt = performance.now();
    await reconcile(world.relayDatabase, world.queues, world.resources.clock);
    return { alone, first, beside, left, bytesEach, reconcileMs: performance.now() - reconciledAt };
  } finally {
    await swarm.stop();
    await relay.stop();
  }
}

/** One agent's flood and another agent's single tasks. What the flood leaves over is thrown away. */
export async function benchFairness(services: BenchServices): Promise<Section[]> {
  const world = await openWorld({ ...services, prefix: newPrefix() });
  try {
    const run = await measure(world);
    return [
      {
        title: `Fairness: a single task beside ${FLOOD} of another agent; bound: the same task alone`,
        figures: [
          {
            name: 'delay with the flood on its way',
            unit: 'ms',
            ours: run.first,
            bound: median(run.alone),
            note: 'goal: < 2,000 ms',
          },
          {
            name: 'delay with the flood queued',
            unit: 'ms',
            ours: median(run.beside),
            bound: median(run.alone),
            note: 'goal: < 2,000 ms',
          },
          { name: 'of the flood still queued', unit: 'tasks', ours: run.left, bound: null },
          { name: 'Redis for a queued task', unit: 'bytes', ours: run.bytesEach, bound: null },
          {
            name: 'reconciling what is queued',
            unit: 'ms',
            ours: run.reconcileMs,
            bound: null,
            note: 'every RECONCILE_SECONDS',
          },
        ],
      },
    ];
  } finally {
    await world.close();
  }
}
