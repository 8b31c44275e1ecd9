import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { lostCommits, serializationFailures } from './database-faults.ts';
import type { RoleName } from './kill-points.ts';
import { KILL_POINTS, ROLES } from './kill-points.ts';
import type { Run } from './run.ts';

/** A thing that goes wrong. `lastMs`: how long it goes on, where it does; `pick`: 0..1, chooses among its variants. */
export interface Fault {
  name: string;
  inject(run: Run, lastMs: number, pick: number): Promise<void>;
}

const choose = <T>(list: readonly T[], pick: number): T => list[Math.floor(pick * list.length)] as T;

/** kill -9 of all processes of these roles at once; then somebody starts them again. */
async function killAll(run: Run, names: readonly RoleName[]): Promise<void> {
  await Promise.all(run.world.roles.filter(({ role }) => names.includes(role)).map((role) => role.kill()));
  await run.revive(names);
}

const proxiesTo = (run: Run, service: 'postgres' | 'redis' | 'model' | 'sandbox') =>
  run.world.roles.map((role) => role.proxies[service]);

/** Away: connections are refused. Swallowed: they stand, and nothing comes through. */
async function away(
  run: Run,
  services: readonly ('postgres' | 'redis')[],
  lastMs: number,
  swallowed: boolean,
): Promise<void> {
  const proxies = services.flatMap((service) => proxiesTo(run, service));
  if (swallowed) for (const proxy of proxies) proxy.stall();
  else await Promise.all(proxies.map((proxy) => proxy.cut()));
  await delay(lastMs);
  if (swallowed) for (const proxy of proxies) proxy.flow();
  else await Promise.all(proxies.map((proxy) => proxy.restore()));
}

/** Of its own, so that it can be hostile: outside of the drill's pool. */
async function hostile(run: Run, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: run.world.services.postgresUrl });
  client.on('error', () => {});
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Locks what the swarm locks, the other way round: PostgreSQL ends one of the two. */
async function deadlocks(run: Run, lastMs: number): Promise<void> {
  await hostile(run, async (client) => {
    const until = performance.now() + lastMs;
    while (performance.now() < until) {
      try {
        await client.query('BEGIN');
        await client.query(`SELECT 1 FROM "BudgetAccount" FOR UPDATE`);
        await delay(20);
        await client.query(`SELECT 1 FROM "Campaign" WHERE status = 'ACTIVE' FOR UPDATE`);
        await client.query('COMMIT');
      } catch {
        await client.query('ROLLBACK');
      }
      await delay(50);
    }
  });
}

async function exhaustConnections(run: Run, lastMs: number): Promise<void> {
  const limit = (count: number) =>
    Promise.all(
      ['chimera_app', 'chimera_relay'].map((role) =>
        run.world.services.sql(`ALTER ROLE ${role} CONNECTION LIMIT ${count}`),
      ),
    );
  await limit(3);
  await run.world.services.sql(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ('chimera_app', 'chimera_relay')`,
  );
  await delay(lastMs);
  await limit(-1);
}

async function redisOutOfMemory(run: Run, lastMs: number): Promise<void> {
  await run.world.services.redis.config('SET', 'maxmemory', '1');
  await delay(lastMs);
  await run.world.services.redis.config('SET', 'maxmemory', '0');
}

const outside = (kind: string, more: Record<string, unknown> = {}): Fault => ({
  name: `outside: ${kind}`,
  inject: async (run, lastMs) => {
    await run.world.outside({ kind, times: 1_000_000, ...more });
    await delay(lastMs);
    await run.world.outside(null);
  },
});

const model = (kind: 'slow' | 'garbage' | 'overloaded' | 'cut' | 'huge', times: number): Fault => ({
  name: `model: ${kind}`,
  inject: async (run, lastMs) => {
    run.world.model.fault({ kind, times, delayMs: 2_000 });
    await delay(lastMs);
    run.world.model.clear();
  },
});

/** Everything that the random drill mixes; the short drills take from it by name. */
export const FAULTS: readonly Fault[] = [
  ...ROLES.map((role): Fault => ({ name: `kill ${role}`, inject: (run) => killAll(run, [role]) })),
  { name: 'kill everything', inject: (run) => killAll(run, ROLES) },
  { name: 'kill worker, judge and effects', inject: (run) => killAll(run, ['worker', 'judge', 'effects']) },
  {
    name: 'kill at a named point',
    inject: async (run, _lastMs, pick) => {
      const point = choose(KILL_POINTS, pick);
      await Promise.all([run.killAt(point, 15_000), run.load(6)]).catch(async () => {
        run.world.role(point.role).disarm(); // nothing brought it there in time: it dies where it stands
        await killAll(run, [point.role]);
      });
    },
  },
  {
    name: 'redis: restart',
    inject: async ({ world: { services } }, lastMs, pick) => {
      await services.stopRedis(pick < 0.5 ? 'stop' : 'kill');
      await delay(lastMs / 10);
      await services.startRedis();
    },
  },
  { name: 'redis: flushall', inject: async ({ world }) => void (await world.services.redis.flushall()) },
  { name: 'redis: away', inject: (run, lastMs, pick) => away(run, ['redis'], lastMs, pick < 0.5) },
  { name: 'redis: out of memory', inject: (run, lastMs) => redisOutOfMemory(run, lastMs) },
  {
    name: 'postgres: restart',
    inject: async ({ world: { services } }, lastMs, pick) => {
      await services.stopPostgres(pick < 0.5 ? 'stop' : 'kill');
      await delay(lastMs / 10);
      await services.startPostgres();
    },
  },
  { name: 'postgres: away', inject: (run, lastMs, pick) => away(run, ['postgres'], lastMs, pick < 0.5) },
  { name: 'postgres: connections exhausted', inject: (run, lastMs) => exhaustConnections(run, lastMs) },
  { name: 'postgres: serialization failures', inject: (run, lastMs) => serializationFailures(run, lastMs) },
  { name: 'postgres: deadlocks', inject: (run, lastMs) => deadlocks(run, lastMs) },
  { name: 'postgres: answers to COMMIT lost', inject: (run, lastMs) => lostCommits(run, lastMs) },
  {
    name: 'redis and postgres: away',
    inject: (run, lastMs, pick) => away(run, ['postgres', 'redis'], lastMs, pick < 0.5),
  },
  outside('accepted-but-connection-lost'),
  outside('duplicate'),
  outside('rate-limit', { retryAfterSeconds: 2 }),
  outside('down'),
  outside('server-error'),
  outside('slow', { delayMs: 1_500 }),
  model('slow', 1_000),
  model('garbage', 12),
  model('overloaded', 40),
  model('cut', 40),
  model('huge', 3),
  {
    name: 'watchers: connections dropped',
    inject: async ({ watchers }) => {
      for (const watcher of watchers) watcher.drop();
    },
  },
];

export function faultNamed(name: string): Fault {
  const fault = FAULTS.find((candidate) => candidate.name === name);
  if (!fault) throw new Error(`there is no fault "${name}"`);
  return fault;
}
