import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from './harness/run.ts';
import { startRun, violated } from './harness/run.ts';

const POSTS = 6;
/** Longer than the breaker stays open twice. */
const STUCK_AFTER_MS = 120_000;

/**
 * What the outside does to each account, all at once; those that need a look-up are settled together, as certainty takes its
 * time. So few outages that the breaker, which stays open for half a minute, opens a second time at most.
 */
const OUTSIDE = [
  { kind: 'accepted-but-connection-lost', times: 2 },
  { kind: 'duplicate', times: 2 },
  { kind: 'rate-limit', times: 4, retryAfterSeconds: 2 },
  { kind: 'down', times: 2 },
  { kind: 'server-error', times: 2 },
  { kind: 'slow', times: 3, delayMs: 1_000 },
] as const;
const MODEL = ['slow', 'garbage', 'overloaded', 'cut', 'huge'] as const;

describe('a run whose outside fails', () => {
  let run: Run;
  beforeAll(async () => {
    run = await startRun({ agentsATenant: OUTSIDE.length / 2 });
  }, 180_000);
  afterAll(() => run?.close());

  it('publishes every approved payload exactly once whatever the platform does to each account', async () => {
    const accounts = run.agents.map(({ handle }, index) => ({ handle, fault: OUTSIDE[index] }));
    for (const { handle, fault } of accounts)
      await run.world.outside({ ...fault, match: { path: '/2/tweets', account: handle } });
    await Promise.all(run.agents.map(({ tenant, id }) => tenant.createCampaign([id], POSTS)));
    expect(violated(await run.check(STUCK_AFTER_MS))).toEqual([]);
    const posts = await run.world.posts();
    for (const { handle, fault } of accounts)
      expect(posts.filter((post) => post.account === handle).length, fault?.kind).toBeGreaterThanOrEqual(POSTS);
  }, 400_000);

  it('loses no picture and makes none twice when every answer is lost', async () => {
    const [agent] = run.agents;
    if (!agent) throw new Error('there is no agent');
    for (const path of ['/ideogram/', '/2/media/upload', '/2/tweets'])
      await run.world.outside({ kind: 'accepted-but-connection-lost', times: 2, match: { path } });
    await agent.tenant.createCampaign([agent.id], 5, { goals: 'Publish 5 posts with pictures about handwoven cotton' });
    expect(violated(await run.check(STUCK_AFTER_MS))).toEqual([]);
    expect((await run.world.posts()).filter((post) => post.mediaUrls.length > 0)).toHaveLength(1);
  }, 400_000);

  it('goes on whatever the model does', async () => {
    for (const kind of MODEL) run.world.model.fault({ kind, times: 3, delayMs: 2_000 });
    await run.load(6);
    expect(violated(await run.check(STUCK_AFTER_MS))).toEqual([]);
  }, 400_000);
});
