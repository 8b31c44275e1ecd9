import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlannedTask } from '../../domain/campaign/validate-plan.ts';
import { approveReview } from '../../domain/review/decide-review.ts';
import type { ScriptedModel } from '../support/scripted-model.ts';
import { createScriptedModel, SURE, UNSURE } from '../support/scripted-model.ts';
import type { TestSwarm } from '../support/swarm.ts';
import { startTestSwarm } from '../support/swarm.ts';
import {
  createTestAgent,
  createTestCampaign,
  expectEventsGapFree,
  expectLedgerConsistent,
  expectPublishedExactlyOnce,
  waitUntilSettled,
} from '../support/swarm-run.ts';

describe('a campaign from its goals to what was published', () => {
  let swarm: TestSwarm;
  let model: ScriptedModel;
  beforeAll(async () => {
    model = createScriptedModel({ ...SURE });
    swarm = await startTestSwarm({ model });
  });
  afterAll(() => swarm.stop());

  it('publishes each approved payload exactly once under its key, marked AUTOMATED, without a person', async () => {
    const agentId = await createTestAgent(swarm);
    const campaignId = await createTestCampaign(swarm, agentId, 4);
    await waitUntilSettled(swarm, campaignId);
    await expectPublishedExactlyOnce(swarm);
    const { prisma } = swarm.context().db;
    expect(await prisma.review.count()).toBe(0);
    expect(await prisma.plan.count({ where: { campaignId } })).toBe(1);
    const posts = await prisma.post.findMany();
    expect(posts).toHaveLength(4);
    expect(posts.every((post) => post.disclosure === 'AUTOMATED')).toBe(true);
    expect(new Set(posts.map((post) => post.text)).size).toBe(4);
  });

  it('publishes with pictures whose bytes in the media store are real PNGs', async () => {
    model.scripts.PLAN = withImage;
    const agentId = await createTestAgent(swarm, {
      name: 'Marta',
      socialHandles: [{ platform: 'TWITTER', username: 'marta' }],
    });
    const campaignId = await createTestCampaign(swarm, agentId, 1);
    await waitUntilSettled(swarm, campaignId);
    await expectPublishedExactlyOnce(swarm);
    const media = await swarm.context().db.prisma.media.findMany({ where: { agentId } });
    const post = (await swarm.posts()).find(({ account }) => account === 'marta');
    expect(media).toHaveLength(1);
    expect(post?.mediaUrls).toHaveLength(1);
    const stored = await swarm.resources.mediaStore.get(media[0]?.storageKey ?? '');
    expect(
      Buffer.from(stored ?? [])
        .subarray(0, 8)
        .toString('latin1'),
    ).toBe('\x89PNG\r\n\x1a\n');
    const shown = await fetch(post?.mediaUrls[0] ?? '');
    expect(Buffer.from(await shown.arrayBuffer()).equals(Buffer.from(stored ?? []))).toBe(true);
    model.scripts.PLAN = undefined;
  });

  it('marks as ASSISTED what a person approved', async () => {
    Object.assign(model.scripts, UNSURE);
    const agentId = await createTestAgent(swarm, {
      name: 'Liya',
      socialHandles: [{ platform: 'TWITTER', username: 'liya' }],
    });
    const campaignId = await createTestCampaign(swarm, agentId, 1);
    await waitUntilSettled(swarm, campaignId);
    const { prisma } = swarm.context().db;
    const review = await prisma.review.findFirstOrThrow({ where: { campaignId, status: 'PENDING' } });
    await approveReview(swarm.context(), { id: review.id, expectedVersion: review.version });
    await waitUntilSettled(swarm, campaignId);
    await expectPublishedExactlyOnce(swarm);
    expect(await prisma.post.findMany({ where: { agentId }, select: { disclosure: true } })).toEqual([
      { disclosure: 'ASSISTED' },
    ]);
  });

  it('leaves events without a gap and a ledger that adds up', async () => {
    await expectEventsGapFree(swarm);
    await expectLedgerConsistent(swarm);
  });
});

function withImage(answer: unknown) {
  const { tasks, ...rest } = answer as { tasks: PlannedTask[] };
  const [draft] = tasks.filter((task) => task.type === 'GENERATE_POST');
  const image = {
    key: 'picture',
    agentId: draft?.agentId,
    type: 'GENERATE_IMAGE',
    input: { prompt: 'A loom in the morning light', style: 'realistic', aspectRatio: '16:9' },
    dependsOn: [],
    priority: 5,
    scheduledFor: null,
  };
  const others = tasks.filter((task) => task.type !== 'GENERATE_IMAGE');
  return {
    ...rest,
    tasks: [
      image,
      ...others.map((task) =>
        task.type === 'POST_CONTENT' ? { ...task, dependsOn: [draft?.key ?? '', 'picture'] } : task,
      ),
    ],
  };
}
