import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { waitFor } from '../../support/wait-for.ts';
import { FAULTS, faultNamed } from '../harness/faults.ts';
import { floodAgents, floodReviews, floodTasks } from '../harness/floods.ts';
import { ROLES } from '../harness/kill-points.ts';
import type { Run } from '../harness/run.ts';
import { startRun } from '../harness/run.ts';
import { inFlight, recoveryMs } from './recovery.ts';
import type { Happened } from './report.ts';
import { renderReport } from './report.ts';
import type { Scheduled } from './schedule.ts';
import { planDrill } from './schedule.ts';

const USAGE = `Usage: npm run drill -- [--minutes 10] [--seed N]

Breaks a whole installation on purpose while it works, and checks that every promise held. Ends with 1 when one did not.
  --minutes <n>    how long faults are injected (10); from 5 on with full outages and floods
  --seed <n>       decides what happens when (random)
DRILL_KEEP=1 keeps the directory with logs and data.`;

const FULL = { agents: 1_000, tasks: 20_000, reviews: 10_000 };
/** Without progress for so long, something is stuck: the longest lease is 150 s. */
const STUCK_AFTER_MS = 240_000;
const LOAD_POSTS = 10;
const LOAD_BELOW = 200;

const started = performance.now();
const say = (line: string) =>
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(7)} s  ${line}`);

/** Campaigns are created as fast as they are worked off, so that every fault meets work. */
async function keepLoading(run: Run, until: () => boolean): Promise<void> {
  while (!until()) {
    const [open] = await run.world.services
      .sql<{ n: number }>(
        `SELECT count(*)::int AS n FROM "Task" WHERE status IN ('PENDING', 'QUEUED', 'IN_PROGRESS', 'IN_REVIEW', 'APPLYING')`,
      )
      .catch(() => []);
    if (open && open.n < LOAD_BELOW) await run.load(LOAD_POSTS).catch(() => {});
    await delay(500);
  }
}

async function runLane(
  run: Run,
  lane: readonly Scheduled[],
  { beganAt, endsAt }: { beganAt: number; endsAt: number },
  happened: Happened[],
): Promise<void> {
  const recoveries: Promise<void>[] = [];
  for (const [index, { atMs, fault, lastMs, pick }] of lane.entries()) {
    if (performance.now() > endsAt) {
      say(`${lane.length - index} faults are left out: restarts take long here`);
      break;
    }
    await delay(Math.max(0, beganAt + atMs - performance.now()));
    const touched = await inFlight(run.world.services);
    const event: Happened = { fault, touched: touched.length, recoveryMs: null, failed: null };
    happened.push(event);
    say(`${fault}${lastMs > 0 ? ` for ${(lastMs / 1000).toFixed(1)} s` : ''}: ${touched.length} tasks in flight`);
    try {
      await faultNamed(fault).inject(run, lastMs, pick);
    } catch (error) {
      event.failed = error instanceof Error ? error.message : String(error);
      say(`${fault}: could not be injected: ${event.failed}`);
    }
    if (touched.length === 0) continue;
    recoveries.push(
      recoveryMs(run.world.services, touched).then((ms) => {
        event.recoveryMs = ms;
        say(`${fault}: ${ms === null ? 'never recovered' : `recovered in ${(ms / 1000).toFixed(1)} s`}`);
      }),
    );
  }
  await Promise.all(recoveries);
}

async function flood(run: Run, share: number): Promise<void> {
  const count = (name: keyof typeof FULL) => Math.ceil(FULL[name] * share);
  say(`flood: ${count('agents')} agents, ${count('tasks')} tasks, ${count('reviews')} reviews`);
  await floodAgents(run, count('agents'));
  await floodTasks(run, count('tasks'));
  const [agent] = run.agents;
  if (agent) await floodReviews(run, agent, count('reviews'));
}

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' }, help: { type: 'boolean' } },
});
const { minutes, seed, help } = z
  .object({
    minutes: z.coerce.number().min(0.1).max(600).default(10),
    seed: z.coerce.number().int().optional(),
    help: z.boolean().default(false),
  })
  .transform((options) => ({ ...options, seed: options.seed ?? Date.now() % 1_000_000 }))
  .parse(values);

if (help) console.log(USAGE);
else {
  const lanes = planDrill(seed, minutes);
  say(`seed ${seed}, ${minutes} minutes: ${Object.values(lanes).flat().length} faults of ${FAULTS.length} kinds`);
  const run = await startRun({
    hurry: false,
    agentsATenant: 4,
    leaseSeconds: 5,
    reconcileSeconds: 5,
    more: ['worker'],
  });
  const happened: Happened[] = [];
  let ended = false;
  try {
    const loading = keepLoading(run, () => ended);
    await waitFor(async () => (await inFlight(run.world.services)).length > 0, { timeoutMs: 120_000, message: 'work' });
    const beganAt = performance.now();
    const share = minutes >= 5 ? 1 : minutes / 100;
    const flooding = delay((minutes * 60_000) / 3)
      .then(() => flood(run, share))
      .catch((error: unknown) => say(`flood: ${String(error)}`));
    await Promise.all([
      ...Object.values(lanes).map((lane) =>
        runLane(run, lane, { beganAt, endsAt: beganAt + minutes * 60_000 }, happened),
      ),
      flooding,
      delay(minutes * 60_000),
    ]);
    ended = true;
    await loading;
    await run.revive(ROLES);
    say('no more faults; waiting until everything has settled');
    const checked = await run.check(STUCK_AFTER_MS);
    console.log(await renderReport(run, happened, checked));
    const violated = checked.filter(({ violations }) => violations.length > 0).length;
    console.log(
      `\n${violated === 0 ? 'Every promise held.' : `${violated} violated.`} Again: npm run drill -- --minutes ${minutes} --seed ${seed}`,
    );
    process.exitCode = violated === 0 ? 0 : 1;
  } finally {
    ended = true;
    await run.close();
  }
}
