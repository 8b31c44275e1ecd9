import { afterAll, beforeAll, expect, test } from 'vitest';
import { endCampaigns } from '../../../domain/campaign/end-campaigns.ts';
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
const status = async (id: string) => (await domain.row<{ status: string }>('Campaign', id)).status;
const past = () => new Date(Date.now() - 1_000);

test.each(['ACTIVE', 'PAUSED'] as const)(
  'an %s campaign whose end has come is COMPLETED, audited, and what is not finished is cancelled',
  async (before) => {
    const campaign = await tenant.campaign([agent], {
      status: before,
      endsAt: past(),
      planDueReason: 'HUMAN',
      planDueAt: past(),
    });
    const task = await agent.task({ campaignId: campaign.id });
    await Promise.all([endCampaigns(domain.relay), endCampaigns(domain.relay)]);
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({
      status: 'COMPLETED',
      statusReason: 'The end of the campaign was reached.',
      planDueReason: null,
    });
    expect(await domain.row('Task', task.id)).toMatchObject({ status: 'CANCELLED' });
    expect(await domain.audited(campaign.id)).toEqual(['campaign.completed']);
  },
);

/** A campaign without an end of which the only post is published. */
async function done(columns: object = {}, members = [agent]) {
  const campaign = await tenant.campaign(members, { planRevision: 1, estimatedPosts: 1, ...columns });
  await members[0]?.task({ campaignId: campaign.id, type: 'POST_CONTENT', status: 'COMPLETE' });
  return campaign;
}

test('one without an end is COMPLETED when everything planned is done', async () => {
  const campaign = await done();
  await endCampaigns(domain.relay);
  expect(await domain.row('Campaign', campaign.id)).toMatchObject({
    status: 'COMPLETED',
    statusReason: 'Everything planned is done: 1 of 1 posts were published.',
  });
});

test('one goes on while it has an end before it, an open task, an owed plan, a stopped agent, or nothing published', async () => {
  const stopped = await tenant.agent({ status: 'EMERGENCY_STOPPED' });
  const later = await done({ endsAt: new Date(Date.now() + 60_000) });
  const owed = await done({ planDueReason: 'TASK_FAILED', planDueAt: past() });
  const halted = await done({}, [stopped]);
  const unplanned = await tenant.campaign([agent], { planRevision: 1 });
  const waiting = await done();
  await agent.task({ campaignId: waiting.id, status: 'ESCALATED' });
  await endCampaigns(domain.relay);
  for (const { id } of [later, owed, halted, unplanned, waiting]) expect(await status(id)).toBe('ACTIVE');
});
