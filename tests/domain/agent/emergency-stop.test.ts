import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { emergencyStop } from '../../../domain/agent/emergency-stop.ts';
import { setAgentStatus } from '../../../domain/agent/set-agent-status.ts';
import { claimPlan } from '../../../domain/campaign/claim-plan.ts';
import type { DomainContext } from '../../../domain/context.ts';
import { claimEffect } from '../../../domain/effect/claim-effect.ts';
import { ingestMentions } from '../../../domain/mention/ingest-mentions.ts';
import { approveReview } from '../../../domain/review/decide-review.ts';
import { newId } from '../../../platform/ids.ts';
import type { SeededTenant } from '../../support/seed.ts';
import type { Domain } from '../domain-fixture.ts';
import { failureOf, fieldsOf, openDomain } from '../domain-fixture.ts';

const POST = { platform: 'TWITTER', text: 'Morning fog.', mediaUrls: [], disclosure: 'AUTOMATED' };

let domain: Domain;
let tenant: SeededTenant;
beforeAll(async () => {
  domain = await openDomain();
});
beforeEach(async () => {
  tenant = await domain.seed.tenant();
});
afterAll(() => domain.close());
const admin = () => domain.context(tenant.id);
const statusOf = async (table: string, id: string): Promise<string> =>
  (await domain.row<{ status: string }>(table, id)).status;
const alerts = () =>
  domain.sql<{ message: string; severity: string; agentId: string | null }>(
    `SELECT message, severity, "agentId" FROM "Alert" WHERE "tenantId" = $1 AND rule = 'EMERGENCY_STOP' ORDER BY id`,
    [tenant.id],
  );
const dueEffect = async (agentId: string, taskId: string): Promise<string> => {
  const id = newId();
  await domain.seed.insert('Effect', {
    id,
    tenantId: tenant.id,
    taskId,
    agentId,
    server: 's',
    tool: 't',
    payload: {},
    payloadDigest: domain.seed.digest(),
    idempotencyKey: id,
    approvedBy: 'judge',
  });
  return id;
};

/** Counts the statements of the transactions of a context. */
function counted(context: DomainContext): { context: DomainContext; statements(): number } {
  let sent = 0;
  const db: DomainContext['db'] = {
    ...context.db,
    transaction: (work) =>
      context.db.transaction((sql) =>
        work({
          query: (text, values) => {
            sent += 1;
            return sql.query(text, values);
          },
        }),
      ),
  };
  return { context: { ...context, db }, statements: () => sent };
}

