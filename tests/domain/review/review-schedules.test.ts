import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { claimReview, releaseReview } from '../../../domain/review/claim-review.ts';
import { approveReview } from '../../../domain/review/decide-review.ts';
import { expireReviewClaims, noticeReviews } from '../../../domain/review/review-schedules.ts';
import type { SeededAgent, SeededTenant } from '../../support/seed.ts';
import type { Domain } from '../domain-fixture.ts';
import { failureOf, openDomain } from '../domain-fixture.ts';

const MINUTE_MS = 60_000;
const ago = (minutes: number): Date => new Date(Date.now() - minutes * MINUTE_MS);

let domain: Domain;
let tenant: SeededTenant;
let agent: SeededAgent;
let users: string[];
beforeAll(async () => {
  domain = await openDomain();
});
beforeEach(async () => {
  tenant = await domain.seed.tenant();
  agent = await tenant.agent();
  users = [(await tenant.user('CONTENT_REVIEWER')).id, (await tenant.user('CONTENT_REVIEWER')).id];
});
afterAll(() => domain.close());
const as = (index: 0 | 1) =>
  domain.context(tenant.id, { userId: users[index] ?? null, permissions: ['read:agents', 'approve:hitl'] });

/** Pending since `minutes`, due 15 minutes after it was made. */
const waiting = async (minutes: number, columns: Record<string, unknown> = {}) =>
  (await agent.task({ status: 'ESCALATED' })).review({ createdAt: ago(minutes), dueAt: ago(minutes - 15), ...columns });
const reviewOf = (id: string) => domain.row('Review', id);
const noticesOf = async (id: string) => (await domain.events(id)).map(({ data, version }) => [data.notice, version]);
const alerts = () =>
  domain.sql<{ message: string; severity: string }>(
    `SELECT message, severity FROM "Alert" WHERE "tenantId" = $1 AND rule = 'REVIEW_OVERDUE'`,
    [tenant.id],
  );

describe('the due time of a review', () => {
  test('subscribers are warned at two thirds of it, once, and nothing else changes', async () => {
    const [young, late] = [await waiting(9.9), await waiting(10.1)];
    for (let run = 0; run < 3; run += 1) await noticeReviews(domain.relay);
    expect(await noticesOf(young.id)).toEqual([]);
    expect(await noticesOf(late.id)).toEqual([['DUE_SOON', 1]]);
    expect(await reviewOf(late.id)).toMatchObject({
      status: 'PENDING',
      overdueOrder: 1,
      noticeAt: late.dueAt,
      version: 1,
    });
    expect(await alerts()).toEqual([]);
  });

  test('once it has passed the review rises, is told of once, and can be decided on the version that was read', async () => {
    const review = await waiting(16);
    for (let run = 0; run < 3; run += 1) await noticeReviews(domain.relay);
    expect(await noticesOf(review.id)).toEqual([['OVERDUE', 1]]);
    expect(await reviewOf(review.id)).toMatchObject({ status: 'PENDING', overdueOrder: 0, noticeAt: null });
    await approveReview(as(0), { id: review.id, expectedVersion: 1 });
    expect(await reviewOf(review.id)).toMatchObject({ status: 'APPROVED' });
  });

  test('one that was warned of is told of again when it is overdue', async () => {
    const review = await waiting(11);
    await noticeReviews(domain.relay);
    await domain.sql(`UPDATE "Review" SET "dueAt" = now(), "noticeAt" = now() WHERE id = $1`, [review.id]);
    await noticeReviews(domain.relay);
    expect(await noticesOf(review.id)).toEqual([
      ['DUE_SOON', 1],
      ['OVERDUE', 1],
    ]);
  });

  test('thousands of overdue reviews are one alert; another one follows when it was acknowledged', async () => {
    const task = await agent.task({ status: 'ESCALATED' });
    await domain.sql(
      `WITH r AS (INSERT INTO "Result" (id, "tenantId", "taskId", attempt, "executionMs", "workerId") SELECT gen_random_uuid(), $1::uuid, $2::uuid, i, 1, 'w' FROM generate_series(1, 2000) i RETURNING id)
       INSERT INTO "Review" (id, "tenantId", "taskId", "resultId", "agentId", "taskType", content, "contentDigest", confidence, "confidenceRaw", "modelProbability", "personaSimilarity", "contentSafety", "historicalSuccess", risk, "riskOrder", "dueAt", "createdAt")
       SELECT gen_random_uuid(), $1::uuid, $2::uuid, r.id, $3::uuid, 'GENERATE_POST', '{}', repeat('a', 64), 1, 1, 1, 1, 1, 1, 'LOW', 2, now() - interval '1 minute', now() - interval '16 minutes' FROM r`,
      [tenant.id, task.id, agent.id],
    );
    for (let run = 0; run < 4; run += 1) await noticeReviews(domain.relay);
    const [states] = await domain.sql(
      `SELECT count(*) FILTER (WHERE status = 'PENDING' AND "overdueOrder" = 0)::int AS n FROM "Review" WHERE "tenantId" = $1`,
      [tenant.id],
    );
    expect(states).toEqual({ n: 2_000 });
    expect(await alerts()).toEqual([{ severity: 'WARNING', message: expect.stringContaining('overdue') }]);
    await domain.sql('UPDATE "Alert" SET "acknowledgedAt" = now() WHERE "tenantId" = $1', [tenant.id]);
    await waiting(16);
    await noticeReviews(domain.relay);
    expect(await alerts()).toHaveLength(2);
  });

  test('decides nothing: a review that is a year overdue is still pending, and its task waits', async () => {
    const review = await waiting(365 * 24 * 60);
    for (let run = 0; run < 5; run += 1) {
      await noticeReviews(domain.relay);
      await expireReviewClaims(domain.relay);
    }
    expect(await reviewOf(review.id)).toMatchObject({ status: 'PENDING', decidedById: null, decidedAt: null });
    const tasks = await domain.sql(
      'SELECT t.status FROM "Task" t JOIN "Review" r ON r."taskId" = t.id WHERE r.id = $1',
      [review.id],
    );
    expect(tasks).toEqual([{ status: 'ESCALATED' }]);
  });

  test('two relays at once give each notice once', async () => {
    const reviews = [];
    for (let index = 0; index < 20; index += 1) reviews.push(await waiting(16));
    await Promise.all([1, 2, 3, 4].map(() => noticeReviews(domain.relay)));
    for (const { id } of reviews) expect(await noticesOf(id)).toEqual([['OVERDUE', 1]]);
    expect(await alerts()).toHaveLength(1);
  });
});

