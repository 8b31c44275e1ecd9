import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { setCampaignStatus } from '../../../domain/campaign/set-campaign-status.ts';
import { updateCampaign } from '../../../domain/campaign/update-campaign.ts';
import { effectCall } from '../../../domain/effect/effect-call.ts';
import type { CommitCounters } from '../../../domain/task/commit-verdicts.ts';
import { commitVerdicts } from '../../../domain/task/commit-verdicts.ts';
import type { Judgement } from '../../../domain/task/judgement.ts';
import { digestOf } from '../../../platform/canonical-json.ts';
import type { SeededAgent, SeededTenant } from '../../support/seed.ts';
import type { Domain } from '../domain-fixture.ts';
import { openDomain } from '../domain-fixture.ts';

const DRAFT = { text: 'fog', hashtags: [], estimatedEngagement: 0.5 };
const POST = { platform: 'TWITTER', text: 'fog', mediaUrls: [], disclosure: 'AUTOMATED' };

let domain: Domain;
let tenant: SeededTenant;
let agent: SeededAgent;
let campaign: Awaited<ReturnType<SeededTenant['campaign']>>;
let counters: CommitCounters;
beforeAll(async () => {
  domain = await openDomain({ poolSize: 40 });
  tenant = await domain.seed.tenant();
});
beforeEach(async () => {
  agent = await tenant.agent();
  campaign = await tenant.campaign([agent]);
  counters = { committed: 0, retried: 0, stale: 0, gone: 0 };
});
afterAll(() => domain.close());

async function judged(more: Partial<Judgement> = {}, columns: Record<string, unknown> = {}): Promise<Judgement> {
  const type = more.type ?? 'GENERATE_POST';
  const output = type === 'POST_CONTENT' ? POST : DRAFT;
  const task = await agent.task({ status: 'IN_REVIEW', type, campaignId: campaign.id, ...columns });
  const result = await task.result({ verdict: null, output });
  return {
    taskId: task.id,
    resultId: result.id,
    agentId: agent.id,
    campaignId: campaign.id,
    type,
    attempt: 1,
    maxAttempts: 3,
    stateVersion: 1,
    traceId: 'trace',
    output,
    mediaUrls: [],
    effect:
      type === 'POST_CONTENT' ? effectCall({ tenantId: tenant.id, id: task.id, type, account: 'mira' }, output) : null,
    verdict: 'APPROVED',
    risk: 'LOW',
    reasons: ['a reason'],
    confidence: {
      score: 0.95,
      raw: 0.9,
      modelProbability: 0.9,
      personaSimilarity: 0.9,
      contentSafety: 1,
      historicalSuccess: 0.8,
    },
    checks: [{ name: 'SAFETY' }],
    assessment: { voice: 1 },
    approvedByUserId: null,
    settlements: [],
    ...more,
  };
}
const commit = (judgements: Judgement[], known = new Map<string, number>()) =>
  commitVerdicts(domain.context(tenant.id), judgements, counters, known);

