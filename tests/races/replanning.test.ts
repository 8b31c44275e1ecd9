import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { replanCampaign } from '../../domain/campaign/replan-campaign.ts';
import { setCampaignStatus } from '../../domain/campaign/set-campaign-status.ts';
import { estimateCosts } from '../../swarm/governor/estimates.ts';
import type { PlanPromptInput } from '../../swarm/models/prompts/plan.ts';
import { createPlanner } from '../../swarm/planner/planner.ts';
import type { ScriptedModel } from '../support/scripted-model.ts';
import { createScriptedModel, SURE } from '../support/scripted-model.ts';
import type { TestSwarm } from '../support/swarm.ts';
import { startTestSwarm } from '../support/swarm.ts';
import {
  createTestAgent,
  createTestCampaign,
  expectPublishedExactlyOnce,
  settleApproving,
} from '../support/swarm-run.ts';
import { waitFor } from '../support/wait-for.ts';

const POSTS = 4;
const SLOTS = 2;
const SETTLE_MS = 40_000;

/** A gate that calls wait at until it is opened. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}

describe('a re-plan that races', { timeout: 60_000 }, () => {
  let swarm: TestSwarm;
  let model: ScriptedModel;
  let drafts = gate();
  let plans: { input: PlanPromptInput; answer: () => void }[] = [];
  beforeAll(async () => {
    model = createScriptedModel();
    swarm = await startTestSwarm({ model, reconcileSeconds: 1, settings: { workerConcurrency: SLOTS } });
  });
  afterEach(() => {
    drafts.open();
    for (const plan of plans) plan.answer();
  });
  afterAll(() => swarm.stop());
  const prisma = () => swarm.context().db.prisma;
  const publishedBy = async (account: string) => (await swarm.posts()).filter((post) => post.account === account);

  /** A campaign with two drafts under way and two that have not started, and a Planner that waits for the model's next answers. */
  async function startAndHold(account: string, asked: number) {
    drafts = gate();
    plans = [];
    model.scripts = {
      ...SURE,
      WRITE_POST: async (answer) => {
        await drafts.opened;
        return { ...(answer as object), probability: 1 };
      },
    };
    const agentId = await createTestAgent(swarm, {
      name: account,
      socialHandles: [{ platform: 'TWITTER', username: account }],
    });
    const campaignId = await createTestCampaign(swarm, agentId, POSTS, { budgetTotalUsd: '0.99' });
    await waitFor(
      async () =>
        (await prisma().task.count({ where: { campaignId, type: 'GENERATE_POST', status: 'IN_PROGRESS' } })) === SLOTS,
      { timeoutMs: 30_000, message: 'all slots taken' },
    );
    model.scripts.PLAN = async (answer, input) => {
      const held = gate();
      plans.push({ input: input as PlanPromptInput, answer: held.open });
      await held.opened;
      return answer;
    };
    await replanCampaign(swarm.context(), { id: campaignId, note: 'Focus on looms.' });
    await planAsked(1);
    if (asked === 2) {
      // The first Planner seems dead: its lease is over, and another one takes the campaign.
      await swarm.relayDatabase.query(
        `UPDATE "Campaign" SET "planLeaseExpiresAt" = now() - interval '1 second' WHERE id = $1`,
        [campaignId],
      );
      const second = createPlanner(swarm.resources, estimateCosts(model));
      void second.perform({ tenantId: swarm.tenantId, campaignId, traceId: 'second' });
      await planAsked(2);
    }
    return campaignId;
  }
  const planAsked = (count: number) =>
    waitFor(async () => plans.length >= count, { timeoutMs: 30_000, message: `the model to be asked ${count} times` });
  const revisionsOf = async (campaignId: string) =>
    (await prisma().plan.findMany({ where: { campaignId }, orderBy: { revision: 'asc' } })).map(
      ({ revision, reason }) => `${revision} ${reason}`,
    );

  /** One newest revision, nothing of an older one left to start, and exactly the posts that were asked for. */
  async function expectConsistent(account: string, campaignId: string, revisions: string[]) {
    await settleApproving(swarm, campaignId, SETTLE_MS);
    expect(await revisionsOf(campaignId)).toEqual(revisions);
    const campaign = await prisma().campaign.findUniqueOrThrow({ where: { id: campaignId } });
    expect(campaign).toMatchObject({ planRevision: revisions.length, planDueReason: null, planClaimToken: null });
    const open = { notIn: ['COMPLETE', 'REJECTED', 'FAILED', 'CANCELLED'] as never };
    expect(await prisma().task.count({ where: { campaignId, status: open } })).toBe(0);
    expect(await publishedBy(account)).toHaveLength(POSTS);
  }

  it('with commits keeps what was committed meanwhile and plans the rest', async () => {
    const campaignId = await startAndHold('commits', 1);
    drafts.open();
    await waitFor(async () => (await publishedBy('commits')).length === SLOTS, { message: 'the drafts under way' });
    plans[0]?.answer();
    await expectConsistent('commits', campaignId, ['1 INITIAL', '2 HUMAN']);
  });

  it('with a pause writes nothing; resumed, one revision follows', async () => {
    const campaignId = await startAndHold('pause', 1);
    await setCampaignStatus(swarm.context(), { id: campaignId, status: 'PAUSED' });
    plans[0]?.answer();
    await waitFor(
      async () => (await prisma().spendEntry.count({ where: { campaignId, status: 'RESERVED', taskId: null } })) === 0,
    );
    expect(await revisionsOf(campaignId)).toEqual(['1 INITIAL']);
    drafts.open();
    await setCampaignStatus(swarm.context(), { id: campaignId, status: 'ACTIVE' });
    await planAsked(2);
    plans[1]?.answer();
    const followed = settleApproving(swarm, campaignId, SETTLE_MS);
    // Drafts of before the pause may have been judged stale while this was planned: a repair then brings their posts.
    void planAsked(3).then(
      () => plans[2]?.answer(),
      () => {},
    );
    await followed;
    const revisions = await revisionsOf(campaignId);
    expect(revisions.slice(0, 2)).toEqual(['1 INITIAL', '2 HUMAN']);
    expect(revisions.length).toBeLessThanOrEqual(3);
    expect(await publishedBy('pause')).toHaveLength(POSTS);
  });

  it('with a second wish answers both, one after the other', async () => {
    const campaignId = await startAndHold('wishes', 1);
    await replanCampaign(swarm.context(), { id: campaignId, note: 'Less about looms.' });
    plans[0]?.answer();
    await planAsked(2);
    expect(plans[1]?.input).toMatchObject({ reason: 'HUMAN', note: 'Focus on looms.\nLess about looms.' });
    plans[1]?.answer();
    drafts.open();
    await expectConsistent('wishes', campaignId, ['1 INITIAL', '2 HUMAN', '3 HUMAN']);
  });

  it.each([
    ['first', 'the old one', [0, 1]],
    ['second', 'the new one', [1, 0]],
  ] as const)('between two Planners is written once: %s answered: %s', async (which, _who, order) => {
    const campaignId = await startAndHold(`two${which}`, 2);
    for (const planner of order) plans[planner]?.answer();
    drafts.open();
    await expectConsistent(`two${which}`, campaignId, ['1 INITIAL', '2 HUMAN']);
  });

  it('publishes each approved payload exactly once', () => expectPublishedExactlyOnce(swarm));
});
