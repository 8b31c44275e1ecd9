import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { setAgentStatus } from '../../../domain/agent/set-agent-status.ts';
import { setCampaignStatus } from '../../../domain/campaign/set-campaign-status.ts';
import type { ClaimedEffect } from '../../../domain/effect/claim-effect.ts';
import { claimEffect, claimUnknownEffect } from '../../../domain/effect/claim-effect.ts';
import { effectCall } from '../../../domain/effect/effect-call.ts';
import {
  alertUndecidable,
  confirmEffect,
  failEffect,
  holdEffect,
  leaveUnknown,
  retryEffect,
} from '../../../domain/effect/finish-effect.ts';
import { newId } from '../../../platform/ids.ts';
import type { SeededAgent, SeededTenant } from '../../support/seed.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { Domain } from '../domain-fixture.ts';
import { openDomain } from '../domain-fixture.ts';

const POST = { platform: 'TWITTER', text: 'fog', mediaUrls: [], disclosure: 'AUTOMATED' };

let domain: Domain;
let tenant: SeededTenant;
let agent: SeededAgent;
let campaign: Awaited<ReturnType<SeededTenant['campaign']>>;
beforeAll(async () => {
  domain = await openDomain({ poolSize: 20 });
  tenant = await domain.seed.tenant();
});
beforeEach(async () => {
  agent = await tenant.agent();
  campaign = await tenant.campaign([agent]);
});
afterAll(() => domain.close());
const context = () => domain.context(tenant.id);
const claim = (id: string) => claimEffect(context(), id, 30);

async function approved(columns: Record<string, unknown> = {}): Promise<{ id: string; taskId: string }> {
  const task = await agent.task({ status: 'APPLYING', type: 'POST_CONTENT', campaignId: campaign.id, output: POST });
  const id = newId();
  const call = effectCall({ tenantId: tenant.id, id: task.id, type: 'POST_CONTENT', account: 'mira' }, POST);
  await domain.seed.insert('Effect', {
    id,
    tenantId: tenant.id,
    taskId: task.id,
    agentId: agent.id,
    approvedBy: 'judge',
    ...call,
    ...columns,
  });
  return { id, taskId: task.id };
}
async function sent(): Promise<ClaimedEffect> {
  const effect = await claim((await approved()).id);
  if (!effect) throw new Error('not claimed');
  return effect;
}
const published = () => ({ externalId: newId(), url: 'https://x/1', publishedAt: new Date() });
const states = async (effect: { id: string; taskId: string }) => {
  const [row] = await domain.sql<{ effect: string; task: string }>(
    'SELECT e.status AS effect, t.status AS task FROM "Effect" e JOIN "Task" t ON t.id = e."taskId" WHERE e.id = $1',
    [effect.id],
  );
  return [row?.effect, row?.task];
};

