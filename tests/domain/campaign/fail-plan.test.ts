import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestPlan } from '../../../domain/campaign/campaign-row.ts';
import type { ClaimedPlan } from '../../../domain/campaign/claim-plan.ts';
import { claimPlan } from '../../../domain/campaign/claim-plan.ts';
import { endCampaign, failPlan, readExhaustion } from '../../../domain/campaign/fail-plan.ts';
import { MAX_PLAN_FAILURES, MAX_REPAIRS } from '../../../domain/campaign/plan-bounds.ts';
import { replanCampaign } from '../../../domain/campaign/replan-campaign.ts';
import { setCampaignStatus } from '../../../domain/campaign/set-campaign-status.ts';
import { writePlan } from '../../../domain/campaign/write-plan.ts';
import type { SeededAgent, SeededTenant } from '../../support/seed.ts';
import type { Domain } from '../domain-fixture.ts';
import { openDomain } from '../domain-fixture.ts';

let domain: Domain;
let tenant: SeededTenant;
let agent: SeededAgent;
beforeAll(async () => {
  domain = await openDomain();
  tenant = await domain.seed.tenant();
  agent = await tenant.agent();
});
afterAll(() => domain.close());
const context = () => domain.context(tenant.id);
const owed = (columns: Record<string, unknown> = {}) =>
  tenant.campaign([agent], { planDueReason: 'INITIAL', planDueAt: new Date(Date.now() - 1_000), ...columns });

async function claimed(campaignId: string): Promise<ClaimedPlan> {
  const claim = await claimPlan(context(), campaignId, 60);
  if (!claim) throw new Error('nothing to claim');
  return claim;
}
/** A repair of one draft. */
const write = ({ campaign, claimToken }: ClaimedPlan) =>
  writePlan(context(), {
    campaignId: campaign.id,
    claimToken,
    stateVersion: campaign.stateVersion,
    reason: 'TASK_FAILED',
    note: campaign.planDueNote,
    request: campaign.planRequest,
    model: 'offline',
    settlements: [],
    tasks: [
      {
        key: 'a',
        agentId: agent.id,
        type: 'GENERATE_POST',
        input: { platform: 'TWITTER', topic: 'a' },
        dependsOn: [],
        priority: 5,
        scheduledFor: null,
      },
    ],
    replaces: [],
    shortfall: null,
  });

describe('a plan that cannot be made', () => {
  test.each(['INVALID', 'FAULT'] as const)(
    'for %s is tried again later and later; the last failure in a row ends the campaign FAILED with an alert',
    async (kind) => {
      const campaign = await owed();
      let pauseMs = 0;
      for (let failure = 1; failure <= MAX_PLAN_FAILURES[kind]; failure += 1) {
        await domain.sql(`UPDATE "Campaign" SET "planDueAt" = now() - interval '1 second' WHERE id = $1`, [
          campaign.id,
        ]);
        await failPlan(context(), await claimed(campaign.id), { message: 'no answer', kind }, []);
        const row = await domain.row<{ planDueAt: Date | null; status: string }>('Campaign', campaign.id);
        if (failure < MAX_PLAN_FAILURES[kind]) {
          expect(row).toMatchObject({ status: 'ACTIVE', planFailures: failure, planClaimToken: null });
          expect(row.planDueAt?.getTime()).toBeGreaterThan(Date.now() + pauseMs + 1_000);
          pauseMs = (row.planDueAt?.getTime() ?? 0) - Date.now();
        } else {
          expect(row).toMatchObject({
            status: 'FAILED',
            statusReason: 'No plan could be made: no answer',
            planDueReason: null,
          });
        }
      }
      expect(await domain.sql('SELECT rule, severity FROM "Alert" WHERE "campaignId" = $1', [campaign.id])).toEqual([
        { rule: 'CAMPAIGN_FAILED', severity: 'CRITICAL' },
      ]);
    },
  );

  test('a hopeless one is the end at once; a lost claim changes nothing', async () => {
    const campaign = await owed();
    const claim = await claimed(campaign.id);
    const hopeless = { message: 'x', kind: 'HOPELESS' } as const;
    await failPlan(context(), { ...claim, claimToken: campaign.id }, hopeless, []);
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({ status: 'ACTIVE' });
    await failPlan(context(), claim, hopeless, []);
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({ status: 'FAILED' });
  });

  test('what is still under way is waited for: it is not cancelled by the failure of its campaign', async () => {
    const campaign = await owed();
    const post = await agent.task({ campaignId: campaign.id, type: 'POST_CONTENT', status: 'ESCALATED' });
    await failPlan(context(), await claimed(campaign.id), { message: 'x', kind: 'HOPELESS' }, []);
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({
      status: 'ACTIVE',
      statusReason: 'Waits for what is under way: No plan could be made: x',
    });
    await domain.sql(`UPDATE "Task" SET status = 'REJECTED', "completedAt" = now() WHERE id = $1`, [post.id]);
    await domain.sql(`UPDATE "Campaign" SET "planDueAt" = now() - interval '1 second' WHERE id = $1`, [campaign.id]);
    const claim = await claimed(campaign.id);
    const exhausted = await readExhaustion(context(), claim.campaign);
    expect(exhausted).toBe('No plan could be made: x');
    await endCampaign(context(), claim, exhausted ?? '');
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({ status: 'FAILED', statusReason: exhausted });
  });
});

