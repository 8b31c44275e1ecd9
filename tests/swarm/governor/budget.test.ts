import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

const CALL_MICRO_USD = 10_000;

describe('a budget', () => {
  let swarm: TestSwarm;
  beforeAll(async () => {
    swarm = await startTestSwarm({ model: createScriptedModel({ ...SURE }, CALL_MICRO_USD), reconcileSeconds: 1 });
  });
  afterAll(() => swarm.stop());
  const prisma = () => swarm.context().db.prisma;

  async function runUntilPaused(account: string, limit: { agent?: string; campaign?: Record<string, unknown> }) {
    const agentId = await createTestAgent(swarm, {
      name: account,
      socialHandles: [{ platform: 'TWITTER', username: account }],
      ...(limit.agent ? { budgetDailyUsd: limit.agent } : {}),
    });
    const campaignId = await createTestCampaign(swarm, agentId, 6, limit.campaign);
    const paused = await waitFor(() => prisma().campaign.findFirst({ where: { id: campaignId, status: 'PAUSED' } }));
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

  it('goes on where it stopped once a person raised the limit and resumed', async () => {
    const { campaignId } = await runUntilPaused('raised', { campaign: { budgetDailyUsd: '0.09' } });
    const { version } = await prisma().campaign.findUniqueOrThrow({ where: { id: campaignId } });
    await updateCampaign(swarm.context(), { id: campaignId, expectedVersion: version, budgetDailyUsd: '5' });
    await setCampaignStatus(swarm.context(), { id: campaignId, status: 'ACTIVE' });
    await waitUntilSettled(swarm, campaignId);
    expect(await prisma().task.count({ where: { campaignId, type: 'POST_CONTENT', status: 'COMPLETE' } })).toBe(6);
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
