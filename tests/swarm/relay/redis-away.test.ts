import { randomUUID } from 'node:crypto';
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ScheduledJob } from '../../../domain/jobs.ts';
import { systemClock } from '../../../platform/clock.ts';
import { createLogger } from '../../../platform/logger.ts';
import { openRedis } from '../../../platform/redis.ts';
import { openQueues } from '../../../swarm/queues.ts';
import { fairQueues } from '../../../swarm/relay/fair-queues.ts';
import { startRelay } from '../../../swarm/relay/relay.ts';
import type { Domain } from '../../domain/domain-fixture.ts';
import { openDomain } from '../../domain/domain-fixture.ts';
import { createTestRedis } from '../../support/redis.ts';
import { waitFor } from '../../support/wait-for.ts';

/** Takes connections and never answers: a Redis that is frozen. */
let frozen: Server;
let frozenUrl: string;
let domain: Domain;
beforeAll(async () => {
  domain = await openDomain();
  frozen = createServer();
  await new Promise<void>((resolve) => frozen.listen(0, '127.0.0.1', resolve));
  frozenUrl = `redis://127.0.0.1:${(frozen.address() as AddressInfo).port}`;
});
afterAll(async () => {
  frozen.close();
  await domain.close();
});
const onError = () => {};

test('a poll that is due while Redis was never there yet is refused in time: the other chores go on', async () => {
  const queues = openQueues({ redisUrl: frozenUrl, prefix: 'away', onError });
  const [tenantId, agentId] = [randomUUID(), randomUUID()];
  const poll: ScheduledJob<'poll'> = {
    name: 'poll',
    jobId: `poll-${agentId}`,
    payload: { tenantId, agentId, resource: 'mentions', traceId: 'trace' },
    delayMs: 0,
    priority: 0,
  };
  await expect(fairQueues(queues).schedule([poll])).rejects.toThrow();
});

test('events get their positions at once while Redis is frozen: nobody waits for the hints', async () => {
  const tenant = await domain.seed.tenant();
  const { url: redisUrl, prefix } = createTestRedis();
  const redis = openRedis(frozenUrl, onError);
  const queues = openQueues({ redisUrl, prefix, onError });
  const batches = 4;
  await domain.sql(
    `INSERT INTO "Outbox" ("tenantId", topic, kind, "subjectId", version, data, "traceId")
     SELECT $1, 'agent', 'UPDATED', gen_random_uuid(), 1, '{"status": "ACTIVE"}', 'trace' FROM generate_series(1, $2::int)`,
    [tenant.id, batches * 1_000],
  );
  const moved: number[] = [];
  const relay = startRelay({
    database: domain.relay,
    queues,
    redis,
    prefix,
    clock: systemClock,
    logger: createLogger({ level: 'silent', name: 'test' }),
    reconcileSeconds: 3600,
    eventRetentionHours: 24,
    mentionsPollSeconds: 3600,
    trendsPollSeconds: 3600,
    onEvents: () => void moved.push(performance.now()),
  });
  await waitFor(() => moved.length >= batches, { timeoutMs: 40_000 });
  expect((moved.at(-1) ?? 0) - (moved[0] ?? 0), 'one command waits 5 s').toBeLessThan(4_500);
  await relay.stop();
  await queues.close();
  redis.disconnect();
});
