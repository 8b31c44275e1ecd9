import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { setAgentStatus } from '../../../domain/agent/set-agent-status.ts';
import { replanCampaign } from '../../../domain/campaign/replan-campaign.ts';
import { setCampaignStatus } from '../../../domain/campaign/set-campaign-status.ts';
import { planJob } from '../../../domain/jobs.ts';
import { rejectReview } from '../../../domain/review/decide-review.ts';
import { LanguageModelError } from '../../../swarm/models/language-model.ts';
import type { ScriptedModel } from '../../support/scripted-model.ts';
import { createScriptedModel, SURE } from '../../support/scripted-model.ts';
import type { TestSwarm } from '../../support/swarm.ts';
import { startTestSwarm } from '../../support/swarm.ts';
import { createTestAgent, createTestCampaign, settleApproving } from '../../support/swarm-run.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('a campaign that cannot succeed', { timeout: 60_000 }, () => {
  let swarm: TestSwarm;
  let model: ScriptedModel;
  beforeAll(async () => {
    model = createScriptedModel({ ...SURE });
    swarm = await startTestSwarm({ model, reconcileSeconds: 1 });
  });
  afterEach(() => {
    model.scripts = { ...SURE };
    model.calls = {};
  });
  afterAll(() => swarm.stop());
  const prisma = () => swarm.context().db.prisma;
  const campaignOf = (id: string) => prisma().campaign.findUniqueOrThrow({ where: { id } });
  const garbled = () => {
    throw new LanguageModelError('MALFORMED_OUTPUT', 'not JSON, twice');
  };
  const published = (campaignId: string) =>
    prisma().task.count({ where: { campaignId, type: 'POST_CONTENT', status: 'COMPLETE' } });

  /** Skips the pauses between plans until the campaign is what it should become. */
  const waitUntil = (campaignId: string, reached: () => Promise<boolean>, message: string) =>
    waitFor(
      async () => {
        if (await reached()) return true;
        const waiting = await swarm.relayDatabase.query<{ id: string; planDueAt: Date }>(
          `UPDATE "Campaign" SET "planDueAt" = now() WHERE id = $1 AND "planDueAt" > now() AND "planClaimToken" IS NULL RETURNING id, "planDueAt"`,
          [campaignId],
        );
        const due = waiting.map(({ id, planDueAt }) => ({ id, planDueAt: planDueAt.toISOString() }));
        const { tenantId } = swarm;
        await swarm.queues.schedule(due.map((row) => planJob({ ...row, tenantId, traceId: 'skipped' }, Date.now())));
        return false;
      },
      { timeoutMs: 40_000, message },
    );
  const waitUntilFailed = (campaignId: string) =>
    waitUntil(campaignId, async () => (await campaignOf(campaignId)).status === 'FAILED', 'FAILED');

  /** FAILED with an explanation and one alert, nothing left to do, and no question asked any more. */
  async function expectFailed(campaignId: string, why: RegExp) {
    expect(await campaignOf(campaignId)).toMatchObject({ status: 'FAILED', planDueReason: null, planDueAt: null });
    expect((await campaignOf(campaignId)).statusReason).toMatch(why);
    const alerts = await prisma().alert.findMany({ where: { campaignId } });
    expect(alerts.map(({ rule, severity }) => [rule, severity])).toEqual([['CAMPAIGN_FAILED', 'CRITICAL']]);
    expect(alerts[0]?.message).toMatch(why);
    const open = { campaignId, status: { notIn: ['COMPLETE', 'REJECTED', 'FAILED', 'CANCELLED'] as never } };
    expect(await prisma().task.count({ where: open })).toBe(0);
  }

  it('because every draft fails is FAILED after five repairs; a person’s note brings it back', async () => {
    model.scripts.WRITE_POST = garbled;
    const campaignId = await createTestCampaign(swarm, await createTestAgent(swarm), 1);
    await waitUntilFailed(campaignId);
    await expectFailed(campaignId, /re-planned 5 times in a row and nothing was published.*not JSON, twice/s);
    const plans = await prisma().plan.findMany({ where: { campaignId }, orderBy: { revision: 'asc' } });
    expect(plans.map(({ revision, reason }) => [revision, reason])).toEqual([
      [1, 'INITIAL'],
      ...[2, 3, 4, 5, 6].map((revision) => [revision, 'TASK_FAILED']),
    ]);
    model.scripts.WRITE_POST = SURE.WRITE_POST;
    await replanCampaign(swarm.context(), { id: campaignId, note: 'Focus on looms.' });
    await settleApproving(swarm, campaignId, 40_000);
    expect(await campaignOf(campaignId)).toMatchObject({ status: 'ACTIVE', statusReason: null, planRevision: 7 });
    expect(await published(campaignId)).toBe(1);
  });

  it('because the model is out of order is FAILED after eight tries; set ACTIVE, it is planned again', async () => {
    model.scripts.PLAN = () => {
      throw new LanguageModelError('OVERLOADED', 'come back later');
    };
    const campaignId = await createTestCampaign(swarm, await createTestAgent(swarm), 1);
    await waitUntilFailed(campaignId);
    await expectFailed(campaignId, /No plan could be made: OVERLOADED: come back later/);
    expect(model.calls.PLAN).toBe(8);
    model.scripts.PLAN = undefined;
    await setCampaignStatus(swarm.context(), { id: campaignId, status: 'ACTIVE' });
    await settleApproving(swarm, campaignId, 40_000);
    expect(await published(campaignId)).toBe(1);
  });

  it('because none of its agents is left is FAILED at once', async () => {
    const agentId = await createTestAgent(swarm);
    const campaignId = await createTestCampaign(swarm, agentId, 1, { activate: false });
    await setAgentStatus(swarm.context(), { id: agentId, status: 'ARCHIVED' });
    await setCampaignStatus(swarm.context(), { id: campaignId, status: 'ACTIVE' });
    await waitUntilFailed(campaignId);
    await expectFailed(campaignId, /none of its agents can work any more/);
  });

  it('is not ended while a person still decides about a post of it: rejected, it is FAILED, and nothing was thrown away before', async () => {
    let drafts = 0;
    model.scripts.WRITE_POST = (answer) => {
      drafts += 1;
      if (drafts > 1) return garbled();
      return { ...(answer as object), probability: 0.7 };
    };
    const campaignId = await createTestCampaign(swarm, await createTestAgent(swarm), 2);
    await waitUntil(
      campaignId,
      async () => ((await campaignOf(campaignId)).statusReason ?? '').startsWith('Waits for what is under way'),
      'waiting for the review',
    );
    expect((await campaignOf(campaignId)).status).toBe('ACTIVE');
    const review = await prisma().review.findFirstOrThrow({ where: { campaignId, status: 'PENDING' } });
    const asked = model.calls.PLAN;
    const { version } = await campaignOf(campaignId);
    await waitUntil(campaignId, async () => (await campaignOf(campaignId)).version > version, 'another look');
    expect(model.calls.PLAN).toBe(asked);
    await rejectReview(swarm.context(), { id: review.id, expectedVersion: review.version, feedback: 'No.' });
    await waitUntilFailed(campaignId);
    await expectFailed(campaignId, /re-planned 5 times/);
  });

  it('with a publication now and then is repaired on and on: the count starts anew', async () => {
    let drafts = 0;
    model.scripts.WRITE_POST = (answer) => {
      drafts += 1;
      return drafts % 4 === 0 ? { ...(answer as object), probability: 1 } : garbled();
    };
    const campaignId = await createTestCampaign(swarm, await createTestAgent(swarm), 3);
    await waitUntil(campaignId, async () => (await published(campaignId)) === 3, 'three posts');
    expect(await campaignOf(campaignId)).toMatchObject({ status: 'ACTIVE' });
    expect(await prisma().plan.count({ where: { campaignId } })).toBeGreaterThan(3);
  });
});
