import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { createScriptedModel, SURE } from '../support/scripted-model.ts';
import type { TestSwarm } from '../support/swarm.ts';
import { startTestSwarm } from '../support/swarm.ts';
import {
  createTestAgent,
  createTestCampaign,
  expectEventsGapFree,
  expectLedgerConsistent,
  expectPublishedExactlyOnce,
  settleApproving,
} from '../support/swarm-run.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

// A job whose hand-over was lost comes again when its lock has run out.
vi.setConfig({ testTimeout: 60_000 });

const POSTS = 12;

describe('a run whose Redis is lost in the middle', () => {
  let swarm: TestSwarm;
  let proxy: Awaited<ReturnType<typeof startTcpProxy>>;
  beforeAll(async () => {
    const redis = new URL(inject('redisUrl'));
    proxy = await startTcpProxy(Number(redis.port));
    redis.port = String(proxy.port);
    swarm = await startTestSwarm({
      redisUrl: redis.href,
      model: createScriptedModel({ ...SURE }, 1_000),
      reconcileSeconds: 3_600, // what Redis lost is noticed, not waited for
      settings: { leaseSeconds: 2 },
    });
  });
  afterAll(async () => {
    await swarm.stop();
    await proxy.close();
  });

  async function runWith(account: string, disturb: () => Promise<unknown>, when: 'drafting' | 'publishing') {
    const agentId = await createTestAgent(swarm, {
      name: account,
      socialHandles: [{ platform: 'TWITTER', username: account }],
    });
    const campaignId = await createTestCampaign(swarm, agentId, POSTS);
    const { prisma } = swarm.context().db;
    await waitFor(
      () =>
        when === 'drafting'
          ? prisma.result.count({ where: { task: { campaignId } } })
          : prisma.post.count({ where: { agentId } }),
      { intervalMs: 1 },
    );
    await disturb();
    await settleApproving(swarm, campaignId, 40_000);
    expect((await swarm.posts()).filter((post) => post.account === account)).toHaveLength(POSTS);
    await expectPublishedExactlyOnce(swarm);
  }

  /** Everything under this swarm's prefix at once, as FLUSHALL would, without touching the other test files' keys. */
  async function flush(): Promise<void> {
    const script = `for _, pattern in ipairs(ARGV) do for _, key in ipairs(redis.call('KEYS', pattern)) do redis.call('DEL', key) end end`;
    await swarm.redis.eval(script, 0, `${swarm.prefix}*`, `{${swarm.prefix}-*`);
  }
  async function cutConnections(): Promise<void> {
    await proxy.cut();
    await proxy.restore();
  }

  it.each(['drafting', 'publishing'] as const)('flushed while it is %s: everything completes, nothing twice', (when) =>
    runWith(`flushed${when}`, flush, when),
  );

  it('every connection cut: everything completes, nothing twice', () => runWith('cut', cutConnections, 'publishing'));

  it('the swarm halted and resumed: everything completes, nothing twice', () =>
    runWith(
      'halted',
      async () => {
        await swarm.halt();
        swarm.resume();
      },
      'drafting',
    ));

  it('leaves events without a gap and a ledger that adds up', async () => {
    await expectEventsGapFree(swarm);
    expect(await expectLedgerConsistent(swarm)).toBeGreaterThan(0);
  });
});
