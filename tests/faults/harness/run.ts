import { waitFor } from '../../support/wait-for.ts';
import type { Checked } from './invariants/check-invariants.ts';
import { checkInvariants } from './invariants/check-invariants.ts';
import type { KillPoint, RoleName } from './kill-points.ts';
import type { Reviewer } from './reviewer.ts';
import { startReviewer } from './reviewer.ts';
import type { Role } from './role.ts';
import { expireReservations, letTimePass, settle } from './settle.ts';
import type { Tenant } from './tenant.ts';
import type { Watcher } from './watcher.ts';
import { caughtUp, startWatcher } from './watcher.ts';
import type { World, WorldOptions } from './world.ts';
import { startWorld } from './world.ts';

export interface RunOptions extends WorldOptions {
  agentsATenant?: number;
  /** So many of a hundred drafts go to a person. */
  escalatedPercent?: number;
  /** What the dead have left may be taken over at once, as if their leases had run out; otherwise in its time. */
  hurry?: boolean;
}

const START_TRIES = 60;

/** A world with agents, people who decide and clients who watch: what a drill is done to. */
export interface Run {
  world: World;
  /** May be stopped, and another take its place. */
  reviewer: Reviewer;
  watchers: Watcher[];
  agents: { tenant: Tenant; id: string; handle: string }[];
  /** A campaign of every tenant for all of its agents, of so many posts. */
  load(posts: number): Promise<void>;
  /** Kills the role at the point, and starts it again. */
  killAt(point: KillPoint, withinMs?: number): Promise<void>;
  /** Starts the processes of these roles that do not run, as a supervisor would: until they do. */
  revive(names: readonly RoleName[]): Promise<void>;
  /** Waits until everything has settled and checks every invariant. */
  check(stuckAfterMs?: number): Promise<Checked[]>;
  close(): Promise<void>;
}

export async function startRun(options: RunOptions = {}): Promise<Run> {
  const { agentsATenant = 2, escalatedPercent = 10, hurry = true } = options;
  const world = await startWorld(options);
  world.model.options.escalatedPercent = escalatedPercent;
  const agents: Run['agents'] = [];
  for (const tenant of world.tenants) {
    for (let index = 1; index <= agentsATenant; index += 1) {
      const handle = `${tenant.name}${index}`;
      agents.push({ tenant, handle, id: await tenant.createAgent(handle) });
    }
  }
  const watchers = await Promise.all(
    world.tenants.flatMap((tenant) => [startWatcher(world, tenant, 'tasks'), startWatcher(world, tenant, 'campaigns')]),
  );
  async function revive(names: readonly RoleName[]): Promise<void> {
    const dead = world.roles.filter((role) => names.includes(role.role) && !role.running());
    if (hurry) for (const name of new Set(dead.map(({ role }) => role))) await letTimePass(world, name);
    await Promise.all(dead.map(startStubbornly));
  }
  const run: Run = {
    world,
    reviewer: startReviewer(world),
    watchers,
    agents,
    async load(posts) {
      await Promise.all(
        world.tenants.map((tenant) =>
          tenant.createCampaign(
            agents.filter((agent) => agent.tenant === tenant).map(({ id }) => id),
            posts,
          ),
        ),
      );
    },
    async killAt(point, withinMs = 30_000) {
      const role = world.role(point.role);
      let dead = false;
      void role.killAt(point).then(() => {
        dead = true;
      });
      await waitFor(() => dead, { timeoutMs: withinMs, message: `${point.role} ${point.name}` });
      await revive([point.role]);
    },
    revive,
    async check(stuckAfterMs) {
      const stuck = await settle(world, { stuckAfterMs }).then(
        () => [],
        (error: unknown) => [String(error)],
      );
      await expireReservations(world);
      await waitFor(() => caughtUp(world.services, watchers), { timeoutMs: 20_000 }).catch(() => {}); // the invariant says what is missing
      return [{ name: 'everything settles', violations: stuck }, ...(await checkInvariants(world, watchers))];
    },
    async close() {
      await run.reviewer.stop();
      for (const watcher of watchers) watcher.close();
      await world.close();
    },
  };
  return run;
}

/** A role ends by itself when it finds no database at its start. */
async function startStubbornly(role: Role): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await role.start();
    } catch (error) {
      if (tries === START_TRIES) throw error;
    }
  }
}

/** Those that do not hold, for a test to compare with none. */
export const violated = (checked: readonly Checked[]): Checked[] =>
  checked.filter(({ violations }) => violations.length > 0);
