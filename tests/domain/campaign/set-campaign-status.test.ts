import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CampaignStatus } from '../../../domain/campaign/campaign-row.ts';
import { CAMPAIGN_TRANSITIONS, setCampaignStatus } from '../../../domain/campaign/set-campaign-status.ts';
import { newId } from '../../../platform/ids.ts';
import type { SeededAgent, SeededTenant } from '../../support/seed.ts';
import type { Domain } from '../domain-fixture.ts';
import { failureOf, openDomain } from '../domain-fixture.ts';

const STATUSES = Object.keys(CAMPAIGN_TRANSITIONS) as CampaignStatus[];
const PAIRS = STATUSES.flatMap((from) =>
  STATUSES.filter((to) => to !== from && to !== 'FAILED').map((to) => [from, to] as const),
);
const OPEN = ['PENDING', 'QUEUED', 'IN_PROGRESS', 'IN_REVIEW', 'ESCALATED', 'APPLYING'] as const;

let domain: Domain;
let tenant: SeededTenant;
let agent: SeededAgent;
beforeAll(async () => {
  domain = await openDomain();
  tenant = await domain.seed.tenant();
  agent = await tenant.agent();
});
afterAll(() => domain.close());
const move = (id: string, status: CampaignStatus) =>
  setCampaignStatus(domain.context(tenant.id), { id, status, reason: 'test' });
const statusOf = async (table: string, id: string): Promise<string> =>
  (await domain.row<{ status: string }>(table, id)).status;

describe('setCampaignStatus', () => {
  test.each(PAIRS)('%s → %s is done or refused as the table of transitions says', async (from, to) => {
    const campaign = await tenant.campaign([agent], { status: from });
    if (CAMPAIGN_TRANSITIONS[from].includes(to)) {
      await move(campaign.id, to);
      expect(await domain.row('Campaign', campaign.id)).toMatchObject({
        status: to,
        statusReason: 'test',
        version: 2,
        stateVersion: 2,
      });
      expect(await domain.audited(campaign.id)).toEqual([`campaign.${to.toLowerCase()}`]);
    } else {
      expect(await failureOf(move(campaign.id, to))).toMatchObject({ code: 'INVALID_STATE', state: from });
    }
  });

  test('pausing keeps every task and review, drops the owed plan, and takes the Planner’s claim', async () => {
    const campaign = await tenant.campaign([agent], {
      planDueReason: 'HUMAN',
      planDueAt: new Date(),
      planClaimToken: newId(),
      planLeaseExpiresAt: new Date(Date.now() + 6e4),
    });
    const tasks = [];
    for (const status of OPEN) tasks.push(await agent.task({ status, campaignId: campaign.id }));
    const review = await (await agent.task({ status: 'ESCALATED', campaignId: campaign.id })).review();
    await move(campaign.id, 'PAUSED');
    for (const [index, task] of tasks.entries()) expect(await statusOf('Task', task.id)).toBe(OPEN[index]);
    expect(await statusOf('Review', review.id)).toBe('PENDING');
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({
      planDueReason: null,
      planDueAt: null,
      planClaimToken: null,
      planLeaseExpiresAt: null,
    });
  });

  test('resuming owes a plan that decides about the unfinished work; a first start owes the first one', async () => {
    const resumed = await tenant.campaign([agent], { status: 'PAUSED', planRevision: 2, planFailures: 2 });
    await move(resumed.id, 'ACTIVE');
    expect(await domain.row('Campaign', resumed.id)).toMatchObject({ planDueReason: 'HUMAN', planFailures: 0 });
    const startsAt = new Date('2040-01-01T00:00:00Z');
    const started = await tenant.campaign([agent], { status: 'DRAFT', startsAt });
    await move(started.id, 'ACTIVE');
    expect(await domain.row('Campaign', started.id)).toMatchObject({ planDueReason: 'INITIAL', planDueAt: startsAt });
  });

  test.each(['CANCELLED', 'COMPLETED'] as const)(
    '%s cancels tasks, pending reviews and unsent effects; what may be out stays',
    async (status) => {
      const campaign = await tenant.campaign([agent]);
      const tasks = [];
      for (const open of OPEN) tasks.push(await agent.task({ status: open, campaignId: campaign.id }));
      const done = await agent.task({ status: 'COMPLETE', campaignId: campaign.id });
      const review = await (await agent.task({ status: 'ESCALATED', campaignId: campaign.id })).review();
      const sending = await agent.task({ status: 'APPLYING', type: 'POST_CONTENT', campaignId: campaign.id });
      const effect = (taskId: string, more: Record<string, unknown>) =>
        domain.seed.insert('Effect', {
          id: taskId,
          tenantId: tenant.id,
          taskId,
          agentId: agent.id,
          server: 's',
          tool: 't',
          payload: {},
          payloadDigest: domain.seed.digest(),
          idempotencyKey: taskId,
          approvedBy: 'judge',
          ...more,
        });
      const unsent = tasks.at(-1)?.id ?? '';
      await effect(unsent, {});
      await effect(sending.id, { status: 'SENT', sentAt: new Date(), claimToken: newId(), leaseExpiresAt: new Date() });
      await move(campaign.id, status);
      for (const task of tasks) expect(await statusOf('Task', task.id)).toBe('CANCELLED');
      expect(await statusOf('Task', done.id)).toBe('COMPLETE');
      expect(await statusOf('Review', review.id)).toBe('CANCELLED');
      expect(await statusOf('Effect', unsent)).toBe('CANCELLED');
      expect([await statusOf('Effect', sending.id), await statusOf('Task', sending.id)]).toEqual(['SENT', 'APPLYING']);
    },
  );

  test('is a manager’s; an unknown campaign and another tenant’s are not found', async () => {
    const campaign = await tenant.campaign([agent]);
    const reviewer = domain.context(tenant.id, { permissions: ['approve:hitl'] });
    expect(await failureOf(setCampaignStatus(reviewer, { id: campaign.id, status: 'PAUSED' }))).toMatchObject({
      code: 'FORBIDDEN',
    });
    const stranger = await (await domain.seed.tenant()).campaign([]);
    for (const id of [newId(), stranger.id])
      expect(await failureOf(move(id, 'PAUSED'))).toMatchObject({ code: 'NOT_FOUND' });
  });
});
