import { randomUUID } from 'node:crypto';
import { createBenchCampaign, planPosts } from '../campaign.ts';
import type { BenchOptions } from '../options.ts';
import type { Figure, Section } from '../report.ts';
import type { BenchServices } from '../services.ts';
import { waitUntil } from '../wait-until.ts';
import type { WorldAddress } from '../world.ts';
import { createTenant, newPrefix, openWorld } from '../world.ts';
import { startMembers } from './members.ts';
import { openBoundSource } from './run-bound.ts';
import { startRoles } from './swarm-run.ts';

const PROCESSES = [1, 2, 4];
/** Of one process, and over all processes where commits of one campaign shall meet. */
const SLOTS_EACH = 100;
const IN_FLIGHT = 50;

interface Run {
  perSecond: number;
  retried: number;
}

async function runBound(address: WorldAddress, processes: number, tasks: number): Promise<Run> {
  const source = await openBoundSource(address);
  const members = await startMembers(processes, { kind: 'bound', slots: SLOTS_EACH, address });
  try {
    const startedAt = performance.now();
    await source.add(Array.from({ length: tasks }, () => randomUUID()));
    await waitUntil(() => members.committed() >= tasks, `${tasks} commits of the bound`);
    return { perSecond: (tasks * 1000) / (performance.now() - startedAt), retried: 0 };
  } finally {
    await members.stop();
    await source.close();
  }
}

async function runOurs(address: WorldAddress, processes: number, tasks: number, slots: number): Promise<Run> {
  const world = await openWorld(address);
  const relay = startRoles(world, { worker: false, judge: false, relay: true });
  const members = await startMembers(processes, { kind: 'ours', slots, address });
  try {
    const context = await createTenant(world);
    const campaign = await createBenchCampaign(context);
    const startedAt = performance.now();
    await planPosts(context, campaign, tasks);
    await waitUntil(() => members.committed() >= tasks, `${tasks} verdicts`);
    return { perSecond: (tasks * 1000) / (performance.now() - startedAt), retried: members.retried() };
  } finally {
    await members.stop();
    await relay.stop();
    await world.close();
  }
}

/** Worker processes of their own, the relay in this one; and how often commits of one campaign meet. */
export async function benchProcesses(services: BenchServices, options: BenchOptions): Promise<Section[]> {
  const address = () => ({ ...services, prefix: newPrefix() });
  const throughput: Figure[] = [];
  for (const processes of PROCESSES) {
    const bound = await runBound(address(), processes, options.tasks);
    const ours = await runOurs(address(), processes, options.tasks, SLOTS_EACH);
    throughput.push({
      name: `${processes} worker ${processes === 1 ? 'process' : 'processes'}`,
      unit: 'tasks/s',
      ours: ours.perSecond,
      bound: bound.perSecond,
    });
  }
  const conflicts: Figure[] = [];
  for (const processes of PROCESSES) {
    const run = await runOurs(address(), processes, options.tasks, Math.floor(IN_FLIGHT / processes));
    conflicts.push({
      name: `lost races, ${processes} Judge ${processes === 1 ? 'process' : 'processes'}`,
      unit: `in ${options.tasks} commits`,
      ours: run.retried,
      bound: null,
      note: `${run.perSecond.toFixed(0)} tasks/s; each lost race is retried, none is lost`,
    });
  }
  return [
    {
      title: `Scaling out on this machine: ${SLOTS_EACH} slots a process; bound: bare BullMQ likewise`,
      figures: throughput,
    },
    { title: `Optimistic commits: ${IN_FLIGHT} tasks in flight on one campaign`, figures: conflicts },
  ];
}
