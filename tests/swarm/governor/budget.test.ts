import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { updateAgent } from '../../../domain/agent/update-agent.ts';
import { setCampaignStatus } from '../../../domain/campaign/set-campaign-status.ts';
import { updateCampaign } from '../../../domain/campaign/update-campaign.ts';
import { createScriptedModel, SURE } from '../../support/scripted-model.ts';
import type { TestSwarm } from '../../support/swarm.ts';
import { startTestSwarm } from '../../support/swarm.ts';
import {
  createTestAgent,
  createTestCampaign,
  expectLedgerConsistent,
  expectPublishedExactlyOnce,
  waitUntilSettled,
} from '../../support/swarm-run.ts';
import { waitFor } from '../../support/wait-for.ts';

vi.setConfig({ testTimeout: 60_000 });

const CALL_MICRO_USD = 10_000;

describe('a budget', () => {
  let swarm: TestSwarm;
  beforeAll(async () => {
    swarm = await startTestSwarm({ model: createScriptedModel({ ...SURE }, CALL_MICRO_USD), reconcileSeconds: 1 });
  });
  afterAll(() => swarm.stop());
  const prisma = () => swarm.context().db.prisma;

  async function runUntilPaused(
    account: string,
    limit: { agent?: string; agentTotal?: string; campaign?: Record<string, unknown> },
  ) {
    const agentId = await createTestAgent(swarm, {
      name: account,
      socialHandles: [{ platform: 'TWITTER', username: account }],
      ...(limit.agent ? { budgetDailyUsd: limit.agent } : {}),
      ...(limit.agentTotal ? { budgetTotalUsd: limit.agentTotal } : {}),
    });
    const campaignId = await createTestCampaign(swarm, agentId, 6, limit.campaign);
    const paused = await waitFor(() => prisma().campaign.findFirst({ where: { id: campaignId, status: 'PAUSED' } }), {
      timeoutMs: 30_000,
    });
    await waitFor(
      async () =>
        (await prisma().budgetAccount.count({ where: { scopeId: campaignId, reservedMicroUsd: { gt: 0 } } })) === 0,
      { message: 'everything under way to be settled' },
    );
    return { agentId, campaignId, paused };
  }
  const spentBy = async (scopeId: string) =>
    (await prisma().budgetAccount.findMany({ where: { scopeId } })).map((account) => Number(account.spentMicroUsd));

  it.each([
    ['agents-day', { agent: '0.09' }, /daily budget of the agent/],
    ['campaigns-day', { campaign: { budgetDailyUsd: '0.09' } }, /daily budget of the campaign/],
  ])(
    'of the %s that is used up pauses the campaign with E1001 and an alert, and is not overshot',
    async (name, limit, why) => {
      const account = name.replace('-', '');
      const { agentId, campaignId, paused } = await runUntilPaused(account, limit);
      expect(paused.statusReason).toMatch(/^E1001: /);
      expect(paused.statusReason).toMatch(why);
      const alerts = await prisma().alert.findMany({ where: { campaignId } });
      expect(alerts.map(({ rule, severity }) => [rule, severity])).toEqual([['E1001', 'CRITICAL']]);
      for (const spent of [...(await spentBy(campaignId)), ...(await spentBy(agentId))]) {
        expect(spent).toBeGreaterThan(0);
        expect(spent).toBeLessThanOrEqual(90_000);
      }
    },
  );

  it.each([
    ['campaigns-limit', { campaign: { budgetDailyUsd: '0.09' } }],
    ['agents-total', { agentTotal: '0.09' }],
  ])('of the %s that is raised resumes what it had paused, by itself, with the work it had', async (name, limit) => {
    const { agentId, campaignId } = await runUntilPaused(name.replace('-', ''), limit);
    if ('campaign' in limit) {
      const { version } = await prisma().campaign.findUniqueOrThrow({ where: { id: campaignId } });
      await updateCampaign(swarm.context(), { id: campaignId, expectedVersion: version, budgetDailyUsd: '5' });
    } else {
      const { version } = await prisma().agent.findUniqueOrThrow({ where: { id: agentId } });
      await updateAgent(swarm.context(), { id: agentId, expectedVersion: version, budgetTotalUsd: null });
    }
    expect(await prisma().campaign.findUniqueOrThrow({ where: { id: campaignId } })).toMatchObject({
      status: 'ACTIVE',
      statusReason: null,
    });
    await waitUntilSettled(swarm, campaignId, 30_000);
    expect(await prisma().task.count({ where: { campaignId, type: 'POST_CONTENT', status: 'COMPLETE' } })).toBe(6);
    const plans = await prisma().plan.findMany({ where: { campaignId } });
    expect(
      plans.map((plan) => plan.reason),
      'nothing was thrown away and planned again',
    ).toEqual(['INITIAL']);
  });

  it('holds after Redis was emptied: nothing of it was there', async () => {
    const { campaignId } = await runUntilPaused('emptied', { campaign: { budgetDailyUsd: '0.09' } });
    const before = await spentBy(campaignId);
    const keys = await swarm.redis.keys(`*${swarm.prefix}*`);
    if (keys.length > 0) await swarm.redis.del(...keys);
    await setCampaignStatus(swarm.context(), { id: campaignId, status: 'ACTIVE', reason: 'Does it hold?' });
    const again = { id: campaignId, status: 'PAUSED', statusReason: { startsWith: 'E1001' } } as const;
    await waitFor(() => prisma().campaign.findFirst({ where: again }));
    const after = await spentBy(campaignId);
    for (const spent of after) expect(spent).toBeLessThanOrEqual(90_000);
    expect(Math.min(...after)).toBeGreaterThanOrEqual(Math.min(...before));
  });

  it('is kept by a ledger that adds up: accounts, entries, and the cost of every result, judgement and plan', async () => {
    const entries = await expectLedgerConsistent(swarm);
    const [costs] = await swarm.relayDatabase.query<{ results: number; plans: number }>(
      `SELECT (SELECT sum("costMicroUsd")::float8 FROM "Result") AS results, (SELECT sum("costMicroUsd")::float8 FROM "Plan") AS plans`,
    );
    const judged = await prisma().spendEntry.aggregate({ _sum: { actualMicroUsd: true } });
    expect(Number(judged._sum.actualMicroUsd)).toBe(entries);
    const judgements = entries - (costs?.results ?? 0) - (costs?.plans ?? 0);
    expect(judgements).toBeGreaterThanOrEqual(0);
    expect(judgements % CALL_MICRO_USD).toBe(0);
  });

  it('has let out each approved payload exactly once', () => expectPublishedExactlyOnce(swarm));
});
