import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { setAgentStatus } from '../../../domain/agent/set-agent-status.ts';
import { updateAgent } from '../../../domain/agent/update-agent.ts';
import { replanCampaign } from '../../../domain/campaign/replan-campaign.ts';
import { updateCampaign } from '../../../domain/campaign/update-campaign.ts';
import { ingestMentions } from '../../../domain/mention/ingest-mentions.ts';
import { ingestTrends } from '../../../domain/trend/ingest-trends.ts';
import { LanguageModelError } from '../../../swarm/models/language-model.ts';
import type { PlanPromptInput } from '../../../swarm/models/prompts/plan.ts';
import type { ScriptedModel } from '../../support/scripted-model.ts';
import { createScriptedModel, SURE } from '../../support/scripted-model.ts';
import type { TestSwarm } from '../../support/swarm.ts';
import { startTestSwarm } from '../../support/swarm.ts';
import {
  createTestAgent,
  createTestCampaign,
  expectPublishedExactlyOnce,
  settleApproving,
} from '../../support/swarm-run.ts';
import { waitFor } from '../../support/wait-for.ts';

const SLOTS = 2;
const SETTLE_MS = 40_000;
/** A draft and its judgement cost 0.05 USD, and so does what a plan reserves. */
const CALL_MICRO_USD = 25_000;

