import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { setAgentStatus } from '../../../domain/agent/set-agent-status.ts';
import { setCampaignStatus } from '../../../domain/campaign/set-campaign-status.ts';
import { askAboutUnknownEffect } from '../../../domain/effect/ask-about-effect.ts';
import type { ClaimedEffect } from '../../../domain/effect/claim-effect.ts';
import { claimEffect, claimUnknownEffect } from '../../../domain/effect/claim-effect.ts';
import { effectCall } from '../../../domain/effect/effect-call.ts';
import {
  confirmEffect,
  escalateEffect,
  failEffect,
  holdEffect,
  leaveUnknown,
  retryEffect,
} from '../../../domain/effect/finish-effect.ts';
import { approveReview, editReview, rejectReview } from '../../../domain/review/decide-review.ts';
import { digestOf } from '../../../platform/canonical-json.ts';
import { newId } from '../../../platform/ids.ts';
import type { SeededAgent, SeededTenant } from '../../support/seed.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { Domain } from '../domain-fixture.ts';
import { failureOf, openDomain } from '../domain-fixture.ts';

const LATER = { name: 'RATE_LIMIT', message: 'later' };
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
    expect(await retryEffect(context(), effect, { notBefore, outages: 0 }, LATER)).toBe(true);
    expect(await retryEffect(context(), effect, { notBefore, outages: 0 }, LATER)).toBe(false);
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
    expect(await retryEffect(context(), effect, { notBefore: null, outages: 0 }, LATER)).toBe(true);
    expect(await states(effect)).toEqual(['CANCELLED', 'CANCELLED']);
  });

  test('fails for good: its task FAILED and a repair owed', async () => {
    const effect = await sent();
    expect(await failEffect(context(), effect, { code: 'VALIDATION', name: 'INVALID_INPUT', message: 'refused' })).toBe(
      true,
    );
    expect(await failEffect(context(), effect, { code: 'VALIDATION', name: 'INVALID_INPUT', message: 'refused' })).toBe(
      false,
    );
    expect(await states(effect)).toEqual(['FAILED', 'FAILED']);
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({ planDueReason: 'TASK_FAILED' });
  });

  test('waits while the platform refuses the agent: the agent is in ERROR with one alert, and resumes by a person', async () => {
    const effect = await sent();
    expect(await holdEffect(context(), effect, { name: 'AUTH_FAILED', message: 'bad token' })).toBe(true);
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
      expect(await holdEffect(context(), effect, { name: 'AUTH_FAILED', message: 'bad token' })).toBe(true);
      expect(await domain.row('Agent', agent.id)).toMatchObject({ status });
      expect(await states(effect)).toEqual(['CANCELLED', 'CANCELLED']);
    },
  );

  const DOWN = { name: 'UNAVAILABLE', code: 'MCP_UNAVAILABLE', message: 'down' } as const;
  const QUESTION = { account: 'mira', text: 'fog', why: 'no answer' };
  const past = () => new Date(Date.now() - 1_000);
  const reviewer = async () => domain.context(tenant.id, { userId: (await tenant.user('CONTENT_REVIEWER')).id });
  const reviewsOf = (effect: { taskId: string }) =>
    domain.sql<{ id: string; status: string; reasons: string[]; version: number }>(
      'SELECT * FROM "Review" WHERE "taskId" = $1 ORDER BY "createdAt", id',
      [effect.taskId],
    );
  const openReview = async (effect: { taskId: string }) => {
    const [review] = (await reviewsOf(effect)).filter(({ status }) => status === 'PENDING');
    return { id: review?.id, expectedVersion: 1 };
  };
  async function undecidable(): Promise<ClaimedEffect> {
    const effect = await sent();
    await leaveUnknown(context(), effect, past(), { name: 'TIMEOUT', message: 'no answer' });
    const lookUp = (await claimUnknownEffect(context(), effect.id, 30)) as ClaimedEffect;
    await askAboutUnknownEffect(context(), lookUp, past(), QUESTION);
    return lookUp;
  }

  describe('and is given up for now', () => {
    test('waits for a person: nothing sends it, the question says why, twice asks once', async () => {
      const effect = await sent();
      expect(await escalateEffect(context(), effect, DOWN)).toBe(true);
      expect(await escalateEffect(context(), effect, DOWN)).toBe(false);
      expect(await states(effect)).toEqual(['PENDING', 'ESCALATED']);
      expect(await claim(effect.id)).toBeNull();
      expect(await reviewsOf(effect)).toMatchObject([
        {
          status: 'PENDING',
          content: POST,
          reasons: ['It could not be published: down', expect.stringContaining('Approve')],
        },
      ]);
    });

    test('approved, it is due again under the same key, with the same payload', async () => {
      const effect = await sent();
      await escalateEffect(context(), effect, DOWN);
      await approveReview(await reviewer(), await openReview(effect));
      expect(await claim(effect.id)).toMatchObject({
        attempt: 2,
        outages: 0,
        idempotencyKey: effect.idempotencyKey,
        payloadDigest: effect.payloadDigest,
        approvedBy: expect.stringContaining('user:'),
      });
    });

    test('edited, it is due again with the new payload under the same key', async () => {
      const effect = await sent();
      await escalateEffect(context(), effect, DOWN);
      await editReview(await reviewer(), { ...(await openReview(effect)), content: { ...POST, text: 'evening fog' } });
      const again = await claim(effect.id);
      expect(again).toMatchObject({ idempotencyKey: effect.idempotencyKey, payload: { text: 'evening fog' } });
      const { server, tool, payload } = again as ClaimedEffect;
      expect(again?.payloadDigest).toBe(digestOf({ server, tool, payload }));
      await confirmEffect(context(), again as ClaimedEffect, published());
      expect(await domain.sql('SELECT text FROM "Post" WHERE "taskId" = $1', [effect.taskId])).toEqual([
        { text: 'evening fog' },
      ]);
    });

    test('rejected, it is never sent, and the Planner replaces it', async () => {
      const effect = await sent();
      await escalateEffect(context(), effect, DOWN);
      await rejectReview(await reviewer(), await openReview(effect));
      expect(await states(effect)).toEqual(['FAILED', 'REJECTED']);
      expect(await claim(effect.id)).toBeNull();
      expect(await domain.row('Campaign', campaign.id)).toMatchObject({ planDueReason: 'RESULT_REJECTED' });
    });

    test('is cancelled with its question when the agent is stopped', async () => {
      const effect = await sent();
      await escalateEffect(context(), effect, DOWN);
      await setAgentStatus(context(), { id: agent.id, status: 'EMERGENCY_STOPPED' });
      expect(await states(effect)).toEqual(['CANCELLED', 'CANCELLED']);
      expect(await reviewsOf(effect)).toMatchObject([{ status: 'CANCELLED' }]);
    });
  });

  describe('so that nobody can tell', () => {
    test('asks a person once and alerts; it stays SENT and is looked up again', async () => {
      const effect = await undecidable();
      await askAboutUnknownEffect(context(), effect, past(), QUESTION);
      expect(await domain.sql('SELECT rule, severity FROM "Alert" WHERE "agentId" = $1', [agent.id])).toEqual([
        { rule: 'EFFECT_OUTCOME_UNKNOWN', severity: 'CRITICAL' },
      ]);
      expect(await states(effect)).toEqual(['SENT', 'ESCALATED']);
      expect(await reviewsOf(effect)).toHaveLength(1);
      expect(await claim(effect.id)).toBeNull();
      expect(await claimUnknownEffect(context(), effect.id, 30)).not.toBeNull();
    });

    test('takes the question back when it is found', async () => {
      const effect = await undecidable();
      expect(await confirmEffect(context(), effect, published())).toBe(true);
      expect(await states(effect)).toEqual(['CONFIRMED', 'COMPLETE']);
      expect(await reviewsOf(effect)).toMatchObject([{ status: 'CANCELLED' }]);
    });

    test('takes the question back when it certainly did not happen, and sends it', async () => {
      const effect = await undecidable();
      await retryEffect(context(), effect, { notBefore: null, outages: 1 }, DOWN);
      expect(await states(effect)).toEqual(['PENDING', 'APPLYING']);
      expect(await reviewsOf(effect)).toMatchObject([{ status: 'CANCELLED' }]);
      expect(await claim(effect.id)).not.toBeNull();
    });

    test('approved: sent again under the same key, by somebody told to look first; the old claim is over', async () => {
      const effect = await undecidable();
      await approveReview(await reviewer(), await openReview(effect));
      expect(await confirmEffect(context(), effect, published())).toBe(false);
      expect(await claim(effect.id)).toMatchObject({
        errorCode: 'OUTCOME_UNKNOWN',
        idempotencyKey: effect.idempotencyKey,
      });
    });

    test('is not edited: it may stand there as it is', async () => {
      const effect = await undecidable();
      const content = { ...POST, text: 'another fog' };
      expect(await failureOf(editReview(await reviewer(), { ...(await openReview(effect)), content }))).toMatchObject({
        code: 'INVALID_STATE',
        state: 'SENT',
      });
      expect(await states(effect)).toEqual(['SENT', 'ESCALATED']);
    });

    test('rejected: it is given up and not looked up any more', async () => {
      const effect = await undecidable();
      await rejectReview(await reviewer(), await openReview(effect));
      expect(await states(effect)).toEqual(['FAILED', 'REJECTED']);
      expect(await claimUnknownEffect(context(), effect.id, 30)).toBeNull();
    });
  });
});

