import { randomUUID } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import pg from 'pg';
import { openBlockingRedis, openRedis } from '../../platform/redis.ts';
import { waitUntil } from '../wait-until.ts';
import type { WorldAddress } from '../world.ts';
import { SLOTS } from '../world.ts';

const TABLE = 'CREATE TABLE IF NOT EXISTS bench_bound (id uuid PRIMARY KEY, version int NOT NULL, output jsonb)';
const OUTPUT = JSON.stringify({
  text: 'A weaver in Shiro Meda finished a handwoven netela.',
  hashtags: ['#handwoven'],
});

const fail = (error: Error) => {
  throw error;
};

const KEEP = { removeOnComplete: true, removeOnFail: true };
const bullPrefix = (address: WorldAddress) => `{${address.prefix}}`;

/** The bound's work: a job of the first queue adds one to the second, which commits optimistically: SELECT version, UPDATE … WHERE version. */
export async function consumeBound(address: WorldAddress, onCommit: (id: string) => void, slots: number = SLOTS) {
  const pool = new pg.Pool({ connectionString: address.databaseUrl, max: 10 });
  const prefix = bullPrefix(address);
  const connection = openRedis(address.redisUrl, fail);
  const blocking = [1, 2].map(() => openBlockingRedis(address.redisUrl, fail));
  const second = new Queue<{ id: string }>('bound-2', { connection, prefix });
  let statements = 0;
  const options = (at: number) => ({
    connection: blocking[at] ?? connection,
    prefix,
    concurrency: slots,
    skipVersionCheck: true,
  });
  const workers = [
    new Worker<{ id: string }>('bound-1', async ({ data }) => void (await second.add('judge', data, KEEP)), options(0)),
    new Worker<{ id: string }>(
      'bound-2',
      async ({ data }) => {
        statements += 2;
        const { rows } = await pool.query<{ version: number }>({
          name: 'select',
          text: 'SELECT version FROM bench_bound WHERE id = $1',
          values: [data.id],
        });
        await pool.query({
          name: 'update',
          text: 'UPDATE bench_bound SET version = version + 1, output = $3 WHERE id = $1 AND version = $2',
          values: [data.id, rows[0]?.version, OUTPUT],
        });
        onCommit(data.id);
      },
      options(1),
    ),
  ];
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  return {
    statements: () => statements,
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
      await second.close();
      for (const redis of [connection, ...blocking]) redis.disconnect();
      await pool.end();
    },
  };
}

/** The sending side of the bound: rows and jobs. */
export async function openBoundSource(address: WorldAddress) {
  const pool = new pg.Pool({ connectionString: address.databaseUrl, max: 10 });
  await pool.query(TABLE);
  const connection = openRedis(address.redisUrl, fail);
  const first = new Queue<{ id: string }>('bound-1', { connection, prefix: bullPrefix(address) });
  let statements = 0;
  return {
    statements: () => statements,
    async add(ids: readonly string[]): Promise<void> {
      statements += 1;
      await pool.query('INSERT INTO bench_bound (id, version) SELECT unnest($1::uuid[]), 1', [ids]);
      for (let from = 0; from < ids.length; from += 500)
        await first.addBulk(ids.slice(from, from + 500).map((id) => ({ name: 'task', data: { id }, opts: KEEP })));
    },
    async close() {
      await first.close();
      connection.disconnect();
      await pool.end();
    },
  };
}

/**
 * What the pipeline is measured against: BullMQ with two queues and nothing else, in this process. Same PostgreSQL, same
 * Redis, same slots.
 */
export async function openBound(address: WorldAddress, onCommit: (id: string) => void) {
  const source = await openBoundSource(address);
  const consumer = await consumeBound(address, onCommit);
  return {
    statements: () => source.statements() + consumer.statements(),
    add: source.add,
    async close() {
      await consumer.close();
      await source.close();
    },
  };
}

/** Seconds from the first insert to the last commit of `count` jobs, and the statements sent. */
export async function runBound(address: WorldAddress, count: number): Promise<{ seconds: number; statements: number }> {
  let committed = 0;
  let endedAt = 0;
  const bound = await openBound(address, () => {
    committed += 1;
    if (committed === count) endedAt = performance.now();
  });
  const startedAt = performance.now();
  await bound.add(Array.from({ length: count }, () => randomUUID()));
  await waitUntil(() => committed >= count, `${count} commits of the bound`);
  const statements = bound.statements();
  await bound.close();
  return { seconds: (endedAt - startedAt) / 1000, statements };
}
