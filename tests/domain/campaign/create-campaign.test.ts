import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCampaign } from '../../../domain/campaign/create-campaign.ts';
import { estimatePosts } from '../../../domain/campaign/estimate-posts.ts';
import { newId } from '../../../platform/ids.ts';
import type { SeededAgent, SeededTenant } from '../../support/seed.ts';
import type { Domain } from '../domain-fixture.ts';
import { failureOf, fieldsOf, openDomain } from '../domain-fixture.ts';

const NOW = new Date('2030-05-01T12:00:00Z');
const DAY_MS = 86_400_000;
const day = (offset: number): Date => new Date(NOW.getTime() + offset * DAY_MS);

let domain: Domain;
let tenant: SeededTenant;
let agent: SeededAgent;
beforeAll(async () => {
  domain = await openDomain();
  tenant = await domain.seed.tenant();
  agent = await tenant.agent();
});
afterAll(() => domain.close());
const create = (more: Record<string, unknown> = {}) =>
  createCampaign(domain.context(tenant.id, { now: NOW }), {
    agentIds: [agent.id],
    name: 'Fog week',
    goals: '3 posts about fog',
    ...more,
  });

describe('createCampaign', () => {
  test('is ACTIVE at once, with an estimate, its agents once each, and owed its first plan', async () => {
    const second = await tenant.agent();
    const { id } = await create({
      agentIds: [agent.id, second.id, agent.id],
      durationDays: 7,
      budgetDailyUsd: '2',
      budgetTotalUsd: '10',
      priority: 'HIGH',
    });
    expect(await domain.row('Campaign', id)).toMatchObject({
      status: 'ACTIVE',
      startsAt: NOW,
      endsAt: day(7),
      estimatedPosts: 3,
      planDueReason: 'INITIAL',
      planDueAt: NOW,
      budgetDailyMicroUsd: '2000000',
      budgetTotalMicroUsd: '10000000',
      priority: 'HIGH',
      stateVersion: 1,
      version: 1,
    });
    expect(await domain.sql('SELECT 1 FROM "CampaignAgent" WHERE "campaignId" = $1', [id])).toHaveLength(2);
    expect(await domain.events(id)).toMatchObject([
      { topic: 'campaign', kind: 'CREATED', data: { status: 'ACTIVE', planDueReason: 'INITIAL' } },
    ]);
    expect(await domain.audited(id)).toEqual(['campaign.created']);
  });

  test('as a draft owes no plan; one that starts later owes it then', async () => {
    expect(await domain.row('Campaign', (await create({ activate: false })).id)).toMatchObject({
      status: 'DRAFT',
      planDueReason: null,
      planDueAt: null,
    });
    expect(await domain.row('Campaign', (await create({ startsAt: day(2) })).id)).toMatchObject({
      status: 'ACTIVE',
      planDueAt: day(2),
      startsAt: day(2),
      endsAt: null,
    });
  });

  test.each<[string, Record<string, unknown>, string[]]>([
    ['an end before its start', { startsAt: day(2), endsAt: day(1) }, ['endsAt']],
    ['an end at its start', { startsAt: day(2), endsAt: day(2) }, ['endsAt']],
    ['an end in the past', { startsAt: day(-3), endsAt: day(-1) }, ['endsAt']],
    ['an end and a duration', { endsAt: day(3), durationDays: 3 }, ['durationDays']],
    ['no days', { durationDays: 0 }, ['durationDays']],
    ['no agents', { agentIds: [] }, ['agentIds']],
    ['something that is no id', { agentIds: ['agent'] }, ['agentIds.0']],
    ['no goals', { goals: '  ' }, ['goals']],
    ['too long goals', { goals: 'a'.repeat(10_001) }, ['goals']],
    ['a budget of nonsense', { budgetTotalUsd: '$5' }, ['budgetTotalUsd']],
    ['an unknown priority', { priority: 'URGENT' }, ['priority']],
  ])('refuses %s, naming the field', async (_what, input, fields) => {
    expect(await fieldsOf(create(input))).toEqual(fields);
  });

  test('an unknown agent and another tenant’s are equally not found; an archived one is refused; nothing is half made', async () => {
    const stranger = await (await domain.seed.tenant()).agent();
    const archived = await tenant.agent({ status: 'ARCHIVED' });
    const count = async () => (await domain.sql('SELECT count(*)::int AS n FROM "Campaign"'))[0];
    const before = await count();
    for (const id of [newId(), stranger.id])
      expect(await failureOf(create({ agentIds: [agent.id, id] }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await failureOf(create({ agentIds: [agent.id, archived.id] }))).toMatchObject({ code: 'INVALID_STATE' });
    expect(await count()).toEqual(before);
  });

  test('is a manager’s', async () => {
    const reviewer = domain.context(tenant.id, { permissions: ['approve:hitl', 'read:agents'] });
    expect(await failureOf(createCampaign(reviewer, {}))).toMatchObject({
      code: 'FORBIDDEN',
      requires: 'write:campaigns',
    });
  });
});

describe('the estimate of posts', () => {
  test.each([
    ['5 posts about fog', 5],
    ['Write two short tweets a day', 14],
    ['a post per week', 1],
    ['twelve posts', 12],
    ['999 posts every day', 200],
    ['be nice', 4],
    ['0 posts', 1],
  ])('of “%s” over 7 days is %i', (goals, posts) => {
    expect(estimatePosts(goals, NOW, day(7))).toBe(posts);
  });
});