describe('a campaign is re-planned, as a numbered revision that keeps what is done', { timeout: 60_000 }, () => {
  let swarm: TestSwarm;
  let model: ScriptedModel;
  let plans: PlanPromptInput[];
  let release = () => {};
  beforeAll(async () => {
    model = createScriptedModel({ ...SURE }, CALL_MICRO_USD);
    swarm = await startTestSwarm({ model, reconcileSeconds: 1, settings: { workerConcurrency: SLOTS } });
  });
  afterEach(() => {
    release();
    model.scripts = { ...SURE };
  });
  afterAll(() => swarm.stop());
  const prisma = () => swarm.context().db.prisma;
  const publishedBy = async (account: string) => (await swarm.posts()).filter((post) => post.account === account);
  const revisionsOf = async (campaignId: string) =>
    (await prisma().plan.findMany({ where: { campaignId }, orderBy: { revision: 'asc' } })).map(
      ({ revision, reason }) => `${revision} ${reason}`,
    );

  async function start(account: string, posts: number, more: Record<string, unknown> = {}) {
    plans = [];
    model.scripts.PLAN = (answer, input) => {
      plans.push(input as PlanPromptInput);
      return answer;
    };
    const agentId = await createTestAgent(swarm, {
      name: account,
      socialHandles: [{ platform: 'TWITTER', username: account }],
    });
    // Below 1 USD no images are planned: each post is one draft.
    return {
      agentId,
      campaignId: await createTestCampaign(swarm, agentId, posts, { budgetTotalUsd: '0.99', ...more }),
    };
  }

  /** A campaign of which two drafts wait in the middle of their attempt, and the others to be started. */
  async function startAndHold(account: string, posts: number, more: Record<string, unknown> = {}) {
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    model.scripts.WRITE_POST = async (answer) => {
      await held;
      return { ...(answer as object), probability: 1 };
    };
    const ids = await start(account, posts, more);
    await waitFor(
      async () =>
        (await prisma().task.count({ where: { ...drafts(ids.campaignId), status: 'IN_PROGRESS' } })) === SLOTS,
      { timeoutMs: 30_000, message: 'all slots taken' },
    );
    await swarm.relayDatabase.query(
      `UPDATE "Plan" SET "createdAt" = "createdAt" - interval '2 hours' WHERE "campaignId" = $1`,
      [ids.campaignId],
    );
    return ids;
  }
  const drafts = (campaignId: string) => ({ campaignId, type: 'GENERATE_POST' as const });
  const revision = (campaignId: string, number: number) =>
    waitFor(() => prisma().plan.findFirst({ where: { campaignId, revision: number }, include: { tasks: true } }), {
      timeoutMs: 30_000,
      message: `revision ${number}`,
    });

  /** What had not started is cancelled, the drafts under way stay, and in the end no more is published than was asked for. */
  async function expectReplaced(account: string, campaignId: string, posts: number, reason: string) {
    const { tasks } = await revision(campaignId, 2);
    expect(tasks.filter((task) => task.type === 'POST_CONTENT')).toHaveLength(posts - SLOTS);
    release();
    await settleApproving(swarm, campaignId, SETTLE_MS);
    expect(await revisionsOf(campaignId)).toEqual(['1 INITIAL', `2 ${reason}`]);
    const first = await prisma().task.findMany({ where: { ...drafts(campaignId), plan: { revision: 1 } } });
    expect(first.map((task) => task.status).toSorted()).toEqual([
      ...Array.from({ length: posts - SLOTS }, () => 'CANCELLED'),
      ...Array.from({ length: SLOTS }, () => 'COMPLETE'),
    ]);
    expect(await publishedBy(account)).toHaveLength(posts);
  }

  it('when a Worker fails a task for good (TASK_FAILED)', async () => {
    let broken = false;
    model.scripts.WRITE_POST = async (answer) => {
      const breaks = !broken;
      broken = true;
      if (!breaks) return { ...(answer as object), probability: 1 };
      // The sibling is judged first, so that there is something to keep.
      await waitFor(async () => (await prisma().result.count({ where: { verdict: { not: null } } })) > 0, {
        timeoutMs: 30_000,
      });
      throw new LanguageModelError('MALFORMED_OUTPUT', 'not JSON, twice');
    };
    const { campaignId } = await start('failing', 2);
    await revision(campaignId, 2);
    const kept = await prisma().task.findMany({ where: { campaignId, status: 'COMPLETE', plan: { revision: 1 } } });
    expect(kept.length).toBeGreaterThan(0);
    await settleApproving(swarm, campaignId, SETTLE_MS);
    expect(await revisionsOf(campaignId)).toEqual(['1 INITIAL', '2 TASK_FAILED']);
    expect(plans[1]?.finished).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          type: 'GENERATE_POST',
          status: 'FAILED',
          summary: expect.stringMatching(/not JSON/),
        }),
      ]),
    );
    for (const task of kept)
      expect(await prisma().task.findUnique({ where: { id: task.id } })).toMatchObject({
        version: task.version,
        output: task.output,
      });
    expect(await publishedBy('failing')).toHaveLength(2);
  });

  it('when the Judge rejects a result for good (RESULT_REJECTED), and is told why', async () => {
    let refused: string | null = null;
    let attempts = 0;
    model.scripts.WRITE_POST = (answer, input) => {
      const { topic } = input as { topic: string };
      refused ??= topic;
      if (topic === refused) attempts += 1;
      return { ...(answer as object), probability: topic === refused && attempts <= 3 ? 0 : 1 };
    };
    const { campaignId } = await start('rejected', 2);
    await revision(campaignId, 2);
    await settleApproving(swarm, campaignId, SETTLE_MS);
    expect(await revisionsOf(campaignId)).toEqual(['1 INITIAL', '2 RESULT_REJECTED']);
    expect(plans[1]?.note).toMatch(/GENERATE_POST ended: rejected/);
    expect(await publishedBy('rejected')).toHaveLength(2);
  });

  it('when a commit finds the state moved (STATE_CONFLICT): the stale result is not used, healthy work goes on', async () => {
    const { campaignId } = await startAndHold('moved', 4);
    await swarm.relayDatabase.query('UPDATE "Campaign" SET "stateVersion" = "stateVersion" + 1 WHERE id = $1', [
      campaignId,
    ]);
    release();
    await settleApproving(swarm, campaignId, SETTLE_MS);
    expect((await revisionsOf(campaignId)).slice(0, 2)).toEqual(['1 INITIAL', '2 STATE_CONFLICT']);
    const first = await prisma().task.findMany({ where: { ...drafts(campaignId), plan: { revision: 1 } } });
    expect(first.filter((task) => task.errorCode === 'STATE_VERSION_CONFLICT').length).toBeGreaterThan(0);
    expect(first.filter((task) => task.status === 'COMPLETE').length).toBeGreaterThanOrEqual(2);
    expect(await publishedBy('moved')).toHaveLength(4);
  });

  it.each(['trend', 'mention'] as const)('when the context changes by a %s (CONTEXT_CHANGED)', async (what) => {
    const { agentId, campaignId } = await startAndHold(what, 4);
    const text = 'Shiro Meda weavers open a museum of handwoven cotton';
    const common = { suspicious: false, relevance: 0.95 };
    if (what === 'trend') {
      const item = { digest: 'd', topic: text, summary: text, url: null, source: 'news', publishedAt: null };
      await ingestTrends(swarm.context(), agentId, [{ ...item, ...common }]);
    } else {
      const item = { platform: 'TWITTER', externalId: 'm1', author: 'fan', text, receivedAt: new Date() } as const;
      await ingestMentions(swarm.context(), agentId, [{ ...item, ...common }], { threshold: 1, maxReplies: 0 });
    }
    await expectReplaced(what, campaignId, 4, 'CONTEXT_CHANGED');
    expect(plans[1]?.note).toContain(text);
  });

  it('when a person asks with a note (HUMAN): no draft starts that the plan may replace', async () => {
    const { campaignId } = await startAndHold('noted', 4);
    let answer = () => {};
    const planning = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { PLAN } = model.scripts;
    model.scripts.PLAN = async (...asked) => {
      await planning;
      return PLAN?.(...asked);
    };
    await replanCampaign(swarm.context(), { id: campaignId, note: 'Focus on indigo dye.' });
    release();
    await waitFor(async () => (await publishedBy('noted')).length === SLOTS, { message: 'the drafts under way' });
    expect(await prisma().task.count({ where: { ...drafts(campaignId), status: 'QUEUED' } })).toBe(2);
    answer();
    await expectReplaced('noted', campaignId, 4, 'HUMAN');
    expect(plans[1]).toMatchObject({ reason: 'HUMAN', note: 'Focus on indigo dye.' });
  });

  it('when a persona changes (HUMAN)', async () => {
    const { agentId, campaignId } = await startAndHold('changed', 4);
    const { version, soulMarkdown } = await prisma().agent.findUniqueOrThrow({ where: { id: agentId } });
    await updateAgent(swarm.context(), {
      id: agentId,
      expectedVersion: version,
      soulMarkdown: soulMarkdown.replaceAll('warm', 'dry'),
    });
    await expectReplaced('changed', campaignId, 4, 'HUMAN');
    expect(plans[1]).toMatchObject({ note: 'The persona was changed.' });
    expect(plans[1]?.agents[0]?.persona.voiceTraits).toEqual(['dry']);
  });

  it('when an emergency stop is lifted (HUMAN)', async () => {
    const { agentId, campaignId } = await startAndHold('lifted', 2);
    await setAgentStatus(swarm.context(), { id: agentId, status: 'EMERGENCY_STOPPED', reason: 'test' });
    release();
    await setAgentStatus(swarm.context(), { id: agentId, status: 'ACTIVE' });
    await settleApproving(swarm, campaignId, SETTLE_MS);
    expect(await revisionsOf(campaignId)).toEqual(['1 INITIAL', '2 HUMAN']);
    expect(await publishedBy('lifted')).toHaveLength(2);
  });

  it('when the budget changes (BUDGET): a plan is cut to what the money carries, and a raise brings the rest', async () => {
    const { campaignId } = await start('poor', 6, { budgetTotalUsd: '0.21' });
    await settleApproving(swarm, campaignId, SETTLE_MS);
    expect(await publishedBy('poor')).toHaveLength(3);
    expect(await prisma().alert.findFirst({ where: { campaignId } })).toMatchObject({
      rule: 'PLAN_CUT',
      message: 'The budget carries 3 of 6 further posts; raise it, and the rest is planned.',
    });
    const { version } = await prisma().campaign.findUniqueOrThrow({ where: { id: campaignId } });
    await updateCampaign(swarm.context(), { id: campaignId, expectedVersion: version, budgetTotalUsd: '2' });
    await settleApproving(swarm, campaignId, SETTLE_MS);
    expect(await revisionsOf(campaignId)).toEqual(['1 INITIAL', '2 BUDGET']);
    expect(await publishedBy('poor')).toHaveLength(6);
  });

  it('when the budget is lowered below the work that has not started (BUDGET): fewer posts, and no limit is passed', async () => {
    const { campaignId } = await startAndHold('cut', 6);
    const { version } = await prisma().campaign.findUniqueOrThrow({ where: { id: campaignId } });
    // 0.025 are spent, 0.10 reserved; the plan reserves 0.05, and what is left carries two further posts, not four.
    await updateCampaign(swarm.context(), { id: campaignId, expectedVersion: version, budgetTotalUsd: '0.31' });
    await revision(campaignId, 2);
    release();
    await settleApproving(swarm, campaignId, SETTLE_MS);
    expect(await revisionsOf(campaignId)).toEqual(['1 INITIAL', '2 BUDGET']);
    expect(await publishedBy('cut')).toHaveLength(4);
    const [spent] = await prisma().budgetAccount.findMany({ where: { scopeId: campaignId, day: new Date(0) } });
    expect(Number(spent?.spentMicroUsd)).toBeLessThanOrEqual(310_000);
  });

  it('has published each approved payload exactly once', () => expectPublishedExactlyOnce(swarm));
});