describe('commitVerdicts', () => {
  test('approves a generating task: COMPLETE with its output, dependents released when they wait for nothing else', async () => {
    const judgement = await judged();
    const ready = await agent.task({ status: 'PENDING', openDependencies: 1, campaignId: campaign.id });
    const waiting = await agent.task({ status: 'PENDING', openDependencies: 2, campaignId: campaign.id });
    for (const task of [ready, waiting]) await task.dependsOn(judgement.taskId);
    expect(await commit([judgement])).toEqual(['committed']);
    expect(await domain.row('Task', judgement.taskId)).toMatchObject({
      status: 'COMPLETE',
      output: DRAFT,
      approvedByUserId: null,
    });
    expect(await domain.row('Task', ready.id)).toMatchObject({ status: 'QUEUED', openDependencies: 0 });
    expect(await domain.row('Task', waiting.id)).toMatchObject({ status: 'PENDING', openDependencies: 1 });
    expect(await domain.row('Result', judgement.resultId)).toMatchObject({
      verdict: 'APPROVED',
      confidence: 0.95,
      confidenceRaw: 0.9,
      contentSafety: 1,
      checks: [{ name: 'SAFETY' }],
      assessment: { voice: 1 },
    });
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({ version: 2, stateVersion: 1 });
    expect(await domain.audited(judgement.taskId)).toEqual(['task.approved']);
  });

  test('approves an effectful task: APPLYING, with one PENDING effect bound to the approved payload and due when it is scheduled', async () => {
    const scheduledFor = new Date(Date.now() + 3_600_000);
    const judgement = await judged({ type: 'POST_CONTENT' }, { scheduledFor });
    expect(await commit([judgement])).toEqual(['committed']);
    expect(await domain.row('Task', judgement.taskId)).toMatchObject({ status: 'APPLYING', completedAt: null });
    const effects = await domain.sql<{ payload: unknown; server: string; tool: string }>(
      'SELECT * FROM "Effect" WHERE "taskId" = $1',
      [judgement.taskId],
    );
    expect(effects).toMatchObject([
      {
        status: 'PENDING',
        notBefore: scheduledFor,
        approvedBy: 'judge',
        payloadDigest: judgement.effect?.payloadDigest,
        idempotencyKey: judgement.effect?.idempotencyKey,
      },
    ]);
    for (const { server, tool, payload } of effects)
      expect(digestOf({ server, tool, payload })).toBe(judgement.effect?.payloadDigest);
  });

  test('escalates: a PENDING review with the content, its digest, its risk’s place and its due time', async () => {
    const judgement = await judged({
      verdict: 'ESCALATED',
      risk: 'HIGH',
      reasons: ['CONFIDENCE', 'TAINTED'],
      mediaUrls: ['https://m/1.png'],
    });
    expect(await commit([judgement])).toEqual(['committed']);
    const [review] = await domain.sql<{ id: string; dueAt: Date }>('SELECT * FROM "Review" WHERE "taskId" = $1', [
      judgement.taskId,
    ]);
    expect(review).toMatchObject({
      status: 'PENDING',
      content: DRAFT,
      contentDigest: digestOf(DRAFT),
      riskOrder: 0,
      reasons: ['CONFIDENCE', 'TAINTED'],
      mediaUrls: ['https://m/1.png'],
      confidence: 0.95,
      agentId: agent.id,
      campaignId: campaign.id,
    });
    expect(Math.abs((review?.dueAt.getTime() ?? 0) - Date.now() - 900_000)).toBeLessThan(10_000);
    expect(await domain.row('Task', judgement.taskId)).toMatchObject({ status: 'ESCALATED' });
    expect(await domain.events(review?.id ?? '')).toMatchObject([
      { topic: 'review', kind: 'CREATED', data: { risk: 'HIGH', status: 'PENDING' } },
    ]);
  });

  test('rejects: back to a Worker with the reasons, and at the last try REJECTED with a re-plan', async () => {
    const again = await judged({ verdict: 'REJECTED', reasons: ['too dull', 'too long'] });
    const last = await judged({ verdict: 'REJECTED', maxAttempts: 1 });
    const below = await agent.task({ status: 'PENDING', openDependencies: 1, campaignId: campaign.id });
    await below.dependsOn(last.taskId);
    expect(await commit([again, last])).toEqual(['committed', 'committed']);
    expect(await domain.row('Task', again.taskId)).toMatchObject({
      status: 'QUEUED',
      feedback: 'too dull; too long',
      attempt: 1,
    });
    expect(await domain.row('Task', last.taskId)).toMatchObject({ status: 'REJECTED' });
    expect(await domain.row('Task', below.id)).toMatchObject({ status: 'CANCELLED' });
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({ planDueReason: 'RESULT_REJECTED' });
  });

  test.each(['APPROVED', 'ESCALATED', 'REJECTED'] as const)(
    '%s with findings and reasons that quote half an emoji is committed, and so are the others of the batch',
    async (verdict) => {
      const quote = `${'x'.repeat(2_100)} “🙂”`.slice(0, 2_103);
      const odd = await judged({ verdict, reasons: [quote], checks: [{ name: 'SAFETY', flags: [quote] }] });
      const long = await judged({ verdict: 'REJECTED', reasons: [`${'x'.repeat(1_999)}🙂`] });
      expect(await commit([odd, long, await judged()])).toEqual(['committed', 'committed', 'committed']);
    },
  );

  test('twice commits once: the second finds the task gone and changes nothing', async () => {
    const judgement = await judged({ type: 'POST_CONTENT' });
    expect(await commit([judgement])).toEqual(['committed']);
    expect(await commit([{ ...judgement, verdict: 'REJECTED' }])).toEqual(['gone']);
    expect(await domain.row('Task', judgement.taskId)).toMatchObject({ status: 'APPLYING' });
    expect(await domain.row('Result', judgement.resultId)).toMatchObject({
      verdict: 'APPROVED',
      invalidatedReason: null,
    });
    expect(counters).toEqual({ committed: 1, retried: 0, stale: 0, gone: 1 });
  });

  test.each(['APPROVED', 'ESCALATED', 'REJECTED'] as const)(
    'judged twice in one group, as by a job that came twice, commits the first verdict only (%s)',
    async (verdict) => {
      const first = await judged({ verdict });
      const other = await judged();
      expect(await commit([first, other, { ...first, verdict: 'ESCALATED' }])).toEqual([
        'committed',
        'committed',
        'gone',
      ]);
      expect(counters).toMatchObject({ committed: 2, gone: 1 });
      expect(await domain.row('Result', first.resultId)).toMatchObject({ verdict });
      expect(await domain.audited(first.taskId)).toEqual([`task.${verdict.toLowerCase()}`]);
      expect(
        await domain.sql(
          `SELECT count(*)::int AS n, (SELECT count(*)::int FROM "Review" WHERE "taskId" = $1) AS reviews FROM "Outbox" WHERE topic = 'confidence' AND "subjectId" = $1`,
          [first.taskId],
        ),
      ).toEqual([{ n: 1, reviews: verdict === 'ESCALATED' ? 1 : 0 }]);
    },
  );

  test('a moved state makes it stale: the result is kept and invalid, the task and all that waits for it cancelled, a re-plan owed', async () => {
    const judgement = await judged({ type: 'POST_CONTENT' });
    const below = await agent.task({ status: 'PENDING', openDependencies: 1, campaignId: campaign.id });
    await below.dependsOn(judgement.taskId);
    await domain.sql('UPDATE "Campaign" SET "stateVersion" = 2, version = 2 WHERE id = $1', [campaign.id]);
    expect(await commit([judgement])).toEqual(['stale']);
    expect(await domain.row('Task', judgement.taskId)).toMatchObject({
      status: 'CANCELLED',
      errorCode: 'STATE_VERSION_CONFLICT',
    });
    expect(await domain.row('Task', below.id), 'nothing waits for what never comes').toMatchObject({
      status: 'CANCELLED',
    });
    expect(await domain.row('Result', judgement.resultId)).toMatchObject({
      verdict: null,
      invalidatedReason: expect.stringContaining('E1004'),
    });
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({ planDueReason: 'STATE_CONFLICT' });
    expect(await domain.sql('SELECT 1 FROM "Effect" WHERE "taskId" = $1', [judgement.taskId])).toEqual([]);
    expect(counters).toMatchObject({ stale: 1, committed: 0 });
  });

  test('work that was stamped with the new state, as by a new budget, is judged anew and then committed', async () => {
    const judgement = await judged();
    await updateCampaign(domain.context(tenant.id), { id: campaign.id, expectedVersion: 1, budgetDailyUsd: '5' });
    expect(await commit([judgement])).toEqual(['stale']);
    expect(await domain.row('Task', judgement.taskId)).toMatchObject({ status: 'IN_REVIEW', stateVersion: 2 });
    expect(await domain.row('Result', judgement.resultId)).toMatchObject({ verdict: null, invalidatedReason: null });
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({ planDueReason: null });
    expect(await commit([{ ...judgement, stateVersion: 2 }])).toEqual(['committed']);
    expect(await domain.row('Result', judgement.resultId)).toMatchObject({
      verdict: 'APPROVED',
      invalidatedReason: null,
    });
  });

  test('nothing is committed into a paused campaign', async () => {
    const judgement = await judged({ type: 'POST_CONTENT' });
    await setCampaignStatus(domain.context(tenant.id), { id: campaign.id, status: 'PAUSED' });
    expect(await commit([judgement])).toEqual(['stale']);
    expect(await domain.sql('SELECT 1 FROM "Effect" WHERE "taskId" = $1', [judgement.taskId])).toEqual([]);
  });

  test('a task without a campaign is committed all the same', async () => {
    const judgement = await judged({ campaignId: null }, { campaignId: null });
    expect(await commit([judgement])).toEqual(['committed']);
  });

  test('50 committers at once on one campaign lose nothing: each is counted in its version, none gives up', async () => {
    const judgements: Judgement[] = [];
    for (let index = 0; index < 50; index += 1) judgements.push(await judged());
    const outcomes = await Promise.all(judgements.map((judgement) => commit([judgement], new Map([[campaign.id, 1]]))));
    expect(outcomes.flat()).toEqual(Array(50).fill('committed'));
    expect(counters).toMatchObject({ committed: 50, stale: 0, gone: 0 });
    expect(counters.retried).toBeGreaterThan(0);
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({ version: 51, stateVersion: 1 });
    expect(
      await domain.sql(`SELECT count(*)::int AS n FROM "Task" WHERE "campaignId" = $1 AND status = 'COMPLETE'`, [
        campaign.id,
      ]),
    ).toEqual([{ n: 50 }]);
  });
});
