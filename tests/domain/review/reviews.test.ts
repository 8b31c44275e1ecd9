import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { setCampaignStatus } from '../../../domain/campaign/set-campaign-status.ts';
import { claimReview, releaseReview } from '../../../domain/review/claim-review.ts';
import { approveReview, editReview, rejectReview } from '../../../domain/review/decide-review.ts';
import { digestOf } from '../../../platform/canonical-json.ts';
import { newId } from '../../../platform/ids.ts';
import type { SeededAgent, SeededTenant } from '../../support/seed.ts';
import type { Domain } from '../domain-fixture.ts';
import { failureOf, fieldsOf, openDomain } from '../domain-fixture.ts';

const DRAFT = { text: 'Morning fog over the harbour.', hashtags: ['#harbour'], estimatedEngagement: 0.4 };
const POST = { platform: 'TWITTER', text: 'Morning fog.', mediaUrls: [], disclosure: 'AUTOMATED' };
const REPLY = { platform: 'TWITTER', inReplyTo: 'm1', text: 'At the harbour.', disclosure: 'AUTOMATED' };

let domain: Domain;
let tenant: SeededTenant;
let agent: SeededAgent;
let campaign: Awaited<ReturnType<SeededTenant['campaign']>>;
let users: string[];
beforeAll(async () => {
  domain = await openDomain();
  tenant = await domain.seed.tenant();
  users = [(await tenant.user('CONTENT_REVIEWER')).id, (await tenant.user('CONTENT_REVIEWER')).id];
});
beforeEach(async () => {
  agent = await tenant.agent();
  campaign = await tenant.campaign([agent]);
});
afterAll(() => domain.close());
const as = (index: 0 | 1) =>
  domain.context(tenant.id, { userId: users[index] ?? null, permissions: ['read:agents', 'approve:hitl'] });
const escalated = async (columns: Record<string, unknown> = {}, content: object = DRAFT) =>
  (await agent.task({ status: 'ESCALATED', campaignId: campaign.id, ...columns })).review({
    content,
    contentDigest: digestOf(content),
  });
const publication = (content: object = POST) => escalated({ type: 'POST_CONTENT' }, content);
const reviewOf = (id: string) => domain.row<{ taskId: string; status: string }>('Review', id);
const taskOf = (taskId: string) => domain.row('Task', taskId);

describe('claiming a review', () => {
  test('gives it to one person: nobody else claims, releases or decides it until it is released', async () => {
    const { id } = await publication();
    await claimReview(as(0), { id, expectedVersion: 1 });
    expect(await reviewOf(id)).toMatchObject({ assignedToId: users[0], version: 2 });
    for (const act of [claimReview, releaseReview, approveReview, rejectReview])
      expect(await failureOf(act(as(1), { id, expectedVersion: 2 }))).toMatchObject({
        code: 'INVALID_STATE',
        state: 'CLAIMED',
      });
    await releaseReview(as(0), { id, expectedVersion: 2 });
    expect(await reviewOf(id)).toMatchObject({ assignedToId: null, assignedAt: null, version: 3 });
    await approveReview(as(1), { id, expectedVersion: 3 });
    expect(await domain.audited(id)).toEqual(['review.claimed', 'review.released', 'review.approved']);
  });

  test('of two at once one gets it', async () => {
    const { id } = await publication();
    const outcomes = await Promise.allSettled(
      [0, 1].map((index) => claimReview(as(index as 0 | 1), { id, expectedVersion: 1 })),
    );
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
  });
});

