import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ShortTermMemory } from '../../../domain/memory/short-term-memory.ts';
import { createShortTermMemory } from '../../../domain/memory/short-term-memory.ts';
import { newId } from '../../../platform/ids.ts';
import { createTestRedis } from '../../support/redis.ts';

let redis: Redis;
let prefix: string;
let memory: ShortTermMemory;

beforeAll(() => {
  const given = createTestRedis();
  prefix = given.prefix;
  redis = new Redis(given.url);
  memory = createShortTermMemory({ redis, prefix });
});
afterAll(() => redis.quit());

const newAgent = () => ({ tenantId: newId(), agentId: newId() });
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

it('recalls the newest first, of one conversation if asked, equal items each', async () => {
  const agent = newAgent();
  await memory.remember(agent, { kind: 'mention', content: 'hello', conversationId: 'c1', at: minutesAgo(3) });
  await memory.remember(agent, { kind: 'post', content: 'out now', at: minutesAgo(2) });
  const at = minutesAgo(1);
  for (let time = 0; time < 2; time += 1)
    await memory.remember(agent, { kind: 'reply', content: 'hi!', conversationId: 'c1', at });
  expect((await memory.recall(agent, { limit: 10 })).map(({ content }) => content)).toEqual([
    'hi!',
    'hi!',
    'out now',
    'hello',
  ]);
  expect(await memory.recall(agent, { limit: 1, conversationId: 'c1' })).toEqual([
    { kind: 'reply', content: 'hi!', conversationId: 'c1', at },
  ]);
  expect(await memory.recall(newAgent(), { limit: 10 })).toEqual([]);
});

it('forgets after an hour and keeps a hundred items', async () => {
  const agent = newAgent();
  await memory.remember(agent, { kind: 'post', content: 'long ago', at: minutesAgo(61) });
  expect(await memory.recall(agent, { limit: 10 })).toEqual([]);
  for (let item = 0; item < 120; item += 1) await memory.remember(agent, { kind: 'post', content: `item ${item}` });
  const kept = await memory.recall(agent, { limit: 500 });
  expect(kept).toHaveLength(100);
  expect(kept[0]?.content).toBe('item 119');
  const key = `${prefix}:short-term:${agent.tenantId}:${agent.agentId}`;
  expect(await redis.pttl(key)).toBeGreaterThan(3_590_000);
});

it('survives a Redis that is away, that answers nothing, and a value that is not ours', async () => {
  const agent = newAgent();
  const silent: Server = createServer(() => undefined).listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  const { port } = silent.address() as AddressInfo;
  const problems: unknown[] = [];
  const away = { maxRetriesPerRequest: 0, retryStrategy: null, lazyConnect: true };
  for (const broken of [
    new Redis(port, '127.0.0.1', { maxRetriesPerRequest: null, lazyConnect: true }),
    new Redis(1, '127.0.0.1', away),
  ]) {
    broken.on('error', () => undefined);
    const unreachable = createShortTermMemory({ redis: broken, prefix, onError: (error) => problems.push(error) });
    await unreachable.remember(agent, { kind: 'post', content: 'lost' });
    expect(await unreachable.recall(agent, { limit: 10 })).toEqual([]);
    broken.disconnect();
  }
  silent.close();
  await redis.set(`${prefix}:short-term:${agent.tenantId}:${agent.agentId}`, 'a string');
  const wary = createShortTermMemory({ redis, prefix, onError: (error) => problems.push(error) });
  await wary.remember(agent, { kind: 'post', content: 'lost' });
  expect(await wary.recall(agent, { limit: 10 })).toEqual([]);
  expect(problems).toHaveLength(6);
});