describe('emergencyStop of one agent', () => {
  test('ends its work and nobody else’s, alerts once, is audited, and tells what it did', async () => {
    const [agent, other] = [await tenant.agent(), await tenant.agent()];
    const running = await agent.task({ status: 'IN_PROGRESS' });
    const queued = await agent.task({ status: 'QUEUED' });
    const review = await (await agent.task({ status: 'ESCALATED' })).review();
    const dependent = await other.task({ status: 'PENDING', openDependencies: 1 });
    await dependent.dependsOn(queued.id);
    const untouched = await other.task({ status: 'QUEUED' });
    expect(await emergencyStop(admin(), { agentId: agent.id, reason: 'It went wild.' })).toEqual({
      agentIds: [agent.id],
      cancelledTasks: 4,
      abortedTasks: 1,
    });
    for (const task of [running, queued, dependent]) expect(await statusOf('Task', task.id)).toBe('CANCELLED');
    expect(await statusOf('Review', review.id)).toBe('CANCELLED');
    expect([await statusOf('Task', untouched.id), await statusOf('Agent', other.id)]).toEqual(['QUEUED', 'ACTIVE']);
    expect(await domain.row('Agent', agent.id)).toMatchObject({
      status: 'EMERGENCY_STOPPED',
      statusReason: 'It went wild.',
      version: 2,
    });
    expect(await domain.events(agent.id)).toMatchObject([{ topic: 'agent', data: { status: 'EMERGENCY_STOPPED' } }]);
    expect(await domain.audited(agent.id)).toEqual(['agent.emergency_stopped']);
    expect(await alerts()).toEqual([
      { severity: 'CRITICAL', agentId: agent.id, message: expect.stringContaining('It went wild.') },
    ]);
  });

  test('again it stops nobody; after it was lifted it stops and alerts anew', async () => {
    const agent = await tenant.agent();
    await emergencyStop(admin(), { agentId: agent.id, reason: 'one' });
    expect(await emergencyStop(admin(), { agentId: agent.id, reason: 'two' })).toMatchObject({ agentIds: [] });
    await setAgentStatus(admin(), { id: agent.id, status: 'ACTIVE' });
    await emergencyStop(admin(), { agentId: agent.id, reason: 'three' });
    expect((await alerts()).map(({ message }) => message)).toEqual([
      expect.stringContaining('one'),
      expect.stringContaining('three'),
    ]);
    expect(await domain.audited(agent.id)).toEqual([
      'agent.emergency_stopped',
      'agent.active',
      'agent.emergency_stopped',
    ]);
  });

  test('is refused to a manager, without a reason, for an archived, an unknown and another tenant’s agent', async () => {
    const agent = await tenant.agent();
    const archived = await tenant.agent({ status: 'ARCHIVED' });
    const stranger = await (await domain.seed.tenant()).agent();
    const manager = domain.context(tenant.id, { permissions: ['write:campaigns'] });
    expect(await failureOf(emergencyStop(manager, { reason: 'r' }))).toMatchObject({ requires: 'write:agents' });
    expect(await fieldsOf(emergencyStop(admin(), { agentId: agent.id, reason: ' ' }))).toEqual(['reason']);
    expect(await failureOf(emergencyStop(admin(), { agentId: archived.id, reason: 'r' }))).toMatchObject({
      code: 'INVALID_STATE',
    });
    for (const agentId of [newId(), stranger.id])
      expect(await failureOf(emergencyStop(admin(), { agentId, reason: 'r' }))).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('is left by an administrator only', async () => {
    const agent = await tenant.agent();
    await emergencyStop(admin(), { agentId: agent.id, reason: 'r' });
    const editor = domain.context(tenant.id, { permissions: ['write:campaigns', 'write:agents'] });
    for (const status of ['ACTIVE', 'PAUSED'])
      expect(await failureOf(setAgentStatus(editor, { id: agent.id, status }))).toMatchObject({ requires: 'admin:*' });
    await setAgentStatus(admin(), { id: agent.id, status: 'PAUSED' });
  });
});

describe('emergencyStop of a tenant', () => {
  test('stops whoever can be stopped, with one alert and one entry for the whole beside each agent’s', async () => {
    const agents = [
      await tenant.agent(),
      await tenant.agent({ status: 'PAUSED' }),
      await tenant.agent({ status: 'ERROR' }),
    ];
    const [stopped, archived] = [
      await tenant.agent({ status: 'EMERGENCY_STOPPED' }),
      await tenant.agent({ status: 'ARCHIVED' }),
    ];
    const stranger = await (await domain.seed.tenant()).agent();
    const { agentIds } = await emergencyStop(admin(), { reason: 'Everything.' });
    expect(agentIds.toSorted()).toEqual(agents.map(({ id }) => id).toSorted());
    expect(await alerts()).toMatchObject([{ agentId: null }]);
    for (const { id } of agents) expect(await domain.audited(id)).toEqual(['agent.emergency_stopped']);
    expect(await domain.audited(tenant.id)).toEqual(['tenant.emergency_stopped']);
    expect(await domain.audited(stopped.id)).toEqual([]);
    expect([await statusOf('Agent', archived.id), await statusOf('Agent', stranger.id)]).toEqual([
      'ARCHIVED',
      'ACTIVE',
    ]);
  });

  test('of 1,000 agents with 5,000 tasks is a handful of statements', async () => {
    await domain.sql(
      `INSERT INTO "Agent" (id, "tenantId", name, "soulMarkdown", backstory, "walletAddress", "budgetDailyMicroUsd", status)
       SELECT gen_random_uuid(), $1::uuid, 'a', 's', 'b', '0x' || substr(md5($1::text || i) || md5(i::text), 1, 40), 0, 'ACTIVE' FROM generate_series(1, 1000) i`,
      [tenant.id],
    );
    await domain.sql(
      `INSERT INTO "Task" (id, "tenantId", "agentId", type, status, input, "traceId")
       SELECT gen_random_uuid(), a."tenantId", a.id, 'GENERATE_POST', 'QUEUED', '{}', 't' FROM "Agent" a, generate_series(1, 5) WHERE a."tenantId" = $1`,
      [tenant.id],
    );
    const { context, statements } = counted(admin());
    expect(await emergencyStop(context, { reason: 'Everything.' })).toMatchObject({ cancelledTasks: 5_000 });
    expect(statements()).toBeLessThanOrEqual(12);
    const [left] = await domain.sql<{ n: number }>(
      `SELECT (SELECT count(*) FROM "Agent" WHERE "tenantId" = $1 AND status = 'ACTIVE')::int + (SELECT count(*) FROM "Task" WHERE "tenantId" = $1 AND status = 'QUEUED')::int AS n`,
      [tenant.id],
    );
    expect(left?.n).toBe(0);
  });
});

describe('after an emergency stop', () => {
  test('no plan is made for a campaign it leaves without an agent; the request waits until the stop is lifted', async () => {
    const agent = await tenant.agent();
    const campaign = await tenant.campaign([agent], {
      planDueReason: 'INITIAL',
      planDueAt: new Date(Date.now() - 1_000),
    });
    await emergencyStop(admin(), { agentId: agent.id, reason: 'r' });
    expect(await claimPlan(admin(), campaign.id, 60)).toBeNull();
    expect(await domain.row('Campaign', campaign.id)).toMatchObject({ status: 'ACTIVE', planDueReason: 'INITIAL' });
    await setAgentStatus(admin(), { id: agent.id, status: 'ACTIVE' });
    expect(await claimPlan(admin(), campaign.id, 60)).not.toBeNull();
  });

  test('a campaign that keeps another agent is planned on', async () => {
    const [agent, other] = [await tenant.agent(), await tenant.agent()];
    const campaign = await tenant.campaign([agent, other], {
      planDueReason: 'INITIAL',
      planDueAt: new Date(Date.now() - 1_000),
    });
    await emergencyStop(admin(), { agentId: agent.id, reason: 'r' });
    expect(await claimPlan(admin(), campaign.id, 60)).not.toBeNull();
  });

  test('a mention that was read before is recorded, and makes no task', async () => {
    const agent = await tenant.agent();
    await tenant.campaign([agent]);
    await emergencyStop(admin(), { agentId: agent.id, reason: 'r' });
    const mention = {
      platform: 'TWITTER' as const,
      externalId: newId(),
      author: 'reader',
      text: 'Where was this?',
      suspicious: false,
      relevance: 0.9,
      receivedAt: new Date(),
    };
    expect(await ingestMentions(admin(), agent.id, [mention], { threshold: 0.1, maxReplies: 5 })).toEqual({
      recorded: 1,
      replies: 0,
    });
  });

  test.each([1, 2, 3])(
    'of decisions and claims at the same moment each comes before it or is refused (%i)',
    async () => {
      const agent = await tenant.agent();
      const reviewer = domain.context(tenant.id, { userId: (await tenant.user('CONTENT_REVIEWER')).id });
      const reviews = [];
      const effects: string[] = [];
      for (let index = 0; index < 8; index += 1) {
        const waiting = await agent.task({ status: 'ESCALATED', type: 'POST_CONTENT' });
        reviews.push(await waiting.review({ content: { ...POST, text: `Fog ${index}` } }));
        effects.push(await dueEffect(agent.id, (await agent.task({ status: 'APPLYING', type: 'POST_CONTENT' })).id));
      }
      const racers = reviews.flatMap(({ id }, index) => [
        () => approveReview(reviewer, { id, expectedVersion: 1 }),
        () => claimEffect(admin(), effects[index] ?? '', 60),
      ]);
      const racing = racers.slice(0, 8).map((start) => start());
      const stop = emergencyStop(admin(), { agentId: agent.id, reason: 'r' });
      racing.push(...racers.slice(8).map((start) => start()));
      await Promise.allSettled(racing);
      await stop;
      const open = await domain.sql<{ task: string; effect: string }>(
        `SELECT t.status AS task, e.status AS effect FROM "Task" t LEFT JOIN "Effect" e ON e."taskId" = t.id WHERE t."agentId" = $1 AND NOT (t.status = 'CANCELLED' AND coalesce(e.status, 'CANCELLED') = 'CANCELLED')`,
        [agent.id],
      );
      expect(open.filter(({ task, effect }) => task !== 'APPLYING' || effect !== 'SENT')).toEqual([]);
      for (const id of effects) expect(await claimEffect(admin(), id, 60)).toBeNull();
    },
  );
});
