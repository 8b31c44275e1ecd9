import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentStatus } from '../../../domain/agent/agent-row.ts';
import { AGENT_TRANSITIONS, moveAgent, setAgentStatus } from '../../../domain/agent/set-agent-status.ts';
import { newId } from '../../../platform/ids.ts';
import type { SeededTenant } from '../../support/seed.ts';
import type { Domain } from '../domain-fixture.ts';
import { failureOf, fieldsOf, openDomain } from '../domain-fixture.ts';

const STATUSES = Object.keys(AGENT_TRANSITIONS) as AgentStatus[];
/** What a person may ask for: ERROR is the platform's. */
const WANTED = STATUSES.filter((status) => status !== 'ERROR');
const PAIRS = STATUSES.flatMap((from) => WANTED.filter((to) => to !== from).map((to) => [from, to] as const));

let domain: Domain;
let tenant: SeededTenant;
beforeAll(async () => {
  domain = await openDomain();
  tenant = await domain.seed.tenant();
});
afterAll(() => domain.close());
const admin = () => domain.context(tenant.id);
const statusOf = async (table: string, id: string): Promise<string> =>
  (await domain.row<{ status: string }>(table, id)).status;

describe('setAgentStatus', () => {
  test.each(PAIRS)('%s → %s is done or refused as the table of transitions says', async (from, to) => {
    const agent = await tenant.agent({ status: from });
    const change = setAgentStatus(admin(), { id: agent.id, status: to, reason: 'test' });
    if (AGENT_TRANSITIONS[from].includes(to)) {
      await change;
      expect(await domain.row('Agent', agent.id)).toMatchObject({ status: to, statusReason: 'test', version: 2 });
      expect(await domain.audited(agent.id)).toEqual([`agent.${to.toLowerCase()}`]);
      expect(await domain.events(agent.id)).toMatchObject([{ topic: 'agent', version: 2, data: { status: to } }]);
    } else {
      expect(await failureOf(change)).toMatchObject({ code: 'INVALID_STATE', state: from });
      expect(await domain.row('Agent', agent.id)).toMatchObject({ status: from, version: 1 });
    }
  });

  test('nobody sets ERROR by hand: the platform does, and a person clears it', async () => {
    const agent = await tenant.agent();
    expect(await fieldsOf(setAgentStatus(admin(), { id: agent.id, status: 'ERROR' }))).toEqual(['status']);
    await admin().db.transaction((sql) =>
      moveAgent(sql, admin(), { id: agent.id, status: 'ERROR', reason: 'refused' }),
    );
    expect(await statusOf('Agent', agent.id)).toBe('ERROR');
    await setAgentStatus(admin(), { id: agent.id, status: 'ACTIVE' });
  });

  test('the same status again changes nothing', async () => {
    const agent = await tenant.agent({ status: 'PAUSED' });
    await setAgentStatus(admin(), { id: agent.id, status: 'PAUSED' });
    expect(await domain.row('Agent', agent.id)).toMatchObject({ version: 1 });
    expect(await domain.events(agent.id)).toEqual([]);
  });

  test('a manager pauses and resumes; stopping, archiving and leaving an emergency stop are an administrator’s', async () => {
    const manager = domain.context(tenant.id, { permissions: ['write:campaigns'] });
    const editor = domain.context(tenant.id, { permissions: ['write:campaigns', 'write:agents'] });
    const reviewer = domain.context(tenant.id, { permissions: ['approve:hitl'] });
    const agent = await tenant.agent();
    await setAgentStatus(manager, { id: agent.id, status: 'PAUSED' });
    await setAgentStatus(manager, { id: agent.id, status: 'ACTIVE' });
    for (const status of ['EMERGENCY_STOPPED', 'ARCHIVED'])
      expect(await failureOf(setAgentStatus(manager, { id: agent.id, status }))).toMatchObject({
        requires: 'write:agents',
      });
    expect(await failureOf(setAgentStatus(reviewer, { id: agent.id, status: 'PAUSED' }))).toMatchObject({
      code: 'FORBIDDEN',
    });
    await setAgentStatus(editor, { id: agent.id, status: 'EMERGENCY_STOPPED' });
    for (const status of ['ACTIVE', 'PAUSED', 'ARCHIVED'])
      expect(await failureOf(setAgentStatus(editor, { id: agent.id, status }))).toMatchObject({ requires: 'admin:*' });
    await setAgentStatus(admin(), { id: agent.id, status: 'ACTIVE' });
  });

  test('a manager’s resume that overtakes an emergency stop does not undo it', async () => {
    const manager = domain.context(tenant.id, { permissions: ['write:campaigns'] });
    for (let round = 0; round < 20; round += 1) {
      const agent = await tenant.agent({ status: 'PAUSED' });
      await Promise.allSettled([
        setAgentStatus(admin(), { id: agent.id, status: 'EMERGENCY_STOPPED' }),
        setAgentStatus(manager, { id: agent.id, status: 'ACTIVE' }),
      ]);
      expect(await statusOf('Agent', agent.id)).toBe('EMERGENCY_STOPPED');
    }
  });

  test.each(['EMERGENCY_STOPPED', 'ARCHIVED'] as const)(
    '%s cancels all that is not finished, its reviews and unsent effects',
    async (status) => {
      const agent = await tenant.agent();
      const open = [];
      for (const task of ['PENDING', 'QUEUED', 'IN_PROGRESS', 'IN_REVIEW', 'ESCALATED', 'APPLYING'] as const)
        open.push(await agent.task({ status: task }));
      const done = await agent.task({ status: 'COMPLETE' });
      const escalated = await agent.task({ status: 'ESCALATED' });
      const review = await escalated.review();
      const applying = await agent.task({ status: 'APPLYING', type: 'POST_CONTENT' });
      const sending = await agent.task({ status: 'APPLYING', type: 'POST_CONTENT' });
      const effect = async (taskId: string, more: Record<string, unknown>) => {
        const id = newId();
        await domain.seed.insert('Effect', {
          id,
          tenantId: tenant.id,
          taskId,
          agentId: agent.id,
          server: 's',
          tool: 't',
          payload: {},
          payloadDigest: domain.seed.digest(),
          idempotencyKey: id,
          approvedBy: 'judge',
          ...more,
        });
        return id;
      };
      const unsent = await effect(applying.id, {});
      const sent = await effect(sending.id, {
        status: 'SENT',
        sentAt: new Date(),
        claimToken: newId(),
        leaseExpiresAt: new Date(),
      });
      await setAgentStatus(admin(), { id: agent.id, status });
      for (const task of [...open, escalated, applying]) expect(await statusOf('Task', task.id)).toBe('CANCELLED');
      expect(await statusOf('Task', done.id)).toBe('COMPLETE');
      expect(await statusOf('Review', review.id)).toBe('CANCELLED');
      expect(await statusOf('Effect', unsent)).toBe('CANCELLED');
      expect(
        [await statusOf('Effect', sent), await statusOf('Task', sending.id)],
        'what may be out keeps its task',
      ).toEqual(['SENT', 'APPLYING']);
      expect((await domain.events(review.id)).at(-1)).toMatchObject({ topic: 'review', data: { status: 'CANCELLED' } });
    },
  );

  test('lifting an emergency stop owes the agent’s active campaigns a plan: their work was cancelled', async () => {
    const agent = await tenant.agent({ status: 'EMERGENCY_STOPPED' });
    const campaign = await tenant.campaign([agent]);
    await setAgentStatus(admin(), { id: agent.id, status: 'ACTIVE' });
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({ planDueReason: 'HUMAN' });
    expect((await domain.events(campaign.id)).at(-1)).toMatchObject({ data: { planDueReason: 'HUMAN' } });
  });

  test.each(['ACTIVE', 'EMERGENCY_STOPPED'] as const)(
    'archiving an agent that is %s owes its active campaigns a plan: without it they would wait for ever for its work',
    async (status) => {
      const agent = await tenant.agent({ status });
      const campaign = await tenant.campaign([agent], { planRevision: 1 });
      await setAgentStatus(admin(), { id: agent.id, status: 'ARCHIVED' });
      expect(await domain.row('Campaign', campaign.id)).toMatchObject({
        planDueReason: 'TASK_FAILED',
        planDueNote: 'The agent Mira was archived.',
      });
    },
  );

  test('another agent’s task that waits for a cancelled one is cancelled with it, not left waiting for ever', async () => {
    const [stopped, other] = [await tenant.agent(), await tenant.agent()];
    const trend = await stopped.task({ type: 'ANALYZE_TREND', status: 'QUEUED' });
    const post = await other.task({ status: 'PENDING', openDependencies: 1 });
    await post.dependsOn(trend.id);
    await setAgentStatus(admin(), { id: stopped.id, status: 'EMERGENCY_STOPPED' });
    expect(await statusOf('Task', post.id)).toBe('CANCELLED');
  });

  test('PAUSED touches no task; ACTIVE announces what waits, so that it is queued again', async () => {
    const agent = await tenant.agent();
    const task = await agent.task({ status: 'QUEUED' });
    await setAgentStatus(admin(), { id: agent.id, status: 'PAUSED' });
    expect(await statusOf('Task', task.id)).toBe('QUEUED');
    expect(await domain.events(task.id)).toEqual([]);
    await setAgentStatus(admin(), { id: agent.id, status: 'ACTIVE' });
    expect(await domain.events(task.id)).toMatchObject([{ topic: 'task', data: { status: 'QUEUED' } }]);
  });

  test('an unknown agent and another tenant’s are not found', async () => {
    const stranger = await (await domain.seed.tenant()).agent();
    for (const id of [newId(), stranger.id])
      expect(await failureOf(setAgentStatus(admin(), { id, status: 'PAUSED' }))).toMatchObject({ code: 'NOT_FOUND' });
  });
});
