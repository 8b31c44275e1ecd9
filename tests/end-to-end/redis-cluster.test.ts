import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventChannel } from '../../domain/events.ts';
import { openBlockingRedis } from '../../platform/redis.ts';
import { startRedisCluster } from '../support/redis-cluster.ts';
import { createScriptedModel, SURE } from '../support/scripted-model.ts';
import type { TestSwarm } from '../support/swarm.ts';
import { startTestSwarm } from '../support/swarm.ts';
import {
  createTestAgent,
  createTestCampaign,
  expectEventsGapFree,
  expectPublishedExactlyOnce,
  settleApproving,
} from '../support/swarm-run.ts';
import { waitFor } from '../support/wait-for.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const POSTS = 8;

describe('on a Redis Cluster of three nodes', () => {
  let cluster: Awaited<ReturnType<typeof startRedisCluster>>;
  let swarm: TestSwarm;
  beforeAll(async () => {
    cluster = await startRedisCluster();
    swarm = await startTestSwarm({
      redisUrl: cluster.url,
      model: createScriptedModel({ ...SURE }),
      reconcileSeconds: 1,
      settings: { leaseSeconds: 2 },
    });
  });
  afterAll(async () => {
    await swarm.stop();
    await cluster.stop();
  });

  async function runWith(account: string, meanwhile: () => Promise<unknown> = async () => {}): Promise<string> {
    const agentId = await createTestAgent(swarm, {
      name: account,
      socialHandles: [{ platform: 'TWITTER', username: account }],
    });
    const campaignId = await createTestCampaign(swarm, agentId, POSTS);
    await waitFor(() => swarm.context().db.prisma.post.count({ where: { agentId } }), {
      intervalMs: 1,
      timeoutMs: 30_000,
    });
    await meanwhile();
    await settleApproving(swarm, campaignId, 40_000);
    expect((await swarm.posts()).filter((post) => post.account === account)).toHaveLength(POSTS);
    await expectPublishedExactlyOnce(swarm);
    return agentId;
  }

  it('a campaign is planned, judged and published; queues, memory and hints use several nodes', async () => {
    const hints: string[] = [];
    const subscriber = openBlockingRedis(cluster.url, () => {});
    subscriber.on('message', (_channel: string, message: string) => hints.push(message));
    await subscriber.subscribe(eventChannel(swarm.prefix, swarm.tenantId));
    const agentId = await runWith('spread');
    const keys = await cluster.keys();
    expect(keys.filter((own) => own.length > 0).length).toBeGreaterThan(1);
    const recalled = await swarm.resources.shortTermMemory.recall(
      { tenantId: swarm.tenantId, agentId },
      { limit: POSTS },
    );
    expect(recalled.map(({ kind }) => kind)).toContain('published');
    expect(hints.length).toBeGreaterThan(0);
    expect((await swarm.queues.stats()).map(({ name }) => name)).toEqual(['plan', 'task', 'judge', 'effect', 'poll']);
    subscriber.disconnect();
  });

  it.each([0, 1, 2])('node %i is restarted in the middle: everything completes, nothing twice', async (node) => {
    await runWith(`restarted${node}`, () => cluster.restart(node));
  });

  it('leaves events without a gap', async () => {
    await waitFor(async () => (await swarm.relayDatabase.query('SELECT 1 FROM "Outbox"')).length === 0);
    await expectEventsGapFree(swarm);
  });
});
