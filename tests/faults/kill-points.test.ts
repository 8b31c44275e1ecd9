import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KillPoint, RoleName } from './harness/kill-points.ts';
import { KILL_POINTS, ROLES } from './harness/kill-points.ts';
import type { Run } from './harness/run.ts';
import { startRun, violated } from './harness/run.ts';

const POSTS = 8;

/** Points of one role one after the other; those of different roles side by side, as restarts take their time. */
const rounds = Array.from({ length: Math.max(...ROLES.map((role) => pointsOf(role).length)) }, (_, round) =>
  ROLES.flatMap((role) => pointsOf(role)[round] ?? []),
);

function pointsOf(role: RoleName): KillPoint[] {
  return KILL_POINTS.filter((point) => point.role === role);
}

describe('roles that are killed at named points', () => {
  let run: Run;
  beforeAll(async () => {
    run = await startRun({ escalatedPercent: 30 });
  }, 180_000);
  afterAll(() => run?.close());

  it.each(rounds.map((points) => ({ points, names: points.map(({ role, name }) => `${role} ${name}`).join(', ') })))(
    'start again and go on: $names',
    async ({ points }) => {
      await Promise.all([...points.map((point) => run.killAt(point, 150_000)), run.load(POSTS)]);
    },
    240_000,
  );

  it('leave every invariant standing', async () => {
    expect(violated(await run.check())).toEqual([]);
    expect(run.reviewer.decided()).toBeGreaterThan(0);
    expect((await run.world.posts()).length).toBeGreaterThan(POSTS * rounds.length);
  }, 240_000);
});
