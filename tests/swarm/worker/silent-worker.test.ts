import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setAgentStatus } from '../../../domain/agent/set-agent-status.ts';
import { claimTasks } from '../../../domain/task/claim-tasks.ts';
import { failAttempt } from '../../../domain/task/fail-attempt.ts';
import { reportResults } from '../../../domain/task/report-results.ts';
import { faultNamed } from '../../../swarm/faults/fault-of.ts';
import { createScriptedModel, SURE } from '../../support/scripted-model.ts';
import type { TestSwarm } from '../../support/swarm.ts';
import { startTestSwarm } from '../../support/swarm.ts';
import { createTestAgent, createTestCampaign, waitUntilSettled } from '../../support/swarm-run.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('a Worker that goes silent', () => {
  let swarm: TestSwarm;
  beforeAll(async () => {
    swarm = await startTestSwarm({ model: createScriptedModel({ ...SURE }), reconcileSeconds: 1 });
  });
  afterAll(() => swarm.stop());

  it('loses its task when its lease runs out; what it reports late is kept for the record and changes nothing', async () => {
    const { prisma } = swarm.context().db;
    const agentId = await createTestAgent(swarm, { activate: false });
    const campaignId = await createTestCampaign(swarm, agentId, 1);
    // The agent is PAUSED: the plan's tasks stay QUEUED. Then the swarm is away while somebody claims one by hand.
    const draft = await waitFor(() =>
      prisma.task.findFirst({ where: { campaignId, type: 'GENERATE_POST', status: 'QUEUED' } }),
    );
    await swarm.halt();
    await setAgentStatus(swarm.context(), { id: agentId, status: 'ACTIVE' });
    const [outcome] = await claimTasks(swarm.context(), [agentId], {
      workerId: 'silent',
      leaseSeconds: 1,
      estimate: () => [{ category: 'MODEL', amountMicroUsd: 500 }],
    });
    if (!outcome || !('claimed' in outcome)) throw new Error('somebody else claimed the task');
    const { claimed } = outcome;
    swarm.resume();
    await waitUntilSettled(swarm, campaignId);
    const done = await prisma.task.findUniqueOrThrow({ where: { id: draft.id } });
    expect(done).toMatchObject({ status: 'COMPLETE', attempt: 2 });
    const late = {
      taskId: draft.id,
      attempt: claimed.attempt,
      claimToken: claimed.claimToken,
      workerId: 'silent',
      toolCalls: [],
      executionMs: 1,
      settlements: [],
    };
    expect(
      await reportResults(swarm.context(), [
        {
          ...late,
          output: { text: 'Too late.', hashtags: [], estimatedEngagement: 0 },
          reasoning: null,
          model: null,
          tokens: null,
          modelProbability: 1,
        },
      ]),
    ).toEqual([false]);
    const fault = faultNamed('VALIDATION', 'late');
    expect(await failAttempt(swarm.context(), { ...late, fault })).toBe('LOST');
    expect(await prisma.task.findUniqueOrThrow({ where: { id: draft.id } })).toEqual(done);
    const results = await prisma.result.findMany({ where: { taskId: draft.id }, orderBy: { attempt: 'asc' } });
    expect(results.map(({ workerId, errorCode, verdict }) => [workerId, errorCode, verdict])).toEqual([
      ['silent', 'WORKER_TIMEOUT', null],
      ['test', null, 'APPROVED'],
    ]);
    expect((await swarm.posts()).map((post) => post.text.includes('Too late'))).toEqual([false]);
    const [reserved] = await swarm.relayDatabase.query(
      'SELECT sum("reservedMicroUsd")::int AS reserved FROM "BudgetAccount"',
    );
    expect(reserved).toEqual({ reserved: 0 });
  });
});
