import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { ScheduledJob } from '../../../domain/jobs.ts';
import { createLogger } from '../../../platform/logger.ts';
import type { Queues } from '../../../swarm/queues.ts';
import { consume, openQueues } from '../../../swarm/queues.ts';
import { fairQueues } from '../../../swarm/relay/fair-queues.ts';
import { createTestRedis } from '../../support/redis.ts';
import { waitFor } from '../../support/wait-for.ts';

const logger = createLogger({ level: 'silent', name: 'test' });
const TENANT = randomUUID();
const [FLOOD, SINGLE] = [randomUUID(), randomUUID()];
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function open(shards = 1) {
  const { url: redisUrl, prefix } = createTestRedis();
  const address = { redisUrl, prefix, shards };
  const queues: Queues = openQueues({ ...address, onError: () => {} });
  closers.push(queues.close);
  const fair = fairQueues(queues);
  /** Runs `count` jobs one by one; whose they were, in order. */
  async function run(count: number): Promise<string[]> {
    const ran: string[] = [];
    const consumer = consume('judge', async (job) => void ran.push(job.taskId), { ...address, logger, concurrency: 1 });
    closers.push(consumer.close);
    await waitFor(() => ran.length >= count);
    return ran;
  }
  return { queues, fair, run };
}

let serial = 0;
const jobs = (flow: string, count: number, more: Partial<ScheduledJob<'judge'>> = {}): ScheduledJob[] =>
  Array.from({ length: count }, () => {
    serial += 1;
    const payload = { tenantId: TENANT, taskId: flow, traceId: 'trace' };
    return { name: 'judge', jobId: `judge-${serial}`, payload, flow, delayMs: 0, priority: 0, ...more };
  });
const waiting = async (queues: Queues) => (await queues.stats()).find(({ name }) => name === 'judge');

describe('queues in turns', () => {
  test('a flood that came first does not hold up another agent’s job', async () => {
    const { fair, run } = open();
    await fair.schedule(jobs(FLOOD, 1_200));
    await fair.schedule(jobs(SINGLE, 1));
    expect((await run(10)).indexOf(SINGLE)).toBeLessThan(4);
  });

  test('a flood that was delayed takes its turns when its time has come, not before what waits', async () => {
    const { queues, fair, run } = open();
    await fair.schedule(jobs(FLOOD, 300, { delayMs: 60_000 }));
    const now = Date.now();
    await fair.schedule(jobs(SINGLE, 3));
    await fair.takeTurns(now);
    expect(await queues.all[2]?.delayedBetween(now, now + 59_000)).toEqual([]);
    const soon = jobs(FLOOD, 300, { delayMs: 1_600 });
    await fair.schedule(soon);
    await fair.takeTurns(Date.now() + 1_000);
    await waitFor(async () => ((await waiting(queues))?.waiting ?? 0) > 0);
    expect((await run(303)).slice(0, 12).filter((flow) => flow === SINGLE)).toHaveLength(3);
  });

  test('tells what is missing: neither what waits for its turn nor what waits for its time', async () => {
    const { queues, fair } = open();
    const [there, later, gone] = [jobs(FLOOD, 3), jobs(FLOOD, 2, { delayMs: 60_000 }), jobs(FLOOD, 4)];
    await fair.schedule([...there, ...later]);
    expect(await queues.missing([...there, ...gone, ...later])).toEqual(gone);
  });

  test('lowers the numbers of what waits and keeps its order', async () => {
    const { queues, run } = open();
    const [last, first, second] = [randomUUID(), randomUUID(), randomUUID()];
    const numbered = [
      ...jobs(last, 1, { priority: 700_003 }),
      ...jobs(first, 1, { priority: 700_001 }),
      ...jobs(second, 1, { priority: 700_002 }),
    ];
    await queues.schedule(numbered);
    const queue = queues.queueOf(numbered[0] as ScheduledJob);
    expect(await queue.head()).toBe(700_001);
    await queue.lowerPriorities(700_000);
    expect(await queue.head()).toBe(1);
    expect(await run(3)).toEqual([first, second, last]);
  });

  test('spreads the agents over the shards of a queue, and everything is run', async () => {
    const { queues, fair, run } = open(3);
    const flows = Array.from({ length: 30 }, () => randomUUID());
    const all = flows.flatMap((flow) => jobs(flow, 2));
    expect(new Set(all.map(queues.queueOf)).size).toBe(3);
    for (const flow of flows) expect(new Set(jobs(flow, 5).map(queues.queueOf)).size).toBe(1);
    await fair.schedule(all);
    expect(await waiting(queues)).toMatchObject({ waiting: 60 });
    expect((await run(60)).toSorted()).toEqual(flows.flatMap((flow) => [flow, flow]).toSorted());
  });
});
