import pg from 'pg';
import { BudgetExceededError } from '../domain/errors.ts';
import type { ReservationRequest } from '../domain/money/reserve.ts';
import { reserve } from '../domain/money/reserve.ts';
import type { Database } from '../platform/database.ts';
import { openDatabase, roleUrl } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';
import { createBenchCampaign } from './campaign.ts';
import type { BenchOptions } from './options.ts';
import type { Section } from './report.ts';
import type { BenchServices } from './services.ts';
import { median } from './statistics.ts';
import { createTenant, newPrefix, openWorld } from './world.ts';

/** Five processes with ten connections each: fifty reservations at every moment. */
const PROCESSES = 5;
const CONNECTIONS = 10;
const AT_ONCE = PROCESSES * CONNECTIONS;
const RESERVATIONS = 1_000;
const AMOUNT_MICRO_USD = 20_000;
/** Seven in ten fit, and half a reservation is left. */
const LIMIT_MICRO_USD = 0.7 * RESERVATIONS * AMOUNT_MICRO_USD + AMOUNT_MICRO_USD / 2;
const GROUP = 100;

interface Outcome {
  granted: number;
  refused: number;
  overshootMicroUsd: number;
  perSecond: number;
}

/** Runs `attempt` RESERVATIONS times, AT_ONCE at a time; it says whether the reservation was granted. */
async function race(attempt: (lane: number) => Promise<boolean>): Promise<Omit<Outcome, 'overshootMicroUsd'>> {
  let left = RESERVATIONS;
  let granted = 0;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, lane) => {
      while (left-- > 0) if (await attempt(lane)) granted += 1;
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  return { granted, refused: RESERVATIONS - granted, perSecond: RESERVATIONS / seconds };
}

/** What the Workers do, one by one: the campaign's account and the agent's, day and total, and the line of the ledger. */
async function runOurs(services: BenchServices): Promise<Outcome & { groupedPerSecond: number }> {
  const world = await openWorld({ ...services, prefix: newPrefix() });
  const processes: Database[] = Array.from({ length: PROCESSES }, () =>
    openDatabase({ url: roleUrl(services.databaseUrl, 'chimera_app'), poolSize: CONNECTIONS }),
  );
  try {
    const context = await createTenant(world);
    const { campaignId, agentIds } = await createBenchCampaign(context);
    await world.relayDatabase.query('UPDATE "Campaign" SET "budgetTotalMicroUsd" = $2 WHERE id = $1', [
      campaignId,
      LIMIT_MICRO_USD,
    ]);
    const requestOf = (lane: number): ReservationRequest => ({
      agentId: agentIds[lane % agentIds.length] as string,
      campaignId,
      taskId: null,
      attempt: null,
      category: 'MODEL',
      amountMicroUsd: AMOUNT_MICRO_USD,
    });
    const take = (lane: number, count: number): Promise<boolean> =>
      (processes[lane % PROCESSES] as Database)
        .tenant(context.tenantId)
        .transaction((sql) => {
          const now = new Date();
          const requests = Array.from({ length: count }, () => requestOf(lane));
          return reserve(sql, context.tenantId, requests, now, new Date(now.getTime() + 600_000));
        })
        .then(
          () => true,
          (error: unknown) => {
            if (error instanceof BudgetExceededError) return false;
            throw error;
          },
        );
    const raced = await race((lane) => take(lane, 1));
    const [account] = await world.relayDatabase.query<{ used: number }>(
      `SELECT "spentMicroUsd" + "reservedMicroUsd" AS used FROM "BudgetAccount" WHERE "scopeId" = $1 AND day = '1970-01-01'`,
      [campaignId],
    );
    await world.relayDatabase.query('UPDATE "Campaign" SET "budgetTotalMicroUsd" = NULL WHERE id = $1', [campaignId]);
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: RESERVATIONS / GROUP }, (_, lane) => take(lane, GROUP)));
    return {
      ...raced,
      overshootMicroUsd: Math.max(0, (account?.used ?? 0) - LIMIT_MICRO_USD),
      groupedPerSecond: RESERVATIONS / ((performance.now() - startedAt) / 1000),
    };
  } finally {
    await Promise.all(processes.map((database) => database.close()));
    await world.close();
  }
}

/** The least that keeps a limit: one conditional UPDATE a reservation, its own transaction, as many connections. */
async function runBound(services: BenchServices): Promise<number> {
  const pools = Array.from(
    { length: PROCESSES },
    () => new pg.Pool({ connectionString: services.databaseUrl, max: CONNECTIONS }),
  );
  try {
    await pools[0]?.query(
      'CREATE TABLE IF NOT EXISTS bench_budget (id uuid PRIMARY KEY, spent bigint NOT NULL, "limit" bigint NOT NULL)',
    );
    const id = newId();
    await pools[0]?.query('INSERT INTO bench_budget VALUES ($1, 0, $2)', [id, LIMIT_MICRO_USD]);
    const { perSecond } = await race(async (lane) => {
      const updated = await pools[lane % PROCESSES]?.query({
        name: 'bench_reserve',
        text: 'UPDATE bench_budget SET spent = spent + $2 WHERE id = $1 AND spent + $2 <= "limit"',
        values: [id, AMOUNT_MICRO_USD],
      });
      return updated?.rowCount === 1;
    });
    return perSecond;
  } finally {
    await Promise.all(pools.map((pool) => pool.end()));
  }
}

/** Many reservations at once against one campaign's budget: none beyond it, and how fast. */
export async function benchBudget(services: BenchServices, { rounds }: BenchOptions): Promise<Section[]> {
  const bounds: number[] = [];
  const ours: Awaited<ReturnType<typeof runOurs>>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    bounds.push(await runBound(services));
    ours.push(await runOurs(services));
  }
  const bound = median(bounds);
  const count = (pick: (outcome: Outcome) => number) => median(ours.map(pick));
  return [
    {
      title: `Budget: ${RESERVATIONS} reservations, ${AT_ONCE} at a time over ${PROCESSES} pools, against one campaign's total; bound: UPDATE … WHERE spent + x <= limit`,
      figures: [
        { name: 'granted', unit: 'of 1,000', ours: count(({ granted }) => granted), bound: null, note: '700 fit' },
        { name: 'refused', unit: 'of 1,000', ours: count(({ refused }) => refused), bound: null },
        {
          name: 'overshoot, worst round',
          unit: 'micro-USD',
          ours: Math.max(...ours.map(({ overshootMicroUsd }) => overshootMicroUsd)),
          bound: null,
          note: 'goal: 0',
        },
        {
          name: 'one by one',
          unit: 'reservations/s',
          ours: count(({ perSecond }) => perSecond),
          bound,
          note: 'four accounts and a line of the ledger each',
        },
        {
          name: `in groups of ${GROUP}, as claims do`,
          unit: 'reservations/s',
          ours: median(ours.map(({ groupedPerSecond }) => groupedPerSecond)),
          bound,
        },
      ],
    },
  ];
}
