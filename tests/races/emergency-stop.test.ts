import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emergencyStop, stopAgents } from '../../domain/agent/emergency-stop.ts';
import { setAgentStatus } from '../../domain/agent/set-agent-status.ts';
import { approveReview } from '../../domain/review/decide-review.ts';
import { digestOf } from '../../platform/canonical-json.ts';
import { newId } from '../../platform/ids.ts';
import type { GenerateOptions, LanguageModel, Prompt } from '../../swarm/models/language-model.ts';
import { createScriptedModel, SURE } from '../support/scripted-model.ts';
import type { Seed } from '../support/seed.ts';
import { createSeed } from '../support/seed.ts';
import type { TestSwarm } from '../support/swarm.ts';
import { startTestSwarm } from '../support/swarm.ts';
import { createTestAgent, createTestCampaign, expectPublishedExactlyOnce } from '../support/swarm-run.ts';
import { waitFor } from '../support/wait-for.ts';

/** A model whose drafts hang until they are aborted, as one that does not answer. */
function hangingModel(): LanguageModel & { aborted: number } {
  const model = createScriptedModel({ ...SURE });
  const hanging: LanguageModel & { aborted: number } = {
    ...model,
    aborted: 0,
    generate<I, O>(prompt: Prompt<I, O>, input: I, options: GenerateOptions = {}) {
      if (prompt.name !== 'WRITE_POST') return model.generate(prompt, input, options);
      return new Promise<never>((_resolve, reject) => {
        options.signal?.addEventListener('abort', () => {
          hanging.aborted += 1;
          reject(options.signal?.reason);
        });
      });
    },
  };
  return hanging;
}