describe('repairs in a row', () => {
  const repair = (columns: object = {}) =>
    owed({ planDueReason: 'TASK_FAILED', planRevision: 4, planRepairs: MAX_REPAIRS, ...columns });

  test('without a publication reach the bound; a publication since, or a person, lifts it', async () => {
    const stuck = await repair();
    await stuck.plan(4);
    expect(await readExhaustion(context(), (await claimed(stuck.id)).campaign)).toMatch(/re-planned 5 times/);
    const moving = await repair();
    await moving.plan(4, { createdAt: new Date(Date.now() - 60_000) });
    await agent.task({ campaignId: moving.id, type: 'POST_CONTENT', status: 'COMPLETE' });
    const claim = await claimed(moving.id);
    expect(await readExhaustion(context(), claim.campaign)).toBeNull();
    await write(claim);
    expect(await domain.row('Campaign', moving.id)).toMatchObject({ planRepairs: 1 });
    const wished = await repair();
    await replanCampaign(context(), { id: wished.id, note: 'Try fog.' });
    expect(await readExhaustion(context(), (await claimed(wished.id)).campaign)).toBeNull();
  });

  test('wait longer and longer; a draft that gets done is no publication', async () => {
    let lastMs = 0;
    for (const planRepairs of [1, 2, 3]) {
      const campaign = await tenant.campaign([agent], { planRepairs, planRevision: planRepairs });
      await campaign.plan(planRepairs, { createdAt: new Date(Date.now() - 60_000) });
      await agent.task({ campaignId: campaign.id, status: 'COMPLETE' });
      await context().db.transaction((sql) => requestPlan(sql, campaign.id, { reason: 'TASK_FAILED', note: 'x' }));
      const { planDueAt } = await domain.row<{ planDueAt: Date }>('Campaign', campaign.id);
      expect(planDueAt.getTime() - Date.now()).toBeGreaterThan(lastMs + 1_000);
      lastMs = planDueAt.getTime() - Date.now();
    }
  });
});

test('a person’s wish that comes while the end is decided is planned: the campaign does not end', async () => {
  const campaign = await owed({ planDueReason: 'TASK_FAILED', planRepairs: MAX_REPAIRS, planRevision: 2 });
  await campaign.plan(2);
  const claim = await claimed(campaign.id);
  const exhausted = await readExhaustion(context(), claim.campaign);
  await replanCampaign(context(), { id: campaign.id, note: 'Try rain.' });
  await endCampaign(context(), claim, exhausted ?? '');
  expect(await domain.row('Campaign', campaign.id)).toMatchObject({ status: 'ACTIVE', planClaimToken: null });
  expect((await claimed(campaign.id)).campaign).toMatchObject({ planDueReason: 'HUMAN', planDueNote: 'Try rain.' });
});

describe('a FAILED campaign', () => {
  test.each(['set ACTIVE', 're-planned'] as const)('%s by a person is planned again from new', async (how) => {
    const campaign = await owed({ planRepairs: MAX_REPAIRS, planRevision: 2 });
    const open = await agent.task({ campaignId: campaign.id });
    await endCampaign(context(), await claimed(campaign.id), 'It does not work.');
    expect(await domain.row('Task', open.id)).toMatchObject({ status: 'CANCELLED' });
    if (how === 'set ACTIVE') await setCampaignStatus(context(), { id: campaign.id, status: 'ACTIVE' });
    else await replanCampaign(context(), { id: campaign.id, note: 'Write about rain.' });
    const { campaign: row } = await claimed(campaign.id);
    expect(row).toMatchObject({
      status: 'ACTIVE',
      statusReason: null,
      planDueReason: 'HUMAN',
      planDueNote: `The campaign was resumed.${how === 're-planned' ? '\nWrite about rain.' : ''}`,
      planRepairs: 0,
      planFailures: 0,
    });
  });
});
