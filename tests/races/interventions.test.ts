import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setAgentStatus } from '../../domain/agent/set-agent-status.ts';
import { setCampaignStatus } from '../../domain/campaign/set-campaign-status.ts';
import type { PlannedTask } from '../../domain/campaign/validate-plan.ts';
import { LanguageModelError } from '../../swarm/models/language-model.ts';
import type { ScriptedModel } from '../support/scripted-model.ts';
import { createScriptedModel, SURE } from '../support/scripted-model.ts';
import type { TestSwarm } from '../support/swarm.ts';
import { startTestSwarm } from '../support/swarm.ts';
import {
  createTestAgent,
  createTestCampaign,
  expectPublishedExactlyOnce,
  waitUntilSettled,
} from '../support/swarm-run.ts';
import { waitFor } from '../support/wait-for.ts';

describe('a person who intervenes while work is in flight', () => {
  let swarm: TestSwarm;
  let model: ScriptedModel;
  beforeAll(async () => {
    model = createScriptedModel({ ...SURE });
    swarm = await startTestSwarm({ model, reconcileSeconds: 1 });
  });
  afterAll(() => swarm.stop());
  const prisma = () => swarm.context().db.prisma;
  const publishedBy = async (account: string) => (await swarm.posts()).filter((post) => post.account === account);

  /** A campaign whose drafts all wait in the middle of their attempt until `release` is called. */
  async function startAndHold(account: string, posts: number) {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    model.scripts.WRITE_POST = async (answer) => {
      await held;
      return { ...(answer as object), probability: 1 };
    };
    const agentId = await createTestAgent(swarm, {
      name: account,
      socialHandles: [{ platform: 'TWITTER', username: account }],
    });
    const campaignId = await createTestCampaign(swarm, agentId, posts);
    await waitFor(
      async () =>
        (await prisma().task.count({ where: { campaignId, type: 'GENERATE_POST', status: 'IN_PROGRESS' } })) === posts,
      { message: 'all drafts under way' },
    );
    return { agentId, campaignId, release };
  }

  it('pauses a campaign: what was in flight is invalidated (E1004) and not published; resumed, it is planned anew and finishes', async () => {
    const { campaignId, release } = await startAndHold('paused', 3);
    await setCampaignStatus(swarm.context(), { id: campaignId, status: 'PAUSED' });
    release();
    await waitFor(
      async () =>
        (await prisma().task.count({
          where: { campaignId, type: 'GENERATE_POST', errorCode: 'STATE_VERSION_CONFLICT' },
        })) === 3,
      { message: 'three stale drafts' },
    );
    const stale = await prisma().result.findMany({ where: { task: { campaignId, type: 'GENERATE_POST' } } });
    expect(stale.map(({ verdict, invalidatedReason }) => [verdict, invalidatedReason?.includes('E1004')])).toEqual([
      [null, true],
      [null, true],
      [null, true],
    ]);
    expect(await publishedBy('paused')).toEqual([]);
    await setCampaignStatus(swarm.context(), { id: campaignId, status: 'ACTIVE' });
    await waitUntilSettled(swarm, campaignId);
    expect(await publishedBy('paused')).toHaveLength(3);
    const unfinished = await prisma().task.findMany({
      where: { campaignId, status: { notIn: ['COMPLETE', 'CANCELLED'] } },
    });
    expect(unfinished).toEqual([]);
  });

  it('stops an agent in an emergency: everything of it ends, and nothing leaves afterwards', async () => {
    const { agentId, campaignId, release } = await startAndHold('stopped', 3);
    await setAgentStatus(swarm.context(), { id: agentId, status: 'EMERGENCY_STOPPED' });
    release();
    await waitFor(async () => (await prisma().result.count({ where: { task: { campaignId } } })) >= 3, {
      message: 'the late reports',
    });
    const tasks = await prisma().task.findMany({ where: { campaignId } });
    expect(new Set(tasks.map(({ status }) => status))).toEqual(new Set(['CANCELLED']));
    expect(await prisma().effect.count({ where: { agentId } })).toBe(0);
    expect(await publishedBy('stopped')).toEqual([]);
  });

  it('stops an agent while a call of it is refused for now: the approved post is cancelled, not sent later', async () => {
    model.scripts.WRITE_POST = SURE.WRITE_POST;
    await swarm.control('faults', {
      match: { path: '/2/tweets', account: 'late' },
      kind: 'rate-limit',
      retryAfterSeconds: 3,
    });
    const agentId = await createTestAgent(swarm, {
      name: 'late',
      socialHandles: [{ platform: 'TWITTER', username: 'late' }],
    });
    const campaignId = await createTestCampaign(swarm, agentId, 1);
    const refused = await waitFor(() => prisma().effect.findFirst({ where: { agentId, errorCode: 'RATE_LIMIT' } }));
    await setAgentStatus(swarm.context(), { id: agentId, status: 'EMERGENCY_STOPPED' });
    await setAgentStatus(swarm.context(), { id: agentId, status: 'ACTIVE' });
    expect(await prisma().effect.findUniqueOrThrow({ where: { id: refused?.id } })).toMatchObject({
      status: 'CANCELLED',
    });
    // Lifting the stop plans anew: what is published then is another post, approved anew.
    await waitFor(async () => (await publishedBy('late')).length === 1, { message: 'the post of the new plan' });
    await waitUntilSettled(swarm, campaignId);
    expect((await publishedBy('late')).map((post) => post.idempotencyKey)).not.toContain(refused?.idempotencyKey);
  });

  it('stops the swarm while a draft is being judged: it is judged after the next start, and no person is asked', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    model.scripts.ASSESS = async () => {
      await held;
      throw new LanguageModelError('ABORTED', 'the Judge is stopping');
    };
    const asked = model.calls.ASSESS ?? 0;
    const agentId = await createTestAgent(swarm, {
      name: 'restarted',
      socialHandles: [{ platform: 'TWITTER', username: 'restarted' }],
    });
    const campaignId = await createTestCampaign(swarm, agentId, 1);
    await waitFor(() => (model.calls.ASSESS ?? 0) > asked, { message: 'the Judge to ask' });
    const halting = swarm.halt();
    release();
    await halting;
    model.scripts.ASSESS = SURE.ASSESS;
    swarm.resume();
    await waitUntilSettled(swarm, campaignId);
    expect(await prisma().review.count({ where: { campaignId } })).toBe(0);
    expect(await publishedBy('restarted')).toHaveLength(1);
  });

  it('publishes what is scheduled at its time, once', async () => {
    model.scripts.WRITE_POST = SURE.WRITE_POST;
    const at = new Date(Date.now() + 3_000);
    model.scripts.PLAN = (answer) => ({
      ...(answer as object),
      tasks: (answer as { tasks: PlannedTask[] }).tasks.map((task) =>
        task.type === 'POST_CONTENT' ? { ...task, scheduledFor: at.toISOString() } : task,
      ),
    });
    const agentId = await createTestAgent(swarm, {
      name: 'timed',
      socialHandles: [{ platform: 'TWITTER', username: 'timed' }],
    });
    const campaignId = await createTestCampaign(swarm, agentId, 2);
    await waitFor(async () => (await prisma().effect.count({ where: { agentId, status: 'PENDING' } })) > 0, {
      message: 'an approved effect that waits',
    });
    await waitUntilSettled(swarm, campaignId);
    expect(await publishedBy('timed')).toHaveLength(2);
    for (const effect of await prisma().effect.findMany({ where: { agentId } }))
      expect(effect.sentAt?.getTime()).toBeGreaterThanOrEqual(at.getTime());
  });

  it('has sent each approved payload exactly once', () => expectPublishedExactlyOnce(swarm));
});
