import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LanguageModelError } from '../../../swarm/models/language-model.ts';
import type { ScriptedModel } from '../../support/scripted-model.ts';
import { createScriptedModel, SURE } from '../../support/scripted-model.ts';
import type { TestSwarm } from '../../support/swarm.ts';
import { startTestSwarm } from '../../support/swarm.ts';
import {
  createTestAgent,
  createTestCampaign,
  expectPublishedExactlyOnce,
  waitUntilSettled,
} from '../../support/swarm-run.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('an attempt that fails', () => {
  let swarm: TestSwarm;
  let model: ScriptedModel;
  beforeAll(async () => {
    model = createScriptedModel({ ...SURE });
    swarm = await startTestSwarm({ model, reconcileSeconds: 1 });
  });
  afterAll(() => swarm.stop());
  const prisma = () => swarm.context().db.prisma;

  /** The first draft of the next campaign meets this error. */
  async function runInto(account: string, error: () => Error) {
    const agentId = await createTestAgent(swarm, {
      name: account,
      socialHandles: [{ platform: 'TWITTER', username: account }],
    });
    let thrown = false;
    model.scripts.WRITE_POST = (answer) => {
      if (!thrown) {
        thrown = true;
        throw error();
      }
      return { ...(answer as object), probability: 1 };
    };
    return { agentId, campaignId: await createTestCampaign(swarm, agentId, 1) };
  }

  it('with a malformed answer ends its task FAILED; what hung on it is cancelled and the Planner replaces it', async () => {
    const { agentId, campaignId } = await runInto(
      'garbled',
      () => new LanguageModelError('MALFORMED_OUTPUT', 'not JSON, twice'),
    );
    await waitUntilSettled(swarm, campaignId);
    const tasks = await prisma().task.findMany({
      where: { campaignId, type: { not: 'GENERATE_IMAGE' } },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    });
    expect(tasks.map(({ type, status, errorCode }) => [type, status, errorCode])).toEqual([
      ['GENERATE_POST', 'FAILED', 'VALIDATION'],
      ['POST_CONTENT', 'CANCELLED', 'INVALID_STATE'],
      ['GENERATE_POST', 'COMPLETE', null],
      ['POST_CONTENT', 'COMPLETE', null],
    ]);
    const plans = await prisma().plan.findMany({ where: { campaignId }, orderBy: { revision: 'asc' } });
    expect(plans.map(({ reason }) => reason)).toEqual(['INITIAL', 'TASK_FAILED']);
    expect(await prisma().post.count({ where: { agentId } })).toBe(1);
  });

  it('with a retryable error is made again, not before its time, as the second attempt of the same task', async () => {
    const { campaignId } = await runInto(
      'busy',
      () => new LanguageModelError('RATE_LIMITED', 'later', { retryAfterMs: 2_500 }),
    );
    const held = await waitFor(() => prisma().task.findFirst({ where: { campaignId, errorCode: 'RATE_LIMITED' } }));
    expect(held).toMatchObject({ status: 'QUEUED', attempt: 1 });
    await waitUntilSettled(swarm, campaignId);
    expect(await prisma().task.findUnique({ where: { id: held.id } })).toMatchObject({
      status: 'COMPLETE',
      attempt: 2,
    });
    const second = await prisma().result.findFirstOrThrow({ where: { taskId: held.id, attempt: 2 } });
    expect(second.createdAt.getTime()).toBeGreaterThanOrEqual(held.notBefore?.getTime() ?? Number.POSITIVE_INFINITY);
    expect(await prisma().plan.count({ where: { campaignId } })).toBe(1);
  });

  it.each(['GENERATE_VIDEO', 'EXECUTE_TRANSACTION'])(
    'at a %s is refused, and says that it is not supported',
    async (type) => {
      model.scripts.WRITE_POST = SURE.WRITE_POST;
      const agentId = await createTestAgent(swarm, { name: type.toLowerCase() });
      const [row] = await swarm.relayDatabase.query<{ id: string }>(
        `INSERT INTO "Task" (id, "tenantId", "agentId", type, status, priority, input, "stateVersion", "traceId")
       VALUES (gen_random_uuid(), $1, $2, $3::"TaskType", 'QUEUED', 5, '{}', 1, 'test') RETURNING id`,
        [swarm.tenantId, agentId, type],
      );
      const task = await waitFor(() => prisma().task.findFirst({ where: { id: row?.id, status: 'FAILED' } }));
      expect(task).toMatchObject({ attempt: 1, errorCode: 'VALIDATION' });
      expect(task.errorMessage).toBe(`${type} is not supported by this version`);
    },
  );

  it('has sent each approved payload exactly once', () => expectPublishedExactlyOnce(swarm));
});
