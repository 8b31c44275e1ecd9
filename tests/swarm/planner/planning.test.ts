import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setCampaignStatus } from '../../../domain/campaign/set-campaign-status.ts';
import type { PlannedTask } from '../../../domain/campaign/validate-plan.ts';
import type { PlanPromptInput } from '../../../swarm/models/prompts/plan.ts';
import type { ScriptedModel } from '../../support/scripted-model.ts';
import { createScriptedModel, SURE } from '../../support/scripted-model.ts';
import type { TestSwarm } from '../../support/swarm.ts';
import { startTestSwarm } from '../../support/swarm.ts';
import { createTestAgent, createTestCampaign, waitUntilSettled } from '../../support/swarm-run.ts';
import { waitFor } from '../../support/wait-for.ts';

/** A plan whose publications depend on no draft. */
const withoutDrafts = (answer: unknown) => ({
  ...(answer as object),
  tasks: (answer as { tasks: PlannedTask[] }).tasks.map((task) => ({ ...task, dependsOn: [] })),
});

describe('a plan that does not validate', () => {
  let swarm: TestSwarm;
  let model: ScriptedModel;
  let notes: (string | null)[];
  beforeAll(async () => {
    model = createScriptedModel({ ...SURE });
    swarm = await startTestSwarm({ model, reconcileSeconds: 1 });
  });
  afterAll(() => swarm.stop());
  const prisma = () => swarm.context().db.prisma;

  function answerWrongly(times: number): void {
    let wrong = 0;
    notes = [];
    model.scripts.PLAN = (answer, input) => {
      notes.push((input as PlanPromptInput).note);
      wrong += 1;
      return wrong <= times ? withoutDrafts(answer) : answer;
    };
  }

  it('is shown back to the model once, with what is wrong, and the second answer is taken', async () => {
    answerWrongly(1);
    const campaignId = await createTestCampaign(swarm, await createTestAgent(swarm), 1);
    await waitUntilSettled(swarm, campaignId);
    expect(notes).toEqual([
      null,
      expect.stringMatching(/refused: .*POST_CONTENT depends on exactly one GENERATE_POST/),
    ]);
    expect(await prisma().plan.count({ where: { campaignId } })).toBe(1);
    expect(await prisma().campaign.findUnique({ where: { id: campaignId } })).toMatchObject({ planFailures: 0 });
  });

  it('three times in a row ends the campaign FAILED, which says why, and alerts; set ACTIVE, it is planned again', async () => {
    answerWrongly(6);
    const campaignId = await createTestCampaign(swarm, await createTestAgent(swarm), 1);
    for (const failures of [1, 2]) {
      await waitFor(
        async () => (await prisma().campaign.findUnique({ where: { id: campaignId } }))?.planFailures === failures,
        { message: `${failures} failures` },
      );
      // The pause before the next try is over.
      await swarm.relayDatabase.query('UPDATE "Campaign" SET "planDueAt" = now() WHERE id = $1', [campaignId]);
    }
    const failed = await waitFor(() => prisma().campaign.findFirst({ where: { id: campaignId, status: 'FAILED' } }));
    expect(failed.statusReason).toMatch(/^No plan could be made: .*exactly one GENERATE_POST/);
    const alerts = await prisma().alert.findMany({ where: { campaignId } });
    expect(alerts.map(({ rule, severity }) => [rule, severity])).toEqual([['CAMPAIGN_FAILED', 'CRITICAL']]);
    expect(await prisma().task.count({ where: { campaignId } })).toBe(0);
    await setCampaignStatus(swarm.context(), { id: campaignId, status: 'ACTIVE' });
    await waitUntilSettled(swarm, campaignId);
    expect(await prisma().task.count({ where: { campaignId, type: 'POST_CONTENT', status: 'COMPLETE' } })).toBe(1);
  });
});

describe('a plan that cannot be written', () => {
  it('is paid all the same: what the model cost is entered, and nothing stays reserved', async () => {
    const costMicroUsd = 700;
    const swarm = await startTestSwarm({ model: createScriptedModel({ ...SURE }, costMicroUsd) });
    const owner = new pg.Client({ connectionString: swarm.testDatabase.adminUrl });
    await owner.connect();
    await owner.query('ALTER TABLE "Plan" ADD CONSTRAINT full_disk CHECK (false)');
    await owner.end();
    const campaignId = await createTestCampaign(swarm, await createTestAgent(swarm), 1);
    const { campaign, spendEntry } = swarm.context().db.prisma;
    await waitFor(async () => ((await campaign.findUnique({ where: { id: campaignId } }))?.planFailures ?? 0) > 0, {
      message: 'the failure',
    });
    const [entry] = await spendEntry.findMany({ where: { campaignId } });
    expect(entry).toMatchObject({ status: 'SETTLED', actualMicroUsd: BigInt(costMicroUsd) });
    await swarm.stop();
  });
});

describe('a Planner whose model thinks for longer than the lease', () => {
  it('keeps its claim meanwhile: the model is asked once, and one revision is written', async () => {
    const model = createScriptedModel({ ...SURE });
    const swarm = await startTestSwarm({ model, reconcileSeconds: 1, settings: { leaseSeconds: 2 } });
    try {
      let asked = 0;
      let answer = () => {};
      const thought = new Promise<void>((resolve) => {
        answer = resolve;
      });
      model.scripts.PLAN = async (plan) => {
        asked += 1;
        await thought;
        return plan;
      };
      const campaignId = await createTestCampaign(swarm, await createTestAgent(swarm), 1);
      const { prisma } = swarm.context().db;
      const leaseEnd = async () =>
        (await prisma.campaign.findUnique({ where: { id: campaignId } }))?.planLeaseExpiresAt?.getTime() ?? 0;
      const first = await waitFor(async () => (asked === 1 ? leaseEnd() : 0));
      // A second and more after the first lease would have ended, with the reconciler running.
      await waitFor(async () => (await leaseEnd()) > first + 3_000, { message: 'a lease extended twice' });
      expect(asked).toBe(1);
      answer();
      await waitUntilSettled(swarm, campaignId);
      expect(await prisma.plan.count({ where: { campaignId } })).toBe(1);
    } finally {
      await swarm.stop();
    }
  });
});
