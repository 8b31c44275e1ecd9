import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ScheduledJob } from '../../../domain/jobs.ts';
import { systemClock } from '../../../platform/clock.ts';
import { newId } from '../../../platform/ids.ts';
import type { Queues } from '../../../swarm/queues.ts';
import { openQueues } from '../../../swarm/queues.ts';
import { reconcile } from '../../../swarm/relay/reconcile.ts';
import type { Domain } from '../../domain/domain-fixture.ts';
import { openDomain } from '../../domain/domain-fixture.ts';
import { createTestRedis } from '../../support/redis.ts';
import type { SeededTenant } from '../../support/seed.ts';

let domain: Domain;
let tenant: SeededTenant;
let queues: Queues;
beforeAll(async () => {
  domain = await openDomain();
  tenant = await domain.seed.tenant();
  const { url: redisUrl, prefix } = createTestRedis();
  queues = openQueues({ redisUrl, prefix, onError: () => {} });
});
afterAll(async () => {
  await queues.close();
  await domain.close();
});

/** An approved publication that was not sent yet. */
async function approved(agentStatus: string, campaignStatus: string, effect: Record<string, unknown> = {}) {
  const agent = await tenant.agent({ status: agentStatus });
  const campaign = await tenant.campaign([agent], { status: campaignStatus });
  const task = await agent.task({ campaignId: campaign.id, type: 'POST_CONTENT', status: 'APPLYING' });
  const id = newId();
  await domain.seed.insert('Effect', {
    id,
    tenantId: tenant.id,
    taskId: task.id,
    agentId: agent.id,
    server: 'twitter',
    tool: 'post_tweet',
    payload: {},
    payloadDigest: domain.seed.digest(),
    idempotencyKey: id,
    approvedBy: 'judge',
    ...effect,
  });
  return id;
}

test('what a paused agent or campaign may not send is not brought again and again; an unknown outcome always is', async () => {
  const due = await approved('ACTIVE', 'ACTIVE');
  await approved('PAUSED', 'ACTIVE');
  await approved('ERROR', 'ACTIVE');
  await approved('ACTIVE', 'PAUSED');
  const sent = { status: 'SENT', sentAt: new Date(), claimToken: newId(), leaseExpiresAt: new Date(0) };
  const unknown = await approved('PAUSED', 'PAUSED', sent);
  const brought: ScheduledJob[] = [];
  const watched: Queues = { ...queues, schedule: async (jobs) => void brought.push(...jobs) };
  await reconcile(domain.relay, watched, systemClock);
  const effects = brought.filter(({ name }) => name === 'effect') as ScheduledJob<'effect'>[];
  expect(effects.map(({ payload }) => payload.effectId).toSorted()).toEqual([due, unknown].toSorted());
});