describe('a scheduled effect', () => {
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
  async function scheduled(at: Date) {
    const effect = await approved({ notBefore: at });
    await domain.sql('UPDATE "Task" SET "scheduledFor" = $2 WHERE id = $1', [effect.taskId, at]);
    return effect;
  }

  test('within the grace (15 min here) is sent late; beyond it a person decides, once', async () => {
    expect(await claim((await scheduled(minutesAgo(14))).id)).not.toBeNull();
    const late = await scheduled(minutesAgo(16));
    expect(await claim(late.id)).toBeNull();
    expect(await claim(late.id)).toBeNull();
    expect(await states(late)).toEqual(['PENDING', 'ESCALATED']);
    const reviews = await domain.sql<{ id: string }>('SELECT * FROM "Review" WHERE "taskId" = $1', [late.taskId]);
    expect(reviews).toMatchObject([
      { status: 'PENDING', content: POST, reasons: [expect.stringContaining('16 min ago'), expect.anything()] },
    ]);
    const reviewer = domain.context(tenant.id, { userId: (await tenant.user('CONTENT_REVIEWER')).id });
    await approveReview(reviewer, { id: reviews[0]?.id, expectedVersion: 1 });
    expect(await claim(late.id), 'a person wants it now').not.toBeNull();
  });

  test('does not ask while the agent is paused', async () => {
    const late = await scheduled(minutesAgo(16));
    await setAgentStatus(context(), { id: agent.id, status: 'PAUSED' });
    expect(await claim(late.id)).toBeNull();
    expect(await states(late)).toEqual(['PENDING', 'APPLYING']);
  });
});
