import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approveReview, editReview, rejectReview } from '../../domain/review/decide-review.ts';
import { digestOf } from '../../platform/canonical-json.ts';
import type { ScriptedModel } from '../support/scripted-model.ts';
import { createScriptedModel, SURE, UNSURE } from '../support/scripted-model.ts';
import type { TestSwarm } from '../support/swarm.ts';
import { startTestSwarm } from '../support/swarm.ts';
import {
  createTestAgent,
  createTestCampaign,
  expectPublishedExactlyOnce,
  waitUntilSettled,
} from '../support/swarm-run.ts';

describe('what a person decides', () => {
  let swarm: TestSwarm;
  let model: ScriptedModel;
  let count = 0;
  beforeAll(async () => {
    model = createScriptedModel({ ...UNSURE });
    swarm = await startTestSwarm({ model });
  });
  afterAll(() => swarm.stop());

  const prisma = () => swarm.context().db.prisma;

  async function runToReview(posts: number) {
    Object.assign(model.scripts, UNSURE);
    count += 1;
    const account = `agent${count}`;
    const agentId = await createTestAgent(swarm, {
      name: account,
      socialHandles: [{ platform: 'TWITTER', username: account }],
    });
    const campaignId = await createTestCampaign(swarm, agentId, posts);
    await waitUntilSettled(swarm, campaignId);
    const reviews = await prisma().review.findMany({ where: { campaignId, status: 'PENDING' } });
    expect(reviews).toHaveLength(posts);
    return { account, campaignId, reviews };
  }
  const publishedBy = async (account: string) => (await swarm.posts()).filter((post) => post.account === account);

  it('shows a doubtful draft with its confidence, the parts of it, the checks and the digest of what would leave', async () => {
    const { account, reviews } = await runToReview(1);
    const [review] = reviews;
    expect(review).toMatchObject({ status: 'PENDING', taskType: 'GENERATE_POST', modelProbability: 0.7, version: 1 });
    expect(review?.confidence).toBeGreaterThanOrEqual(0.7);
    expect(review?.confidence).toBeLessThan(0.9);
    const { modelProbability, personaSimilarity, contentSafety, historicalSuccess } = review as NonNullable<
      typeof review
    >;
    expect(review?.confidenceRaw).toBeCloseTo(
      0.4 * modelProbability + 0.3 * personaSimilarity + 0.2 * contentSafety + 0.1 * historicalSuccess,
      3,
    );
    expect((review?.checks as { name: string }[] | undefined)?.map(({ name }) => name).sort()).toEqual(
      ['BRAND', 'INJECTION', 'PERSONA', 'SAFETY', 'TECHNICAL'], // sorted
    );
    expect(review?.contentDigest).toBe(digestOf(review?.content));
    expect(review?.reasons.join(' ')).toMatch(/Confidence 0\.\d\d is below 0\.9/);
    expect(await publishedBy(account)).toEqual([]);
  });

  it('publishes an approved draft once, with exactly the approved text', async () => {
    const { account, campaignId, reviews } = await runToReview(1);
    const content = reviews[0]?.content as { text: string; hashtags: string[] };
    await approveReview(swarm.context(), { id: reviews[0]?.id, expectedVersion: reviews[0]?.version });
    await waitUntilSettled(swarm, campaignId);
    const [post, ...others] = await publishedBy(account);
    expect(others).toEqual([]);
    expect(post?.text).toBe([content.text, ...content.hashtags].join(' '));
  });

  it('publishes an edited draft as it was edited, and never the original', async () => {
    const { account, campaignId, reviews } = await runToReview(1);
    const text = 'A weaver in Shiro Meda told me that the border takes longer than the whole cloth.';
    await editReview(swarm.context(), {
      id: reviews[0]?.id,
      expectedVersion: reviews[0]?.version,
      content: { text, hashtags: ['#Handwoven'], estimatedEngagement: 0.5 },
    });
    await waitUntilSettled(swarm, campaignId);
    expect((await publishedBy(account)).map((post) => post.text)).toEqual([`${text} #Handwoven`]);
  });

  it('publishes nothing of a rejected draft, cancels what hung on it, and plans another post in its place', async () => {
    const { account, campaignId, reviews } = await runToReview(1);
    Object.assign(model.scripts, SURE);
    const lost = (reviews[0]?.content as { text: string } | undefined)?.text;
    await rejectReview(swarm.context(), {
      id: reviews[0]?.id,
      expectedVersion: reviews[0]?.version,
      feedback: 'Too vague: name the weaver.',
    });
    await waitUntilSettled(swarm, campaignId);
    const dependents = await prisma().task.findMany({
      where: { dependencies: { some: { dependsOnId: reviews[0]?.taskId } } },
    });
    expect(dependents.map(({ status }) => status)).toEqual(['CANCELLED']);
    const plans = await prisma().plan.findMany({ where: { campaignId }, orderBy: { revision: 'asc' } });
    expect(plans.map(({ revision, reason }) => [revision, reason])).toEqual([
      [1, 'INITIAL'],
      [2, 'RESULT_REJECTED'],
    ]);
    expect(plans[1]?.note).toContain('Too vague: name the weaver.');
    const posts = await publishedBy(account);
    expect(posts).toHaveLength(1);
    expect(posts[0]?.text).not.toContain(lost ?? 'the lost draft');
  });

  it('replaces only what was lost when the others are published already', async () => {
    const { account, campaignId, reviews } = await runToReview(4);
    const [rejected, ...approved] = reviews;
    for (const review of approved) {
      await approveReview(swarm.context(), { id: review.id, expectedVersion: review.version });
    }
    await waitUntilSettled(swarm, campaignId);
    expect(await publishedBy(account)).toHaveLength(3);
    Object.assign(model.scripts, SURE);
    await rejectReview(swarm.context(), { id: rejected?.id, expectedVersion: rejected?.version });
    await waitUntilSettled(swarm, campaignId);
    expect(await publishedBy(account)).toHaveLength(4);
    expect(await prisma().campaign.findUniqueOrThrow({ where: { id: campaignId } })).toMatchObject({
      status: 'ACTIVE',
      planRevision: 2,
    });
  });

  it('has sent nothing but what the Judge or a person approved', () => expectPublishedExactlyOnce(swarm));
});
