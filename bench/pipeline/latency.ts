import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { DomainContext } from '../../domain/context.ts';
import { recordEvents } from '../../domain/outbox.ts';
import type { TaskChange } from '../../domain/task/cancel-tasks.ts';
import { TASK_CHANGE_COLUMNS, taskEvent } from '../../domain/task/cancel-tasks.ts';
import type { BenchCampaign } from '../campaign.ts';
import { createBenchCampaign, POST_INPUT, planPosts } from '../campaign.ts';
import type { Section } from '../report.ts';
import type { BenchServices } from '../services.ts';
import { percentile } from '../statistics.ts';
import { waitUntil } from '../wait-until.ts';
import { createTenant, newPrefix, openWorld } from '../world.ts';
import { openBound } from './run-bound.ts';
import { startRoles } from './swarm-run.ts';

const PER_SECOND = 50;
const SECONDS = 20;
/** Of the beginning, not counted: connections, prepared statements and the compiler warm up. */
const WARM_UP_SECONDS = 2;

/** Adds one by one at a fixed rate, whether or not the last is done: a slow system does not slow its load down. */
async function openLoop(add: () => Promise<string>, finishedAt: Map<string, number>): Promise<number[]> {
  const total = PER_SECOND * (SECONDS + WARM_UP_SECONDS);
  const addedAt = new Map<string, number>();
  const adding: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let index = 0; index < total; index += 1) {
    const due = startedAt + (index * 1000) / PER_SECOND;
    if (due > performance.now()) await delay(due - performance.now());
    const at = performance.now();
    adding.push(add().then((id) => void addedAt.set(id, at)));
  }
  await Promise.all(adding);
  await waitUntil(() => finishedAt.size >= total, `${total} commits at ${PER_SECOND}/s`, 60_000);
  return [...addedAt].slice(PER_SECOND * WARM_UP_SECONDS).map(([id, at]) => (finishedAt.get(id) ?? Number.NaN) - at);
}

/** A task that becomes due now: the row and its event in one transaction, as whatever queues a task does. */
async function queueTask(context: DomainContext, campaign: BenchCampaign, stateVersion: number): Promise<string> {
  const id = randomUUID();
  await context.db.transaction(async (sql) => {
    const queued = await sql.query<TaskChange>(
      `INSERT INTO "Task" AS t (id, "tenantId", "agentId", "campaignId", type, status, input, "stateVersion", "traceId")
       VALUES ($1, $2, $3, $4, 'GENERATE_POST', 'QUEUED', $5, $6, $7) RETURNING ${TASK_CHANGE_COLUMNS}`,
      [id, context.tenantId, campaign.agentIds[0], campaign.campaignId, POST_INPUT, stateVersion, context.traceId],
    );
    await recordEvents(
      sql,
      context.tenantId,
      context.traceId,
      queued.map((task) => taskEvent(task, 'CREATED')),
    );
  });
  return id;
}

async function measureOurs(services: BenchServices): Promise<number[]> {
  const world = await openWorld({ ...services, prefix: newPrefix() });
  const finishedAt = new Map<string, number>();
  const roles = startRoles(world, { worker: true, judge: true, relay: true }, (taskId) =>
    finishedAt.set(taskId, performance.now()),
  );
  try {
    const context = await createTenant(world);
    const campaign = await createBenchCampaign(context);
    await planPosts(context, campaign, 1);
    await waitUntil(() => finishedAt.size === 1, 'the first task');
    finishedAt.clear();
    const [state] = await context.db.query<{ stateVersion: number }>('SELECT "stateVersion" FROM "Campaign"');
    return await openLoop(() => queueTask(context, campaign, state?.stateVersion ?? 0), finishedAt);
  } finally {
    await roles.stop();
    await world.close();
  }
}

async function measureBound(services: BenchServices): Promise<number[]> {
  const finishedAt = new Map<string, number>();
  const bound = await openBound({ ...services, prefix: newPrefix() }, (id) => finishedAt.set(id, performance.now()));
  const latencies = await openLoop(async () => {
    const id = randomUUID();
    await bound.add([id]);
    return id;
  }, finishedAt);
  await bound.close();
  return latencies;
}

/** From queueing a task (its transaction included) to the commit of its verdict, at 50 tasks/s for 20 s. */
export async function benchLatency(services: BenchServices): Promise<Section[]> {
  const bound = await measureBound(services);
  const ours = await measureOurs(services);
  const section: Section = {
    title: `Latency: queued → verdict committed, open loop at ${PER_SECOND} tasks/s for ${SECONDS} s`,
    figures: [0.5, 0.95, 0.99].map((rank) => ({
      name: `p${rank * 100}`,
      unit: 'ms',
      ours: percentile(ours, rank),
      bound: percentile(bound, rank),
    })),
  };
  return [section];
}
