import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setAgentStatus } from '../../../domain/agent/set-agent-status.ts';
import { approveReview, rejectReview } from '../../../domain/review/decide-review.ts';
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

describe('an effect whose outside call goes wrong', { timeout: 300_000 }, () => {
  let swarm: TestSwarm;
  beforeAll(async () => {
    swarm = await startTestSwarm({
      model: createScriptedModel({ ...SURE }),
      reconcileSeconds: 1,
      settings: { mentionsPollSeconds: 3_600 }, // else the polls meet the faults
    });
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
  /** All of them run at once: a slow machine needs long for each. */
  const settle = (campaignId: string) => waitUntilSettled(swarm, campaignId, 120_000);
  const publishedBy = async (account: string) => (await swarm.posts()).filter((post) => post.account === account);
  const alerts = (agentId: string) => prisma().alert.findMany({ where: { agentId } });

  it.concurrent('RATE_LIMIT: is sent once, not before the time the platform named', async () => {
    const { agentId, campaignId } = await publishInto('limited', { kind: 'rate-limit', retryAfterSeconds: 6 });
    const held = await waitFor(
      async () => {
        const effect = await effectOf(agentId);
        return effect?.errorCode === 'RATE_LIMIT' ? effect : null;
      },
      { timeoutMs: 30_000 },
    );
    expect(held.status).toBe('PENDING');
    await settle(campaignId);
    const posts = await publishedBy('limited');
    expect(posts).toHaveLength(1);
    const effect = await effectOf(agentId);
    expect(effect?.attempt).toBe(2);
    expect(effect?.sentAt?.getTime()).toBeGreaterThanOrEqual(held.notBefore?.getTime() ?? Number.POSITIVE_INFINITY);
  });

  it.concurrent('AUTH_FAILED: the agent stops in ERROR with an alert, and what was approved is sent once a person set it ACTIVE', async () => {
    const { agentId, campaignId } = await publishInto('refused', { kind: 'unauthorized' });
    await waitFor(async () => (await prisma().agent.findUnique({ where: { id: agentId } }))?.status === 'ERROR', {
      timeoutMs: 30_000,
    });
    expect(await alerts(agentId)).toMatchObject([{ rule: 'AUTH_FAILED', severity: 'CRITICAL' }]);
    const held = await effectOf(agentId);
    expect(held).toMatchObject({ status: 'PENDING', errorCode: 'AUTH_FAILED' });
    expect(await publishedBy('refused')).toEqual([]);
    await setAgentStatus(swarm.context(), { id: agentId, status: 'ACTIVE' });
    await settle(campaignId);
    expect((await publishedBy('refused')).map((post) => post.idempotencyKey)).toEqual([held?.idempotencyKey]);
    expect(await prisma().campaign.findUnique({ where: { id: campaignId } })).toMatchObject({
      status: 'ACTIVE',
      planRevision: 1,
    });
  });

  it.concurrent('DUPLICATE_CONTENT of something else: is skipped, and the Planner replaces it', async () => {
    const { agentId, campaignId } = await publishInto('doubled', { kind: 'duplicate' });
    await settle(campaignId);
    expect(await publishedBy('doubled')).toHaveLength(1);
    const effects = await prisma().effect.findMany({ where: { agentId }, orderBy: { createdAt: 'asc' } });
    expect(effects.map(({ status, errorCode }) => [status, errorCode])).toEqual([
      ['FAILED', 'DUPLICATE_CONTENT'],
      ['CONFIRMED', null],
    ]);
  });

  it.concurrent('DUPLICATE_CONTENT of our own earlier success: is confirmed, not sent again', async () => {
    const { agentId, campaignId } = await publishInto('echoed', { kind: 'accepted-but-connection-lost' });
    await settle(campaignId);
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
  ])('%s: is published exactly once', async (account, fault) => {
    const { agentId, campaignId } = await publishInto(account, fault);
    await settle(campaignId);
    expect(await publishedBy(account)).toHaveLength(1);
    expect(await effectOf(agentId)).toMatchObject({ status: 'CONFIRMED' });
    expect(await alerts(agentId)).toEqual([]);
  });

  /** Waits until a person is asked about the effect. */
  async function asked(agentId: string) {
    const review = await waitFor(() => prisma().review.findFirst({ where: { agentId, status: 'PENDING' } }), {
      timeoutMs: 120_000,
      message: 'a question',
    });
    expect(await prisma().task.findUnique({ where: { id: review.taskId } })).toMatchObject({ status: 'ESCALATED' });
    return review;
  }
  const decide = (act: typeof approveReview, { id, version }: { id: string; version: number }) =>
    act(swarm.context(), { id, expectedVersion: version });

  it.concurrent('INVALID_PROMPT: is not sent, and the Planner replaces it', async () => {
    const { agentId, campaignId } = await publishInto('garbled', { kind: 'invalid-prompt' });
    await settle(campaignId);
    const effects = await prisma().effect.findMany({ where: { agentId }, orderBy: { createdAt: 'asc' } });
    expect(effects.map(({ status, errorCode }) => [status, errorCode])).toEqual([
      ['FAILED', 'INVALID_INPUT'],
      ['CONFIRMED', null],
    ]);
  });

  it.concurrent('NSFW_DETECTED: goes to a person at once; approved, the same is sent once', async () => {
    const { agentId, campaignId } = await publishInto('unsafe', { kind: 'nsfw' });
    const review = await asked(agentId);
    expect(review.reasons[0]).toContain('violates the content policy');
    expect((await alerts(agentId)).map(({ rule }) => rule)).toEqual(['E1006']);
    const before = await effectOf(agentId);
    expect(before).toMatchObject({ status: 'PENDING', attempt: 1 });
    await decide(approveReview, review);
    await settle(campaignId);
    expect((await publishedBy('unsafe')).map((post) => post.idempotencyKey)).toEqual([before?.idempotencyKey]);
  });

  it.concurrent('SECURITY: goes to a person at once with an alert; rejected, it is never sent', async () => {
    const { agentId, campaignId } = await publishInto('suspected', { kind: 'security' });
    const review = await asked(agentId);
    expect((await alerts(agentId)).map(({ rule }) => rule)).toEqual(['E1003']);
    const refused = await effectOf(agentId);
    await decide(rejectReview, review);
    await settle(campaignId);
    expect(await prisma().effect.findUnique({ where: { id: refused?.id } })).toMatchObject({ status: 'FAILED' });
    const sent = (await publishedBy('suspected')).map((post) => post.idempotencyKey);
    expect(sent).not.toContain(refused?.idempotencyKey);
  });

  // One after the other: their outages open the breaker, which all accounts of a platform share, for half a minute.
  it('a platform that stays away: the fifth failure asks a person; approved, it is sent once', async () => {
    const { agentId, campaignId } = await publishInto('forsaken', { kind: 'server-error', times: 5 });
    const review = await asked(agentId);
    expect(await effectOf(agentId)).toMatchObject({ status: 'PENDING', attempt: 5, errorCode: 'UNAVAILABLE' });
    expect((await alerts(agentId)).map(({ rule }) => rule)).toEqual(['E1002']);
    expect(await publishedBy('forsaken')).toEqual([]);
    await decide(approveReview, review);
    await settle(campaignId);
    expect(await publishedBy('forsaken')).toHaveLength(1);
    expect(await effectOf(agentId)).toMatchObject({ status: 'CONFIRMED', attempt: 6 });
  });

  it('an outcome that nobody can tell: a person is asked; approved, it stands there once all the same', async () => {
    // The platform takes it, says nothing, and cannot be asked about this account any more.
    await swarm.control('faults', {
      match: { path: '/2/users', account: 'silent' },
      kind: 'server-error',
      times: 1_000,
    });
    const { agentId, campaignId } = await publishInto('silent', { kind: 'accepted-but-connection-lost' });
    const unknown = await waitFor(() => prisma().effect.findFirst({ where: { agentId, errorCode: { not: null } } }), {
      timeoutMs: 30_000,
    });
    expect(unknown).toMatchObject({ status: 'SENT', errorCode: 'UNAVAILABLE' });
    await swarm.relayDatabase.query(
      `UPDATE "Effect" SET "sentAt" = "sentAt" - interval '4 minutes', "leaseExpiresAt" = now() WHERE id = $1`,
      [unknown.id],
    );
    const review = await asked(agentId);
    expect(review.reasons[0]).toContain('Nobody can tell');
    expect((await alerts(agentId)).map(({ rule }) => rule)).toEqual(['EFFECT_OUTCOME_UNKNOWN']);
    await decide(approveReview, review);
    await settle(campaignId);
    expect(await publishedBy('silent')).toHaveLength(1);
    expect(await effectOf(agentId)).toMatchObject({
      status: 'CONFIRMED',
      idempotencyKey: unknown.idempotencyKey,
      externalId: (await publishedBy('silent'))[0]?.externalId,
    });
  });

  it('has sent each approved payload exactly once, whatever went wrong', () => expectPublishedExactlyOnce(swarm));
});
