import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setAgentStatus } from '../../../domain/agent/set-agent-status.ts';
import { createScriptedModel, SURE } from '../../support/scripted-model.ts';
import type { TestSwarm } from '../../support/swarm.ts';
import { startTestSwarm } from '../../support/swarm.ts';
import {
  createTestAgent,
  createTestCampaign,
  expectPublishedExactlyOnce,
  waitUntilSettled,
} from '../../support/swarm-run.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('an effect whose outside call goes wrong', () => {
  let swarm: TestSwarm;
  beforeAll(async () => {
    swarm = await startTestSwarm({ model: createScriptedModel({ ...SURE }), reconcileSeconds: 1 });
  });
  afterAll(() => swarm.stop());

  const prisma = () => swarm.context().db.prisma;
  const effectOf = (agentId: string) =>
    prisma().effect.findFirst({ where: { agentId }, orderBy: { createdAt: 'desc' } });

  /** A campaign of one post for an account of its own, whose publication meets this fault. */
  async function publishInto(account: string, fault: Record<string, unknown> | null) {
    const agentId = await createTestAgent(swarm, {
      name: account,
      socialHandles: [{ platform: 'TWITTER', username: account }],
    });
    if (fault) await swarm.control('faults', { match: { path: '/2/tweets', account }, ...fault });
    const campaignId = await createTestCampaign(swarm, agentId, 1);
    return { agentId, campaignId };
  }
  const publishedBy = async (account: string) => (await swarm.posts()).filter((post) => post.account === account);
  const alerts = (agentId: string) => prisma().alert.findMany({ where: { agentId } });

  it.concurrent('RATE_LIMIT: is sent once, not before the time the platform named', async () => {
    const { agentId, campaignId } = await publishInto('limited', { kind: 'rate-limit', retryAfterSeconds: 6 });
    const held = await waitFor(async () => {
      const effect = await effectOf(agentId);
      return effect?.errorCode === 'RATE_LIMIT' ? effect : null;
    });
    expect(held.status).toBe('PENDING');
    await waitUntilSettled(swarm, campaignId);
    const posts = await publishedBy('limited');
    expect(posts).toHaveLength(1);
    const effect = await effectOf(agentId);
    expect(effect?.attempt).toBe(2);
    expect(effect?.sentAt?.getTime()).toBeGreaterThanOrEqual(held.notBefore?.getTime() ?? Number.POSITIVE_INFINITY);
  });

  it.concurrent('AUTH_FAILED: the agent stops in ERROR with an alert, and what was approved is sent once a person set it ACTIVE', async () => {
    const { agentId, campaignId } = await publishInto('refused', { kind: 'unauthorized' });
    await waitFor(async () => (await prisma().agent.findUnique({ where: { id: agentId } }))?.status === 'ERROR');
    expect(await alerts(agentId)).toMatchObject([{ rule: 'AUTH_FAILED', severity: 'CRITICAL' }]);
    const held = await effectOf(agentId);
    expect(held).toMatchObject({ status: 'PENDING', errorCode: 'AUTH_FAILED' });
    expect(await publishedBy('refused')).toEqual([]);
    await setAgentStatus(swarm.context(), { id: agentId, status: 'ACTIVE' });
    await waitUntilSettled(swarm, campaignId);
    expect((await publishedBy('refused')).map((post) => post.idempotencyKey)).toEqual([held?.idempotencyKey]);
    expect(await prisma().campaign.findUnique({ where: { id: campaignId } })).toMatchObject({
      status: 'ACTIVE',
      planRevision: 1,
    });
  });

  it.concurrent('DUPLICATE_CONTENT of something else: is skipped, and the Planner replaces it', async () => {
    const { agentId, campaignId } = await publishInto('doubled', { kind: 'duplicate' });
    await waitUntilSettled(swarm, campaignId);
    expect(await publishedBy('doubled')).toHaveLength(1);
    const effects = await prisma().effect.findMany({ where: { agentId }, orderBy: { createdAt: 'asc' } });
    expect(effects.map(({ status, errorCode }) => [status, errorCode])).toEqual([
      ['FAILED', 'DUPLICATE_CONTENT'],
      ['CONFIRMED', null],
    ]);
  });

  it.concurrent('DUPLICATE_CONTENT of our own earlier success: is confirmed, not sent again', async () => {
    const { agentId, campaignId } = await publishInto('echoed', { kind: 'accepted-but-connection-lost' });
    await waitUntilSettled(swarm, campaignId);
    const effect = await effectOf(agentId);
    expect(await publishedBy('echoed')).toHaveLength(1);
    expect(effect).toMatchObject({ status: 'CONFIRMED', attempt: 1 });
    expect(effect?.externalId).toBe((await publishedBy('echoed'))[0]?.externalId);
  });

  it.concurrent.each([
    ['unavailable', { kind: 'server-error' }],
    ['slow', { kind: 'slow', delayMs: 1_500 }],
    ['slower', { kind: 'slow', delayMs: 5_500 }],
    ['away', { kind: 'down', times: 2 }],
  ])(
    '%s: is published exactly once',
    async (account, fault) => {
      const { agentId, campaignId } = await publishInto(account, fault);
      await waitUntilSettled(swarm, campaignId);
      expect(await publishedBy(account)).toHaveLength(1);
      expect(await effectOf(agentId)).toMatchObject({ status: 'CONFIRMED' });
      expect(await alerts(agentId)).toEqual([]);
    },
    40_000,
  );

  it('has sent each approved payload exactly once, whatever went wrong', () => expectPublishedExactlyOnce(swarm));
});
