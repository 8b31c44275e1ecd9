import pg from 'pg';
import { openRedis } from '../../platform/redis.ts';
import { readUsage, usedBetween } from '../cost.ts';
import type { BenchOptions } from '../options.ts';
import type { Section } from '../report.ts';
import type { BenchServices } from '../services.ts';
import { median } from '../statistics.ts';
import { newPrefix } from '../world.ts';
import { runBound } from './run-bound.ts';
import { runOurs } from './run-ours.ts';

const WARM_UP_TASKS = 300;

/** A database in service has statistics; autovacuum would gather them a few seconds later. */
async function analyze(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('ANALYZE');
  await client.end();
}

/** Bound and platform in turn, so that both meet the same moods of the machine. */
export async function benchPipeline(services: BenchServices, options: BenchOptions): Promise<Section[]> {
  const { tasks, rounds } = options;
  const redis = openRedis(services.redisUrl, () => {});
  const measured = async <R extends { seconds: number; statements: number }>(run: () => Promise<R>) => {
    const before = await readUsage(services, redis);
    const result = await run();
    const used = usedBetween(before, await readUsage(services, redis), tasks);
    return { ...result, ...used, perSecond: tasks / result.seconds, statementsEach: result.statements / tasks };
  };
  const address = () => ({ ...services, prefix: newPrefix() });
  await runBound(address(), WARM_UP_TASKS);
  await runOurs(address(), WARM_UP_TASKS);
  await analyze(services.databaseUrl);
  const bounds: Awaited<ReturnType<typeof measured>>[] = [];
  const ours: Awaited<ReturnType<typeof measured<Awaited<ReturnType<typeof runOurs>>>>>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    bounds.push(await measured(() => runBound(address(), tasks)));
    ours.push(await measured(() => runOurs(address(), tasks)));
  }
  const figure = (name: string, unit: string, key: keyof (typeof bounds)[number], note?: string) => ({
    name,
    unit,
    ours: median(ours.map((run) => run[key])),
    bound: median(bounds.map((run) => run[key])),
    note,
  });
  const escalated = (100 * median(ours.map((run) => run.escalated))) / tasks;
  const rss = process.memoryUsage().rss / 1e6;
  redis.disconnect();
  return [
    {
      title: `Pipeline: ${tasks} posts, plan → worker → judge → commit, ${escalated.toFixed(0)} % to a person; bound: bare BullMQ`,
      figures: [
        figure('throughput', 'tasks/s', 'perSecond', 'goal: ratio ≥ 0.3'),
        figure('SQL statements', 'a task', 'statementsEach'),
        figure('Redis commands', 'a task', 'redisCommands', 'those inside scripts included'),
        figure('CPU of Node', 'ms a task', 'nodeCpuMs'),
        figure('CPU of PostgreSQL', 'ms a task', 'postgresCpuMs'),
        figure('CPU of Redis', 'ms a task', 'redisCpuMs'),
        { name: 'lost commit races', unit: 'a run', ours: median(ours.map((run) => run.retried)), bound: null },
        { name: 'memory of the process', unit: 'MB', ours: rss, bound: null },
      ],
    },
  ];
}
