import { createBenchCampaign, planPosts } from './campaign.ts';
import type { BenchOptions } from './options.ts';
import { startMembers } from './pipeline/members.ts';
import { startRoles } from './pipeline/swarm-run.ts';
import type { Section } from './report.ts';
import type { BenchServices } from './services.ts';
import { percentile } from './statistics.ts';
import { waitUntil } from './wait-until.ts';
import { createTenant, newPrefix, openWorld } from './world.ts';

/** The default of LEASE_SECONDS: what it promises is measured. */
const LEASE_SECONDS = 30;
const TASKS = 1_000;
const SLOTS_EACH = 50;
const FINAL = `('COMPLETE', 'ESCALATED', 'REJECTED', 'FAILED', 'CANCELLED')`;

/** Milliseconds from kill -9 of one of two workers to the verdict of each task that it had in hand. */
async function killWorker(services: BenchServices): Promise<number[]> {
  const address = { ...services, prefix: newPrefix() };
  const world = await openWorld(address, { leaseSeconds: LEASE_SECONDS });
  const relay = startRoles(world, { worker: false, judge: false, relay: true });
  const order = { kind: 'ours', slots: SLOTS_EACH, address, leaseSeconds: LEASE_SECONDS } as const;
  const [doomed, survivor] = await Promise.all([startMembers(1, order), startMembers(1, order)]);
  try {
    const context = await createTenant(world);
    const campaign = await createBenchCampaign(context);
    await planPosts(context, campaign, TASKS);
    await waitUntil(() => doomed.committed() > TASKS / 10, 'a busy worker');
    doomed.kill(0);
    const killedAt = Date.now();
    const stranded = await context.db.query<{ id: string }>(
      `SELECT id FROM "Task" WHERE status = 'IN_PROGRESS' AND "assignedWorkerId" = $1`,
      [`bench-${doomed.pids[0]}`],
    );
    const ids = stranded.map((row) => row.id);
    const left = async () =>
      (
        await context.db.query(`SELECT 1 FROM "Task" WHERE id = ANY($1::uuid[]) AND status NOT IN ${FINAL} LIMIT 1`, [
          ids,
        ])
      ).length;
    await waitUntil(async () => (await left()) === 0, 'the verdicts of what the dead worker had in hand');
    const judged = await context.db.query<{ judgedAt: Date }>(
      `SELECT max("judgedAt") AS "judgedAt" FROM "Result" WHERE "taskId" = ANY($1::uuid[]) AND "judgedAt" IS NOT NULL GROUP BY "taskId"`,
      [ids],
    );
    return judged.map((row) => row.judgedAt.getTime() - killedAt);
  } finally {
    await Promise.all([doomed.stop(), survivor.stop()]);
    await relay.stop();
    await world.close();
  }
}

/** Seconds from FLUSHALL in the middle of a run until work goes on, and until all is done, beside an undisturbed run. */
async function flush(services: BenchServices, disturbed: boolean): Promise<number> {
  const address = { ...services, prefix: newPrefix() };
  const world = await openWorld(address, { leaseSeconds: LEASE_SECONDS });
  const relay = startRoles(world, { worker: false, judge: false, relay: true });
  const members = await startMembers(1, { kind: 'ours', slots: SLOTS_EACH, address, leaseSeconds: LEASE_SECONDS });
  try {
    const context = await createTenant(world);
    await planPosts(context, await createBenchCampaign(context), TASKS);
    await waitUntil(() => members.committed() > TASKS / 10, 'a busy worker');
    const startedAt = performance.now();
    if (disturbed) await world.redis.flushall();
    await waitUntil(() => members.committed() >= TASKS, 'every verdict');
    return (performance.now() - startedAt) / 1000;
  } finally {
    await members.stop();
    await relay.stop();
    await world.close();
  }
}

/** How long it takes until what a fault stopped goes on, with the default leases. */
export async function benchRecovery(services: BenchServices, options: BenchOptions): Promise<Section[]> {
  const stranded: number[] = [];
  const flushed: number[] = [];
  const undisturbed: number[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    stranded.push(...(await killWorker(services)));
    undisturbed.push(await flush(services, false));
    flushed.push(await flush(services, true));
  }
  return [
    {
      title: `Recovery: LEASE_SECONDS=${LEASE_SECONDS}; bound: the lease`,
      figures: [
        ...[0.5, 0.95].map((rank) => ({
          name: `kill -9 of a worker → verdict of what it had in hand, p${rank * 100}`,
          unit: 's',
          ours: percentile(stranded, rank) / 1000,
          bound: LEASE_SECONDS,
          note: rank === 0.95 ? `goal: ≤ 35 s; ${stranded.length} tasks; shorter leases recover sooner` : undefined,
        })),
        {
          name: `FLUSHALL → the other ${(TASKS * 9) / 10} verdicts`,
          unit: 's',
          ours: Math.max(...flushed),
          bound: Math.max(...undisturbed),
          note: 'the slowest of the rounds; bound: the same without a fault',
        },
      ],
    },
  ];
}
