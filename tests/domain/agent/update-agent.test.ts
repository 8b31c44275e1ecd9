import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { updateAgent } from '../../../domain/agent/update-agent.ts';
import { newId } from '../../../platform/ids.ts';
import type { SeededTenant } from '../../support/seed.ts';
import type { Domain } from '../domain-fixture.ts';
import { failureOf, fieldsOf, openDomain } from '../domain-fixture.ts';

const SOUL = readFileSync('examples/climate-engineer/SOUL.md', 'utf8');

let domain: Domain;
let tenant: SeededTenant;
beforeAll(async () => {
  domain = await openDomain();
  tenant = await domain.seed.tenant();
});
afterAll(() => domain.close());
const admin = () => domain.context(tenant.id);

describe('updateAgent', () => {
  test('changes what is given and leaves the rest', async () => {
    const agent = await tenant.agent({ bio: 'old' });
    await agent.handle('TWITTER', 'old');
    await updateAgent(admin(), { id: agent.id, expectedVersion: 1, name: 'Nova', budgetDailyUsd: '3' });
    expect(await domain.row('Agent', agent.id)).toMatchObject({
      name: 'Nova',
      bio: 'old',
      budgetDailyMicroUsd: '3000000',
      backstory: 'Grew up by the sea.',
      version: 2,
    });
    await updateAgent(admin(), {
      id: agent.id,
      expectedVersion: 2,
      bio: '',
      socialHandles: [{ platform: 'THREADS', username: 'new' }],
    });
    expect(await domain.row('Agent', agent.id)).toMatchObject({ bio: '', version: 3 });
    expect(await domain.sql('SELECT platform, username FROM "SocialHandle" WHERE "agentId" = $1', [agent.id])).toEqual([
      { platform: 'THREADS', username: 'new' },
    ]);
    expect(await domain.audited(agent.id)).toEqual(['agent.updated', 'agent.updated']);
  });

  test('of 20 edits that saw the same version one is committed; the others learn the version now', async () => {
    const agent = await tenant.agent();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        updateAgent(admin(), { id: agent.id, expectedVersion: 1, name: `name ${index}` }),
      ),
    );
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'CONFLICT', currentVersion: 2, retryable: true });
  });

  test('a new persona makes the active campaigns’ work stale and owes each a plan; other campaigns are left alone', async () => {
    const agent = await tenant.agent();
    const active = await tenant.campaign([agent]);
    const paused = await tenant.campaign([agent], { status: 'PAUSED' });
    const foreign = await tenant.campaign([await tenant.agent()]);
    await updateAgent(admin(), { id: agent.id, expectedVersion: 1, soulMarkdown: SOUL });
    expect(await domain.row('Campaign', active.id)).toMatchObject({
      stateVersion: 2,
      version: 2,
      planDueReason: 'HUMAN',
      planDueNote: 'The persona was changed.',
    });
    for (const other of [paused, foreign])
      expect(await domain.row('Campaign', other.id)).toMatchObject({ stateVersion: 1, planDueReason: null });
    expect((await domain.row<{ voiceTraits: string[] }>('Agent', agent.id)).voiceTraits).not.toEqual(['warm']);
    expect(await domain.events(active.id)).toMatchObject([
      { topic: 'campaign', data: { planDueReason: 'HUMAN', stateVersion: 2 } },
    ]);
  });

  test('without a new persona no campaign moves', async () => {
    const agent = await tenant.agent();
    const campaign = await tenant.campaign([agent]);
    await updateAgent(admin(), { id: agent.id, expectedVersion: 1, budgetDailyUsd: '9' });
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({ version: 1, stateVersion: 1 });
  });

  test('refuses an archived agent, an unknown one, another tenant’s, and an empty SOUL.md', async () => {
    const archived = await tenant.agent({ status: 'ARCHIVED' });
    const edit = (id: string, more = {}) => updateAgent(admin(), { id, expectedVersion: 1, name: 'x', ...more });
    expect(await failureOf(edit(archived.id))).toMatchObject({ code: 'INVALID_STATE', state: 'ARCHIVED' });
    expect(await domain.row('Agent', archived.id)).toMatchObject({ name: 'Mira', version: 1 });
    expect(await failureOf(edit(newId()))).toMatchObject({ code: 'NOT_FOUND' });
    const stranger = await (await domain.seed.tenant()).agent();
    expect(await failureOf(edit(stranger.id))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await fieldsOf(edit('agent-1'))).toEqual(['id']);
    expect(await fieldsOf(edit((await tenant.agent()).id, { soulMarkdown: '' }))).not.toEqual([]);
  });

  test('a campaign manager may change the budget and nothing else', async () => {
    const agent = await tenant.agent();
    const manager = domain.context(tenant.id, { permissions: ['write:campaigns'] });
    await updateAgent(manager, { id: agent.id, expectedVersion: 1, budgetDailyUsd: '4', budgetTotalUsd: '9' });
    expect(await domain.row('Agent', agent.id)).toMatchObject({
      budgetDailyMicroUsd: '4000000',
      budgetTotalMicroUsd: '9000000',
    });
    const refused = updateAgent(manager, { id: agent.id, expectedVersion: 2, budgetDailyUsd: '5', name: 'Nova' });
    expect(await failureOf(refused)).toMatchObject({ code: 'FORBIDDEN', requires: 'write:agents' });
  });
});