describe('an emergency stop under way', () => {
  let swarm: TestSwarm;
  let seed: Seed;
  const model = hangingModel();
  beforeAll(async () => {
    // Heartbeats come every 20 minutes: what is aborted here was told by the hint.
    swarm = await startTestSwarm({ model, reconcileSeconds: 1, settings: { leaseSeconds: 3600 } });
    seed = await createSeed(swarm.testDatabase.adminUrl);
  });
  afterAll(async () => {
    await seed.close();
    await swarm.stop();
  });
  const prisma = () => swarm.context().db.prisma;

  /** Publications of an agent that wait for a person. */
  async function waitingPosts(account: string, count: number) {
    const agentId = await createTestAgent(swarm, {
      name: account,
      socialHandles: [{ platform: 'TWITTER', username: account }],
    });
    const reviews: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const content = { platform: 'TWITTER', text: `${account} says ${index}`, mediaUrls: [], disclosure: 'AUTOMATED' };
      const [taskId, resultId, reviewId] = [newId(), newId(), newId()];
      const row = { tenantId: swarm.tenantId, agentId };
      await seed.insert('Task', {
        ...row,
        id: taskId,
        type: 'POST_CONTENT',
        status: 'ESCALATED',
        input: {},
        traceId: 't',
        attempt: 1,
      });
      await seed.insert('Result', {
        tenantId: row.tenantId,
        taskId,
        id: resultId,
        attempt: 1,
        output: content,
        executionMs: 1,
        workerId: 'w',
      });
      const score = {
        confidence: 0.8,
        confidenceRaw: 0.8,
        modelProbability: 0.8,
        personaSimilarity: 0.8,
        contentSafety: 0.8,
        historicalSuccess: 0.8,
      };
      await seed.insert('Review', {
        ...row,
        ...score,
        id: reviewId,
        taskId,
        resultId,
        taskType: 'POST_CONTENT',
        content,
        contentDigest: digestOf(content),
        mediaUrls: [],
        reasons: [],
        risk: 'LOW',
        riskOrder: 2,
        dueAt: new Date(Date.now() + 900_000),
      });
      reviews.push(reviewId);
    }
    return { agentId, reviews };
  }

  it('aborts running attempts of the agent at once, in the middle of a model call, and no other agent’s', async () => {
    const [stopped, other] = [
      await createTestAgent(swarm, { name: 'stopped' }),
      await createTestAgent(swarm, { name: 'other' }),
    ];
    for (const agentId of [stopped, other]) await createTestCampaign(swarm, agentId, 2);
    const running = (agentId: string) => prisma().task.count({ where: { agentId, status: 'IN_PROGRESS' } });
    await waitFor(async () => (await running(stopped)) === 2 && (await running(other)) === 2, {
      message: 'four attempts',
    });
    const { abortedTasks } = await emergencyStop(swarm.context(), { agentId: stopped, reason: 'wild' });
    expect(abortedTasks).toBe(2);
    await waitFor(() => model.aborted === 2, { message: 'two aborted calls' });
    await waitFor(
      async () => (await prisma().result.count({ where: { task: { agentId: stopped, type: 'GENERATE_POST' } } })) === 2,
      {
        message: 'the record of both attempts',
      },
    );
    expect(await running(other)).toBe(2);
    await emergencyStop(swarm.context(), { reason: 'enough' });
    await waitFor(() => model.aborted === 4, { message: 'the others aborted too' });
  });

  it('after its answer nothing arrives but what was on its way, while reviewers approve and the executor sends', async () => {
    const { agentId, reviews } = await waitingPosts('wild', 120);
    const person = swarm.context();
    const approving = (async () => {
      for (const id of reviews) await approveReview(person, { id, expectedVersion: 1 });
    })().catch((error: unknown) => error);
    await waitFor(async () => (await swarm.posts()).length >= 10, { message: 'a flow of posts' });
    await emergencyStop(swarm.context(), { agentId, reason: 'wild' });
    const answeredAt = Date.now();
    const onTheirWay = await prisma().effect.findMany({ where: { agentId, status: 'SENT' } });
    expect(await approving, 'the approver meets the stop').toMatchObject({ code: 'INVALID_STATE' });
    await waitFor(
      async () => (await prisma().effect.count({ where: { agentId, status: { in: ['PENDING', 'SENT'] } } })) === 0,
      {
        message: 'every outcome known',
      },
    );
    const keys = new Set(onTheirWay.map(({ idempotencyKey }) => idempotencyKey));
    const posts = (await swarm.posts()) as unknown as { at: string; idempotencyKey: string }[];
    const late = posts.filter(({ at, idempotencyKey }) => Date.parse(at) > answeredAt && !keys.has(idempotencyKey));
    expect(late).toHaveLength(0);
    expect(posts.length).toBeLessThan(reviews.length);
    await expectPublishedExactlyOnce(swarm);
    const open = await prisma().task.count({ where: { agentId, status: { notIn: ['COMPLETE', 'CANCELLED'] } } });
    expect(open).toBe(0);
  });

  it('aborts a call that hangs outside, and learns what became of it: nothing is sent twice when the stop is lifted', async () => {
    const { agentId, reviews } = await waitingPosts('slow', 2);
    await swarm.control('faults', {
      match: { path: '/2/tweets', account: 'slow' },
      kind: 'slow',
      delayMs: 600,
      times: 2,
    });
    for (const id of reviews) await approveReview(swarm.context(), { id, expectedVersion: 1 });
    await waitFor(async () => (await prisma().effect.count({ where: { agentId, status: 'SENT' } })) === 2, {
      message: 'two calls under way',
    });
    await emergencyStop(swarm.context(), { agentId, reason: 'wild' });
    await waitFor(async () => (await prisma().effect.count({ where: { agentId, errorCode: 'ABORTED' } })) === 2, {
      message: 'both calls aborted',
    });
    await waitFor(async () => (await prisma().effect.count({ where: { agentId, status: 'CONFIRMED' } })) === 2, {
      message: 'both found outside',
    });
    await setAgentStatus(swarm.context(), { id: agentId, status: 'ACTIVE' });
    await expectPublishedExactlyOnce(swarm);
  });
});

it('a lost hint costs no more than the time to the next heartbeat', async () => {
  const model = hangingModel();
  const swarm = await startTestSwarm({ model, reconcileSeconds: 1, settings: { leaseSeconds: 3 } });
  try {
    const agentId = await createTestAgent(swarm);
    await createTestCampaign(swarm, agentId, 1);
    const { db } = swarm.context();
    await waitFor(async () => (await db.prisma.task.count({ where: { status: 'IN_PROGRESS' } })) === 1);
    await db.transaction(async (sql) => {
      await stopAgents(sql, swarm.context(), { agentId, reason: null });
      await sql.query(`DELETE FROM "Outbox" WHERE topic = 'agent'`);
    });
    await waitFor(() => model.aborted === 1, { message: 'the aborted call' });
    await waitFor(async () => (await db.prisma.result.count({ where: { invalidatedReason: { not: null } } })) === 1, {
      message: 'its late report, not used',
    });
  } finally {
    await swarm.stop();
  }
});
