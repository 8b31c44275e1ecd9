import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replanCampaign } from '../../../domain/campaign/replan-campaign.ts';
import { updateCampaign } from '../../../domain/campaign/update-campaign.ts';
import { newId } from '../../../platform/ids.ts';
import type { SeededAgent, SeededTenant } from '../../support/seed.ts';
import type { Domain } from '../domain-fixture.ts';
import { failureOf, fieldsOf, openDomain } from '../domain-fixture.ts';

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
const tasksOf = (campaignId: string) =>
  domain.sql<{ status: string; stateVersion: number }>(
    'SELECT status, "stateVersion" FROM "Task" WHERE "campaignId" = $1 ORDER BY id',
    [campaignId],
  );

async function campaignWithTasks(columns: Record<string, unknown> = {}) {
  const campaign = await tenant.campaign([agent], columns);
  for (const status of ['PENDING', 'QUEUED', 'IN_PROGRESS', 'IN_REVIEW', 'ESCALATED', 'APPLYING', 'COMPLETE'] as const)
    await agent.task({ status, campaignId: campaign.id });
  return campaign;
}

describe('updateCampaign', () => {
  test('new goals cancel what is not finished, but for what is leaving already, and owe a plan', async () => {
    const campaign = await campaignWithTasks();
    await updateCampaign(context(), { id: campaign.id, expectedVersion: 1, goals: '7 posts about rain' });
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({
      goals: '7 posts about rain',
      estimatedPosts: 7,
      stateVersion: 2,
      version: 2,
      planDueReason: 'HUMAN',
    });
    const states = (await tasksOf(campaign.id)).map((task) => task.status);
    expect(states).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED', 'CANCELLED', 'CANCELLED', 'APPLYING', 'COMPLETE']);
  });

  test('the same goals again cancel nothing, also while the plan of changed goals is still owed', async () => {
    const campaign = await campaignWithTasks();
    await updateCampaign(context(), { id: campaign.id, expectedVersion: 1, goals: '3 posts about fog' });
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({
      stateVersion: 1,
      version: 2,
      planDueReason: null,
    });
    await updateCampaign(context(), { id: campaign.id, expectedVersion: 2, goals: 'Rain.' });
    const reply = await agent.task({
      status: 'QUEUED',
      campaignId: campaign.id,
      type: 'REPLY_COMMENT',
      stateVersion: 2,
    });
    await updateCampaign(context(), { id: campaign.id, expectedVersion: 3, goals: 'Rain.', name: 'Rain' });
    expect(await domain.row('Task', reply.id)).toMatchObject({ status: 'QUEUED' });
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({ stateVersion: 2, name: 'Rain' });
  });

  test('new budgets move the state and re-stamp the work that is not finished: it stays valid', async () => {
    const campaign = await campaignWithTasks();
    await updateCampaign(context(), { id: campaign.id, expectedVersion: 1, budgetDailyUsd: '1', budgetTotalUsd: '5' });
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({
      stateVersion: 2,
      budgetDailyMicroUsd: '1000000',
      budgetTotalMicroUsd: '5000000',
      planDueReason: null,
    });
    expect(await tasksOf(campaign.id)).toEqual([
      ...['PENDING', 'QUEUED', 'IN_PROGRESS', 'IN_REVIEW', 'ESCALATED', 'APPLYING'].map((status) => ({
        status,
        stateVersion: 2,
      })),
      { status: 'COMPLETE', stateVersion: 1 },
    ]);
  });

  test('a budget does not revive work that something else made stale', async () => {
    const campaign = await campaignWithTasks({ stateVersion: 4 });
    await updateCampaign(context(), { id: campaign.id, expectedVersion: 1, budgetDailyUsd: '1' });
    expect((await tasksOf(campaign.id)).map((task) => task.stateVersion)).toEqual([1, 1, 1, 1, 1, 1, 1]);
  });

  test('a name, a priority and an end move no state', async () => {
    const campaign = await campaignWithTasks();
    const endsAt = new Date(Date.now() + 864e5);
    await updateCampaign(context(), { id: campaign.id, expectedVersion: 1, name: 'Rain', priority: 'LOW', endsAt });
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({
      name: 'Rain',
      priority: 'LOW',
      endsAt,
      stateVersion: 1,
      version: 2,
    });
  });

  test('an end that changes how many posts the goals ask for owes a plan; in-flight work stays valid', async () => {
    const inDays = (days: number) => new Date(Date.now() + days * 864e5);
    const goals = { goals: 'One post a day about fog', estimatedPosts: 8, endsAt: inDays(7), planRevision: 1 };
    const campaign = await campaignWithTasks(goals);
    await updateCampaign(context(), { id: campaign.id, expectedVersion: 1, endsAt: inDays(29) });
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({
      estimatedPosts: 30,
      stateVersion: 1,
      planDueReason: 'HUMAN',
      planDueNote: 'The end of the campaign was changed.',
    });
  });

  test('a paused campaign’s new goals wait for its resumption', async () => {
    const campaign = await campaignWithTasks({ status: 'PAUSED' });
    await updateCampaign(context(), { id: campaign.id, expectedVersion: 1, goals: 'Rain.' });
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({ planDueReason: null, stateVersion: 2 });
  });

  test('refuses a lost race, an ended campaign, an impossible end, and what is not there', async () => {
    const campaign = await tenant.campaign([agent]);
    const edit = (more: Record<string, unknown>) =>
      updateCampaign(context(), { id: campaign.id, expectedVersion: 1, ...more });
    expect(await failureOf(edit({ expectedVersion: 2, name: 'x' }))).toMatchObject({
      code: 'CONFLICT',
      currentVersion: 1,
    });
    expect(await fieldsOf(edit({ endsAt: new Date(0) }))).toEqual(['endsAt']);
    expect(await fieldsOf(edit({ endsAt: new Date(Date.now() - 1_000) })), 'an end that is over').toEqual(['endsAt']);
    for (const status of ['COMPLETED', 'CANCELLED'])
      expect(await failureOf(edit({ id: (await tenant.campaign([agent], { status })).id, name: 'x' }))).toMatchObject({
        code: 'INVALID_STATE',
        state: status,
      });
    const stranger = await (await domain.seed.tenant()).campaign([]);
    for (const id of [newId(), stranger.id])
      expect(await failureOf(edit({ id, name: 'x' }))).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('replanCampaign', () => {
  test('owes the campaign one plan with every note, however often it is asked; work in flight stays valid', async () => {
    const campaign = await tenant.campaign([agent]);
    await replanCampaign(context(), { id: campaign.id, note: 'More rain.' });
    await replanCampaign(context(), { id: campaign.id, note: 'Less fog.' });
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({
      planDueReason: 'HUMAN',
      planDueNote: 'More rain.\nLess fog.',
      stateVersion: 1,
      version: 3,
    });
    expect(await domain.audited(campaign.id)).toEqual(['campaign.replan_requested', 'campaign.replan_requested']);
  });

  test('a person’s wish outranks a repair that is owed already', async () => {
    const campaign = await tenant.campaign([agent], { planDueReason: 'TASK_FAILED', planDueAt: new Date() });
    await replanCampaign(context(), { id: campaign.id, note: 'Start over.' });
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({ planDueReason: 'HUMAN' });
  });

  test('refuses what is not active, not there, or says nothing', async () => {
    const paused = await tenant.campaign([agent], { status: 'PAUSED' });
    expect(await failureOf(replanCampaign(context(), { id: paused.id, note: 'x' }))).toMatchObject({
      code: 'INVALID_STATE',
      state: 'PAUSED',
    });
    expect(await failureOf(replanCampaign(context(), { id: newId(), note: 'x' }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await fieldsOf(replanCampaign(context(), { id: paused.id, note: ' ' }))).toEqual(['note']);
  });
});