describe('claimEffect', () => {
  test('of 20 executors at once one may send', async () => {
    const effect = await approved();
    const claims = await Promise.all(Array.from({ length: 20 }, () => claim(effect.id)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await domain.row('Effect', effect.id)).toMatchObject({
      status: 'SENT',
      attempt: 1,
      sentAt: expect.any(Date),
    });
  });

  test.each<[string, string, string, string]>([
    ['the agent is paused', 'Agent', 'status', 'PAUSED'],
    ['the agent is stopped', 'Agent', 'status', 'EMERGENCY_STOPPED'],
    ['the campaign is paused', 'Campaign', 'status', 'PAUSED'],
    ['it is not due yet', 'Effect', 'notBefore', '2090-01-01'],
    ['it was cancelled', 'Effect', 'status', 'CANCELLED'],
    ['its task was cancelled', 'Task', 'status', 'CANCELLED'],
  ])('sends nothing when %s', async (_what, table, column, value) => {
    const effect = await approved();
    const id = { Agent: agent.id, Campaign: campaign.id, Effect: effect.id, Task: effect.taskId }[table];
    await domain.sql(`UPDATE "${table}" SET "${column}" = $2 WHERE id = $1`, [id, value]);
    expect(await claim(effect.id)).toBeNull();
  });

  test('an unknown effect and another tenant’s are not there', async () => {
    const effect = await approved();
    expect(await claim(newId())).toBeNull();
    expect(await claimEffect(domain.context((await domain.seed.tenant()).id), effect.id, 30)).toBeNull();
  });

  const stops: [string, () => Promise<unknown>][] = [
    ['an emergency stop', () => setAgentStatus(context(), { id: agent.id, status: 'EMERGENCY_STOPPED' })],
    ['the cancellation of its campaign', () => setCampaignStatus(context(), { id: campaign.id, status: 'CANCELLED' })],
  ];
  test.each(stops)(
    'and %s come one after the other: sent and then kept, or cancelled and never sent',
    async (_what, stop) => {
      for (let round = 0; round < 25; round += 1) {
        agent = await tenant.agent();
        campaign = await tenant.campaign([agent]);
        const effect = await approved();
        const [claimed] = await Promise.all([claim(effect.id), stop()]);
        expect(await states(effect), `round ${round}`).toEqual(
          claimed ? ['SENT', 'APPLYING'] : ['CANCELLED', 'CANCELLED'],
        );
      }
    },
  );

  test.each(stops)('waits for %s that is under way, and then sends nothing', async (_what, stop) => {
    const effect = await approved();
    // The stop is held up after its first locks by a row that it still has to cancel.
    await domain.sql('BEGIN');
    await domain.sql('SELECT 1 FROM "Effect" WHERE id = $1 FOR UPDATE', [effect.id]);
    const stopping = stop();
    const blocked = () =>
      domain.relay.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())`,
      );
    await waitFor(async () => ((await blocked())[0]?.n ?? 0) >= 1, { message: 'the stop to wait' });
    const claiming = claim(effect.id);
    await waitFor(async () => ((await blocked())[0]?.n ?? 0) >= 2, { message: 'the claim to wait' });
    await domain.sql('COMMIT');
    await stopping;
    expect(await claiming).toBeNull();
    expect(await states(effect)).toEqual(['CANCELLED', 'CANCELLED']);
  });
});

describe('confirmEffect', () => {
  test('completes the task, records the post once and releases dependents; a second confirmation changes nothing', async () => {
    const effect = await sent();
    const below = await agent.task({ status: 'PENDING', openDependencies: 1, campaignId: campaign.id });
    await below.dependsOn(effect.taskId);
    const post = published();
    expect(
      await Promise.all([confirmEffect(context(), effect, post), confirmEffect(context(), effect, post)]),
    ).toContain(true);
    expect(await confirmEffect(context(), effect, published())).toBe(false);
    expect(await states(effect)).toEqual(['CONFIRMED', 'COMPLETE']);
    expect(
      await domain.sql('SELECT "externalId", text, disclosure FROM "Post" WHERE "taskId" = $1', [effect.taskId]),
    ).toEqual([{ externalId: post.externalId, text: 'fog', disclosure: 'AUTOMATED' }]);
    expect(await domain.row('Task', below.id)).toMatchObject({ status: 'QUEUED' });
    expect(await domain.audited(effect.id)).toEqual(['effect.confirmed']);
  });

  test('by somebody whose claim was taken over is refused', async () => {
    const effect = await sent();
    await domain.sql(`UPDATE "Effect" SET "leaseExpiresAt" = now() - interval '1 second' WHERE id = $1`, [effect.id]);
    const taken = await claimUnknownEffect(context(), effect.id, 30);
    expect(await claimUnknownEffect(context(), effect.id, 30), 'one looks it up at a time').toBeNull();
    expect(await confirmEffect(context(), effect, published())).toBe(false);
    expect(await confirmEffect(context(), taken as ClaimedEffect, published())).toBe(true);
  });

  test('of what left before an emergency stop is still recorded', async () => {
    const effect = await sent();
    await setAgentStatus(context(), { id: agent.id, status: 'EMERGENCY_STOPPED' });
    expect(await confirmEffect(context(), effect, published())).toBe(true);
    expect(await states(effect)).toEqual(['CONFIRMED', 'COMPLETE']);
  });
});

describe('an effect that did not work', () => {
  test('is due again when nothing happened outside, once, not before its time', async () => {
    const effect = await sent();
    const notBefore = new Date(Date.now() + 60_000);
    expect(await retryEffect(context(), effect, notBefore, { code: 'RATE_LIMIT', message: 'later' })).toBe(true);
    expect(await retryEffect(context(), effect, notBefore, { code: 'RATE_LIMIT', message: 'later' })).toBe(false);
    expect(await claim(effect.id)).toBeNull();
    await domain.sql(`UPDATE "Effect" SET "notBefore" = now() - interval '1 second' WHERE id = $1`, [effect.id]);
    const second = await claim(effect.id);
    expect(second).toMatchObject({
      attempt: 2,
      idempotencyKey: effect.idempotencyKey,
      payloadDigest: effect.payloadDigest,
    });
    expect(await confirmEffect(context(), effect, published()), 'the first claim is over').toBe(false);
  });

  test('is cancelled instead of retried when the agent was stopped meanwhile', async () => {
    const effect = await sent();
    await setAgentStatus(context(), { id: agent.id, status: 'EMERGENCY_STOPPED' });
    expect(await retryEffect(context(), effect, null, { code: 'RATE_LIMIT', message: 'later' })).toBe(true);
    expect(await states(effect)).toEqual(['CANCELLED', 'CANCELLED']);
  });

  test('fails for good: its task FAILED and a repair owed', async () => {
    const effect = await sent();
    expect(await failEffect(context(), effect, { code: 'VALIDATION', rule: 'INVALID', message: 'refused' })).toBe(true);
    expect(await failEffect(context(), effect, { code: 'VALIDATION', rule: 'INVALID', message: 'refused' })).toBe(
      false,
    );
    expect(await states(effect)).toEqual(['FAILED', 'FAILED']);
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({ planDueReason: 'TASK_FAILED' });
  });

  test('waits while the platform refuses the agent: the agent is in ERROR with one alert, and resumes by a person', async () => {
    const effect = await sent();
    expect(await holdEffect(context(), effect, { code: 'AUTH_FAILED', message: 'bad token' })).toBe(true);
    expect(await states(effect)).toEqual(['PENDING', 'APPLYING']);
    expect(await domain.row('Agent', agent.id)).toMatchObject({ status: 'ERROR', statusReason: 'bad token' });
    expect(await domain.sql('SELECT rule FROM "Alert" WHERE "agentId" = $1', [agent.id])).toEqual([
      { rule: 'AUTH_FAILED' },
    ]);
    expect(await claim(effect.id)).toBeNull();
    await setAgentStatus(context(), { id: agent.id, status: 'ACTIVE' });
    expect((await domain.events(effect.id)).at(-1)).toMatchObject({ topic: 'effect', data: { status: 'PENDING' } });
    expect(await claim(effect.id)).not.toBeNull();
  });

  test.each(['EMERGENCY_STOPPED', 'ARCHIVED'] as const)(
    'a refusal that arrives when the agent is %s does not get stuck',
    async (status) => {
      const effect = await sent();
      await setAgentStatus(context(), { id: agent.id, status });
      expect(await holdEffect(context(), effect, { code: 'AUTH_FAILED', message: 'bad token' })).toBe(true);
      expect(await domain.row('Agent', agent.id)).toMatchObject({ status });
      expect(await states(effect)).toEqual(['CANCELLED', 'CANCELLED']);
    },
  );

  test('of unknown outcome stays SENT until it is looked up, alerts a person when undecidable, and is never re-sent', async () => {
    const effect = await sent();
    const past = new Date(Date.now() - 1_000);
    await leaveUnknown(context(), effect, past, { code: 'TIMEOUT', message: 'no answer' });
    expect(await claim(effect.id)).toBeNull();
    const lookUp = (await claimUnknownEffect(context(), effect.id, 30)) as ClaimedEffect;
    expect(lookUp).toMatchObject({ id: effect.id, attempt: 1 });
    await alertUndecidable(context(), lookUp, past, 'who knows');
    await alertUndecidable(context(), lookUp, past, 'who knows');
    expect(await domain.sql('SELECT rule, severity FROM "Alert" WHERE "agentId" = $1', [agent.id])).toEqual([
      { rule: 'EFFECT_OUTCOME_UNKNOWN', severity: 'CRITICAL' },
    ]);
    expect(await states(effect)).toEqual(['SENT', 'APPLYING']);
  });
});
