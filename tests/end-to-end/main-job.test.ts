import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAgent } from '../../domain/agent/create-agent.ts';
import { createCampaign } from '../../domain/campaign/create-campaign.ts';
import { approveReview } from '../../domain/review/decide-review.ts';
import type { TestSwarm } from '../support/swarm.ts';
import { startTestSwarm } from '../support/swarm.ts';
import { waitFor } from '../support/wait-for.ts';

describe('the main job', () => {
  let swarm: TestSwarm;
  beforeAll(async () => {
    swarm = await startTestSwarm();
  });
  afterAll(() => swarm.stop());

  it('turns a campaign into published posts: each approved payload once, the doubtful ones after a person decided', async () => {
    const soulMarkdown = readFileSync('examples/ethiopian-fashion/SOUL.md', 'utf8');
    const agent = await createAgent(swarm.context(), {
      name: 'Selam',
      soulMarkdown,
      socialHandles: [{ platform: 'TWITTER', username: 'selam' }],
      budgetDailyUsd: '25',
      activate: true,
    });
    const campaign = await createCampaign(swarm.context(), {
      agentIds: [agent.id],
      name: 'Weavers',
      goals: 'Publish 3 posts about the weavers of Shiro Meda and handwoven cotton',
      durationDays: 7,
    });
    const { prisma } = swarm.context().db;
    await waitFor(
      async () => {
        for (const review of await prisma.review.findMany({ where: { status: 'PENDING' } })) {
          await approveReview(swarm.context(), { id: review.id, expectedVersion: review.version }).catch(() => {});
        }
        if ((await prisma.plan.count({ where: { campaignId: campaign.id } })) === 0) return false;
        const open = await prisma.task.count({
          where: { campaignId: campaign.id, status: { notIn: ['COMPLETE', 'REJECTED', 'FAILED', 'CANCELLED'] } },
        });
        return open === 0;
      },
      { timeoutMs: 30_000, message: 'every task to end' },
    );
    const effects = await prisma.effect.findMany({ where: { status: 'CONFIRMED' } });
    const posts = await swarm.posts();
    expect(posts.length).toBeGreaterThanOrEqual(3);
    expect(posts.map((post) => post.idempotencyKey).sort()).toEqual(
      effects.map((effect) => effect.idempotencyKey).sort(),
    );
    expect(await prisma.post.count()).toBe(posts.length);
  }, 60_000);
});