describe('deciding a review', () => {
  test('approval makes exactly the reviewed content due, in the reviewer’s name', async () => {
    const { id } = await publication();
    await approveReview(as(0), { id, expectedVersion: 1, feedback: 'nice' });
    const review = await reviewOf(id);
    expect(review).toMatchObject({ status: 'APPROVED', decidedById: users[0], feedback: 'nice', version: 2 });
    expect(await taskOf(review.taskId)).toMatchObject({ status: 'APPLYING', output: POST, approvedByUserId: users[0] });
    const effects = await domain.sql<{ payload: { text: string } }>('SELECT * FROM "Effect" WHERE "taskId" = $1', [
      review.taskId,
    ]);
    expect(effects).toMatchObject([
      {
        status: 'PENDING',
        approvedBy: `user:${users[0]}`,
        payload: { text: 'Morning fog.', disclosure: 'AUTOMATED', account: 'mira' },
      },
    ]);
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({ version: 2, stateVersion: 1 });
  });

  test('approval of a draft completes it and releases what waits for it', async () => {
    const { id } = await escalated();
    const { taskId } = await reviewOf(id);
    const below = await agent.task({
      status: 'PENDING',
      openDependencies: 1,
      campaignId: campaign.id,
      type: 'POST_CONTENT',
    });
    await below.dependsOn(taskId);
    await approveReview(as(0), { id, expectedVersion: 1 });
    expect(await taskOf(taskId)).toMatchObject({ status: 'COMPLETE', output: DRAFT });
    expect(await taskOf(below.id)).toMatchObject({ status: 'QUEUED' });
  });

  test('an edit is what is published, and is bound by its own digest', async () => {
    const { id } = await publication();
    const content = { ...POST, text: 'Evening fog.' };
    await editReview(as(0), { id, expectedVersion: 1, content });
    const review = await reviewOf(id);
    expect(review).toMatchObject({ status: 'EDITED', editedContent: content, content: POST });
    expect(
      await domain.sql('SELECT payload->>\'text\' AS text FROM "Effect" WHERE "taskId" = $1', [review.taskId]),
    ).toEqual([{ text: 'Evening fog.' }]);
  });

  test('rejection ends the task, cancels what waits for it and tells the Planner why', async () => {
    const { id } = await escalated();
    const { taskId } = await reviewOf(id);
    const below = await agent.task({ status: 'PENDING', openDependencies: 1, campaignId: campaign.id });
    await below.dependsOn(taskId);
    await rejectReview(as(0), { id, expectedVersion: 1, feedback: 'off brand' });
    expect(await taskOf(taskId)).toMatchObject({ status: 'REJECTED', feedback: 'off brand' });
    expect(await taskOf(below.id)).toMatchObject({ status: 'CANCELLED' });
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({
      planDueReason: 'RESULT_REJECTED',
      planDueNote: expect.stringContaining('off brand'),
    });
  });

  test('of two reviewers who decide at once, whatever they decide, exactly one wins (50 times)', async () => {
    const acts = [
      approveReview,
      rejectReview,
      (context: never, input: object) => editReview(context, { ...input, content: { ...POST, text: 'edited' } }),
    ] as const;
    for (let round = 0; round < 50; round += 1) {
      const { id } = await publication();
      const [first, second] = [acts[round % 3], acts[Math.floor(round / 3) % 3]] as const;
      const outcomes = await Promise.allSettled([
        first?.(as(0) as never, { id, expectedVersion: 1 }),
        second?.(as(1) as never, { id, expectedVersion: 1 }),
      ]);
      expect(
        outcomes.filter((outcome) => outcome.status === 'fulfilled'),
        `round ${round}`,
      ).toHaveLength(1);
      const [lost] = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(['INVALID_STATE', 'CONFLICT']).toContain(lost?.reason.code);
      const review = await reviewOf(id);
      const effects = await domain.sql('SELECT 1 FROM "Effect" WHERE "taskId" = $1', [review.taskId]);
      expect(effects).toHaveLength(review.status === 'REJECTED' ? 0 : 1);
      expect(await taskOf(review.taskId)).toMatchObject({
        status: review.status === 'REJECTED' ? 'REJECTED' : 'APPLYING',
      });
    }
  });

  test.each<[string, object, object, string]>([
    ['another platform', POST, { ...POST, platform: 'THREADS' }, 'content.platform'],
    ['another mention', REPLY, { ...REPLY, inReplyTo: 'm2' }, 'content.inReplyTo'],
    ['a text longer than the platform takes', POST, { ...POST, text: 'a'.repeat(281) }, 'content.text'],
    ['a text whose signs count double there', POST, { ...POST, text: '霧'.repeat(141) }, 'content.text'],
    ['no text', POST, { ...POST, text: ' ' }, 'content.text'],
    ['five pictures', POST, { ...POST, mediaUrls: Array(5).fill('https://m/1.png') }, 'content.mediaUrls'],
    ['something else altogether', POST, { hello: 'world' }, 'content.text'],
  ])('an edit to %s is refused', async (_what, original, content, field) => {
    const { id } = await escalated({ type: original === REPLY ? 'REPLY_COMMENT' : 'POST_CONTENT' }, original);
    expect(await fieldsOf(editReview(as(0), { id, expectedVersion: 1, content }))).toContain(field);
    expect(await reviewOf(id)).toMatchObject({ status: 'PENDING', version: 1 });
  });

  test('a long text with a link that the platform counts short is accepted', async () => {
    const { id } = await publication();
    await editReview(as(0), {
      id,
      expectedVersion: 1,
      content: { ...POST, text: `fog https://example.com/${'a'.repeat(300)}` },
    });
    expect(await reviewOf(id)).toMatchObject({ status: 'EDITED' });
  });

  test('content that is not what its digest says is not approved', async () => {
    const { id } = await publication();
    await domain.sql(
      `UPDATE "Review" SET content = '{"platform":"TWITTER","text":"forged","mediaUrls":[],"disclosure":"NONE"}' WHERE id = $1`,
      [id],
    );
    await expect(approveReview(as(0), { id, expectedVersion: 1 })).rejects.toThrow(/does not match its digest/);
    expect(await reviewOf(id)).toMatchObject({ status: 'PENDING' });
  });

  test('is refused while its ground has moved: the campaign paused or changed, the agent stopped, the task cancelled', async () => {
    const [paused, stale, stopped, cancelled] = [
      await publication(),
      await publication(),
      await publication(),
      await publication(),
    ];
    const approve = (review: { id: string }) => failureOf(approveReview(as(0), { id: review.id, expectedVersion: 1 }));
    await domain.sql('UPDATE "Task" SET "stateVersion" = 7 WHERE id = (SELECT "taskId" FROM "Review" WHERE id = $1)', [
      stale.id,
    ]);
    expect(await approve(stale)).toMatchObject({ code: 'INVALID_STATE', state: 'STALE' });
    await domain.sql(
      `UPDATE "Task" SET status = 'CANCELLED' WHERE id = (SELECT "taskId" FROM "Review" WHERE id = $1)`,
      [cancelled.id],
    );
    expect(await approve(cancelled)).toMatchObject({ code: 'INVALID_STATE', state: 'CANCELLED' });
    await setCampaignStatus(domain.context(tenant.id), { id: campaign.id, status: 'PAUSED' });
    expect(await approve(paused)).toMatchObject({ code: 'INVALID_STATE', state: 'PAUSED' });
    await domain.sql(`UPDATE "Agent" SET status = 'EMERGENCY_STOPPED' WHERE id = $1`, [agent.id]);
    expect(await approve(stopped)).toMatchObject({ code: 'INVALID_STATE', state: 'EMERGENCY_STOPPED' });
  });

  test('refuses a version that was not read, an unknown review, another tenant’s, and whoever may not', async () => {
    const { id } = await publication();
    expect(await failureOf(approveReview(as(0), { id, expectedVersion: 2 }))).toMatchObject({
      code: 'CONFLICT',
      currentVersion: 1,
    });
    expect(await failureOf(approveReview(as(0), { id: newId(), expectedVersion: 1 }))).toMatchObject({
      code: 'NOT_FOUND',
    });
    const stranger = domain.context((await domain.seed.tenant()).id, { userId: users[0] ?? null });
    expect(await failureOf(approveReview(stranger, { id, expectedVersion: 1 }))).toMatchObject({ code: 'NOT_FOUND' });
    const reader = domain.context(tenant.id, { userId: users[0] ?? null, permissions: ['read:agents'] });
    for (const act of [approveReview, rejectReview, editReview, claimReview, releaseReview])
      expect(await failureOf(act(reader, { id, expectedVersion: 1 }))).toMatchObject({
        code: 'FORBIDDEN',
        requires: 'approve:hitl',
      });
  });
});
