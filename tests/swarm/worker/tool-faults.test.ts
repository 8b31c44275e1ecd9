import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setAgentStatus } from '../../../domain/agent/set-agent-status.ts';
import { approveReview, rejectReview } from '../../../domain/review/decide-review.ts';
import { AttemptAborted } from '../../../swarm/faults/fault-of.ts';
import type { GenerateOptions, LanguageModel } from '../../../swarm/models/language-model.ts';
import type { ScriptedModel } from '../../support/scripted-model.ts';
import { createScriptedModel, SURE } from '../../support/scripted-model.ts';
import type { TestSwarm } from '../../support/swarm.ts';
import { startTestSwarm } from '../../support/swarm.ts';
import { createTestAgent, createTestCampaign, waitUntilSettled } from '../../support/swarm-run.ts';
import { waitFor } from '../../support/wait-for.ts';

const INPUT = {
  GENERATE_IMAGE: { prompt: 'Handwoven cotton on a loom', style: 'realistic', aspectRatio: '1:1' },
  GENERATE_POST: { platform: 'TWITTER', topic: 'handwoven cotton' },
};

describe('a Worker whose call goes wrong', () => {
  let swarm: TestSwarm;
  let script: ScriptedModel;
  const signals: AbortSignal[] = [];
  beforeAll(async () => {
    script = createScriptedModel({ ...SURE });
    const model: LanguageModel = {
      ...script,
      generate(prompt, input, options?: GenerateOptions) {
        if (options?.signal) signals.push(options.signal);
        return script.generate(prompt, input, options);
      },
    };
    // One slot: whoever holds it for ever lets nobody else work.
    swarm = await startTestSwarm({
      model,
      reconcileSeconds: 1,
      settings: { workerConcurrency: 1 },
      domainSettings: { retryBaseMs: 50 },
    });
  });
  afterAll(() => swarm.stop());
  const prisma = () => swarm.context().db.prisma;

  async function makeTask(type: keyof typeof INPUT, columns: { campaignId?: string; timeoutSeconds?: number } = {}) {
    const agentId = columns.campaignId
      ? ((await prisma().campaignAgent.findFirst({ where: { campaignId: columns.campaignId } }))?.agentId ?? '')
      : await createTestAgent(swarm);
    const [task] = await swarm.relayDatabase.query<{ id: string }>(
      `INSERT INTO "Task" (id, "tenantId", "agentId", "campaignId", type, status, input, "stateVersion", "timeoutSeconds", "traceId")
       SELECT gen_random_uuid(), $1, $2, $3, $4::"TaskType", 'QUEUED', $5::jsonb, coalesce((SELECT "stateVersion" FROM "Campaign" WHERE id = $3), 1), $6, 'test' RETURNING id`,
      [
        swarm.tenantId,
        agentId,
        columns.campaignId ?? null,
        type,
        JSON.stringify(INPUT[type]),
        columns.timeoutSeconds ?? 300,
      ],
    );
    return { agentId, taskId: task?.id ?? '' };
  }
  const imageInto = async (fault: Record<string, unknown>, columns: Parameters<typeof makeTask>[1] = {}) => {
    await swarm.control('faults', { match: { path: '/ideogram' }, ...fault });
    return makeTask('GENERATE_IMAGE', columns);
  };
  const reach = (taskId: string, status: 'COMPLETE' | 'ESCALATED' | 'FAILED' | 'REJECTED') =>
    waitFor(() => prisma().task.findFirst({ where: { id: taskId, status } }), { message: status });
  const failed = (taskId: string, errorCode: string) =>
    waitFor(() => prisma().task.findFirst({ where: { id: taskId, errorCode } }), { message: errorCode });
  const reviewOf = (taskId: string) => prisma().review.findFirstOrThrow({ where: { taskId } });
  const rulesOf = async (agentId: string) =>
    (await prisma().alert.findMany({ where: { agentId } })).map(({ rule }) => rule);

  it('RATE_LIMIT: comes again at the time that was named, and does not count as a try', async () => {
    const { taskId } = await imageInto({ kind: 'rate-limit', retryAfterSeconds: 3 });
    const held = await failed(taskId, 'RATE_LIMITED');
    expect((held.notBefore?.getTime() ?? 0) - (held.errorAt?.getTime() ?? 0)).toBeGreaterThan(2_900);
    expect(await reach(taskId, 'COMPLETE')).toMatchObject({ attempt: 2, maxAttempts: 4, outages: 0 });
    const second = await prisma().result.findFirstOrThrow({ where: { taskId, attempt: 2 } });
    expect(second.createdAt.getTime()).toBeGreaterThanOrEqual(held.notBefore?.getTime() ?? Number.POSITIVE_INFINITY);
  });

  it('AUTH_FAILED: the agent stops in ERROR with an alert; set ACTIVE, it goes on', async () => {
    const { taskId, agentId } = await imageInto({ kind: 'unauthorized' });
    await waitFor(async () => (await prisma().agent.findUnique({ where: { id: agentId } }))?.status === 'ERROR');
    expect(await rulesOf(agentId)).toEqual(['AUTH_FAILED']);
    expect(await prisma().task.findUnique({ where: { id: taskId } })).toMatchObject({ status: 'QUEUED', attempt: 1 });
    await setAgentStatus(swarm.context(), { id: agentId, status: 'ACTIVE' });
    await reach(taskId, 'COMPLETE');
  });

  it('INVALID_PROMPT: ends the task, and the Planner is asked', async () => {
    const campaignId = await createTestCampaign(swarm, await createTestAgent(swarm), 1);
    await waitUntilSettled(swarm, campaignId);
    const { taskId } = await imageInto({ kind: 'invalid-prompt' }, { campaignId });
    expect(await reach(taskId, 'FAILED')).toMatchObject({ errorCode: 'VALIDATION', attempt: 1 });
    await waitFor(() =>
      swarm.events.some(
        ({ topic, subjectId, data }) =>
          topic === 'campaign' &&
          subjectId === campaignId &&
          'planDueReason' in data &&
          data.planDueReason === 'TASK_FAILED',
      ),
    );
  });

  it('NSFW_DETECTED: goes to a person at once, who may have it tried again', async () => {
    const { taskId, agentId } = await imageInto({ kind: 'nsfw' });
    expect(await reach(taskId, 'ESCALATED')).toMatchObject({ errorCode: 'CONTENT_SAFETY', attempt: 1 });
    const review = await reviewOf(taskId);
    expect(review.reasons[0]).toContain('The content violates the content policy.');
    expect(await rulesOf(agentId)).toEqual(['E1006']);
    await approveReview(swarm.context(), { id: review.id, expectedVersion: review.version });
    expect(await reach(taskId, 'COMPLETE')).toMatchObject({ attempt: 2 });
  });

  it('SECURITY: goes to a person at once with an alert, who may give it up', async () => {
    const { taskId, agentId } = await imageInto({ kind: 'security' });
    expect(await reach(taskId, 'ESCALATED')).toMatchObject({ errorCode: 'PROMPT_INJECTION', attempt: 1 });
    expect(await rulesOf(agentId)).toEqual(['E1003']);
    const review = await reviewOf(taskId);
    await rejectReview(swarm.context(), { id: review.id, expectedVersion: review.version });
    await reach(taskId, 'REJECTED');
  });

  it('E2001: an attempt that takes too long is aborted, its slot freed, and made again with the error recorded', async () => {
    const { taskId } = await imageInto({ kind: 'slow', delayMs: 20_000 }, { timeoutSeconds: 1 });
    expect(await failed(taskId, 'WORKER_TIMEOUT')).toMatchObject({ attempt: 1 });
    await reach(taskId, 'COMPLETE');
    const results = await prisma().result.findMany({ where: { taskId }, orderBy: { attempt: 'asc' } });
    expect(results.map(({ errorCode, errorMessage }) => [errorCode, errorMessage])).toEqual([
      ['WORKER_TIMEOUT', 'E2001: the attempt took longer than 1 s'],
      [null, null],
    ]);
    // The tool's call ended with the attempt, not with its own time limit.
    expect(results[0]?.toolCalls).toMatchObject([{ ok: false, error: expect.stringContaining('ABORTED') }]);
  });

  it('E2001: also frees the slot when the model does not listen to the signal', async () => {
    script.scripts.WRITE_POST = (answer) => {
      script.scripts.WRITE_POST = SURE.WRITE_POST;
      return new Promise(() => answer);
    };
    const { taskId } = await makeTask('GENERATE_POST', { timeoutSeconds: 1 });
    const { taskId: next } = await makeTask('GENERATE_IMAGE');
    await reach(next, 'COMPLETE');
    await reach(taskId, 'COMPLETE');
    const [first] = await prisma().result.findMany({ where: { taskId }, orderBy: { attempt: 'asc' } });
    expect(first).toMatchObject({ attempt: 1, errorCode: 'WORKER_TIMEOUT' });
    expect(signals.some(({ reason }) => reason instanceof AttemptAborted && reason.fault === 'WORKER_TIMEOUT')).toBe(
      true,
    );
  });

  it('E1002: is retried while the server is away, and the fifth failure asks a person instead of going on', async () => {
    const { taskId, agentId } = await imageInto({ kind: 'server-error', times: 5 });
    expect(await reach(taskId, 'ESCALATED')).toMatchObject({ attempt: 5, errorCode: 'MCP_UNAVAILABLE' });
    const results = await prisma().result.findMany({ where: { taskId }, orderBy: { attempt: 'asc' } });
    expect(results.map(({ errorCode }) => errorCode)).toEqual(Array(5).fill('MCP_UNAVAILABLE'));
    expect(await rulesOf(agentId)).toEqual(['E1002']);
  });

  it('the circuit breaker, open now, keeps others from asking: they wait, and it counts for nothing', async () => {
    const { taskId } = await imageInto({ kind: 'down' });
    const held = await failed(taskId, 'MCP_UNAVAILABLE');
    expect(held).toMatchObject({ status: 'QUEUED', outages: 0, maxAttempts: 4 });
    expect(held.errorMessage).toContain('circuit breaker is open');
    expect(swarm.resources.mcp.health().find(({ name }) => name === 'ideogram')).toMatchObject({ status: 'DOWN' });
    const faults = (await (await fetch(`${swarm.sandboxUrl}/control/faults`)).json()) as {
      kind: string;
      times: number;
    }[];
    expect(faults, 'the server was not asked').toMatchObject([{ kind: 'down', times: 1 }]);
  });
});
