import { expect } from 'vitest';
import { createAgent } from '../../domain/agent/create-agent.ts';
import { createCampaign } from '../../domain/campaign/create-campaign.ts';
import { checkLedger } from '../../domain/money/check-ledger.ts';
import { approveReview } from '../../domain/review/decide-review.ts';
import type { TestSwarm } from './swarm.ts';
import { waitFor } from './wait-for.ts';

export const PERSONA = {
  name: 'Selam',
  backstory:
    'I grew up two streets away from the weavers of Shiro Meda and write about handwoven cotton, looms, borders and the people who make them.',
  voiceTraits: ['warm'],
  coreBeliefs: ['Handwoven cotton carries the memory of the hands that made it.'],
};

/** An active agent on TWITTER with a persona that asks for nothing in particular. */
export async function createTestAgent(swarm: TestSwarm, more: Record<string, unknown> = {}): Promise<string> {
  const agent = await createAgent(swarm.context(), {
    ...PERSONA,
    socialHandles: [{ platform: 'TWITTER', username: 'selam' }],
    budgetDailyUsd: '25',
    activate: true,
    ...more,
  });
  return agent.id;
}

/** An active campaign for `posts` posts about handwoven cotton. */
export async function createTestCampaign(
  swarm: TestSwarm,
  agentId: string,
  posts: number,
  more: Record<string, unknown> = {},
): Promise<string> {
  const campaign = await createCampaign(swarm.context(), {
    agentIds: [agentId],
    name: 'Weavers',
    goals: `Publish ${posts} posts about the weavers of Shiro Meda and handwoven cotton`,
    durationDays: 7,
    ...more,
  });
  return campaign.id;
}

/**
 * Tasks that are neither final nor waiting for a person (or for a task that does), and a plan that is owed or was never
 * made: one statement, so that nothing moves between two readings.
 */
const openWork = (swarm: Pick<TestSwarm, 'relayDatabase'>, campaignId: string) =>
  swarm.relayDatabase.query<Record<string, unknown>>(
    `SELECT t.id, t.type::text, t.status::text, t.attempt, t."errorMessage", t."notBefore" FROM "Task" t
     WHERE t."campaignId" = $1 AND t.status NOT IN ('COMPLETE', 'REJECTED', 'FAILED', 'CANCELLED', 'ESCALATED')
       AND NOT (t.status = 'PENDING' AND EXISTS (SELECT 1 FROM "TaskDependency" d JOIN "Task" p ON p.id = d."dependsOnId"
         WHERE d."taskId" = t.id AND p.status IN ('PENDING', 'ESCALATED')))
     UNION ALL
     SELECT c.id, 'PLAN', c.status::text, c."planFailures", c."planDueNote", c."planDueAt" FROM "Campaign" c
     WHERE c.id = $1 AND (c."planRevision" = 0 OR c."planDueReason" IS NOT NULL)`,
    [campaignId],
  );

/** Waits until the campaign was planned, owes no plan, and every task is final or waits for a person. */
export async function waitUntilSettled(swarm: TestSwarm, campaignId: string, timeoutMs = 45_000): Promise<void> {
  try {
    await waitFor(async () => (await openWork(swarm, campaignId)).length === 0, { timeoutMs, message: 'no open work' });
  } catch (error) {
    throw new Error(`not settled: ${JSON.stringify(await openWork(swarm, campaignId), null, 1)}`, { cause: error });
  }
}

/** Settles, and approves what waits for a person until nothing does: a draft too like an earlier one does, however sure the model is. */
export async function settleApproving(swarm: TestSwarm, campaignId: string, timeoutMs?: number): Promise<void> {
  for (;;) {
    await waitUntilSettled(swarm, campaignId, timeoutMs);
    const waiting = await swarm.context().db.prisma.review.findMany({ where: { campaignId, status: 'PENDING' } });
    if (waiting.length === 0) return;
    for (const { id, version } of waiting) await approveReview(swarm.context(), { id, expectedVersion: version });
  }
}

/** What left is what was approved: each confirmed effect's payload stands in the sandbox exactly once under its key, and nothing else does. */
export async function expectPublishedExactlyOnce(swarm: TestSwarm): Promise<void> {
  const { prisma } = swarm.context().db;
  const effects = await prisma.effect.findMany({ where: { status: 'CONFIRMED' }, include: { task: true } });
  const approved = effects.map((effect) => ({
    idempotencyKey: effect.idempotencyKey,
    text: (effect.payload as { text: string }).text,
    externalId: effect.externalId,
  }));
  const posts = await swarm.posts();
  const published = posts.map(({ idempotencyKey, text, externalId }) => ({ idempotencyKey, text, externalId }));
  const byKey = (a: { idempotencyKey: string }, b: { idempotencyKey: string }) =>
    a.idempotencyKey < b.idempotencyKey ? -1 : 1;
  expect(published.toSorted(byKey)).toEqual(approved.toSorted(byKey));
  expect(effects.every((effect) => effect.task.status === 'COMPLETE')).toBe(true);
  expect(await prisma.post.count()).toBe(effects.length);
}

/** The ledger adds up, and nothing stays reserved. Returns what was spent altogether, in micro-USD. */
export async function expectLedgerConsistent(swarm: Pick<TestSwarm, 'relayDatabase'>): Promise<number> {
  const { faults, reservedMicroUsd, settledMicroUsd } = await checkLedger(swarm.relayDatabase);
  expect(faults).toEqual([]);
  expect(reservedMicroUsd).toBe(0);
  return settledMicroUsd;
}

/** Positions start at 1 and have no gap; the outbox is empty. */
export async function expectEventsGapFree(swarm: Pick<TestSwarm, 'relayDatabase'>): Promise<void> {
  const [events] = await swarm.relayDatabase.query<Record<'n' | 'first' | 'last' | 'waiting', number>>(
    `SELECT count(*)::int AS n, min(position)::int AS first, max(position)::int AS last, (SELECT count(*)::int FROM "Outbox") AS waiting FROM "Event"`,
  );
  expect(events).toMatchObject({ first: 1, last: events?.n, waiting: 0 });
}