describe('a claim of a review', () => {
  const expire = (id: string) => domain.sql('UPDATE "Review" SET "claimExpiresAt" = now() WHERE id = $1', [id]);

  test('returns to the queue when it expires, with its event and audit entry; then somebody else takes it', async () => {
    const { id } = await waiting(1);
    await claimReview(as(0), { id, expectedVersion: 1 });
    await expireReviewClaims(domain.relay);
    expect(await reviewOf(id), 'not before its time').toMatchObject({ assignedToId: users[0], version: 2 });
    await expire(id);
    await expireReviewClaims(domain.relay);
    await expireReviewClaims(domain.relay);
    expect(await reviewOf(id)).toMatchObject({
      status: 'PENDING',
      assignedToId: null,
      assignedAt: null,
      claimExpiresAt: null,
      version: 3,
    });
    expect((await domain.events(id)).map(({ version }) => version)).toEqual([2, 3]);
    expect(await domain.audited(id)).toEqual(['review.claimed', 'review.claim_expired']);
    await claimReview(as(1), { id, expectedVersion: 3 });
    expect(await reviewOf(id)).toMatchObject({ assignedToId: users[1] });
  });

  test('that has expired binds nobody, also before the relay has seen it', async () => {
    const { id } = await waiting(1);
    await claimReview(as(0), { id, expectedVersion: 1 });
    expect(await failureOf(approveReview(as(1), { id, expectedVersion: 2 }))).toMatchObject({ state: 'CLAIMED' });
    await expire(id);
    await approveReview(as(1), { id, expectedVersion: 2 });
    expect(await reviewOf(id)).toMatchObject({ status: 'APPROVED', decidedById: users[1] });
  });

  test('is renewed by claiming again, and gone when it is released', async () => {
    const { id } = await waiting(1);
    await claimReview(as(0), { id, expectedVersion: 1 });
    await expire(id);
    await claimReview(as(0), { id, expectedVersion: 2 });
    await expireReviewClaims(domain.relay);
    expect(await reviewOf(id)).toMatchObject({ assignedToId: users[0], version: 3 });
    await releaseReview(as(0), { id, expectedVersion: 3 });
    expect(await reviewOf(id)).toMatchObject({ assignedToId: null, claimExpiresAt: null, version: 4 });
  });
});
