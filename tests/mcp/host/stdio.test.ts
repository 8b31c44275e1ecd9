import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { allowListSchema } from '../../../mcp/host/allow-list.ts';
import type { McpHost } from '../../../mcp/host/mcp-host.ts';
import { createMcpHost } from '../../../mcp/host/mcp-host.ts';
import { waitFor } from '../../support/wait-for.ts';
import { failureOf } from '../failure-of.ts';

const context = { tenantId: 't', agentId: 'a', traceId: 'x' };
const pidOutput = z.object({ pid: z.number(), secret: z.string().nullable(), home: z.boolean() });
const logged: string[] = [];
let host: McpHost;

beforeAll(async () => {
  const fixture = new URL('../fixtures/stdio-server.ts', import.meta.url).pathname;
  const stdio = { kind: 'stdio', command: process.execPath, args: ['--import', 'tsx', fixture] };
  host = await createMcpHost({
    allowList: allowListSchema.parse({
      servers: {
        worker: { transport: stdio, tools: { pid: {}, hang: { effectful: true } } },
        broken: { transport: { kind: 'stdio', command: '/nonexistent/server' }, tools: { pid: {} } },
      },
    }),
    environments: { worker: { SECRET: 's3cret' } },
    log: { info: (_fields, message) => logged.push(message), warn: () => undefined },
  });
});
afterAll(() => host.close());

const pid = async () => (await host.call('worker', 'pid', {}, pidOutput, context)).value;

it('gives a stdio server the environment meant for it and nothing of ours, and logs its stderr', async () => {
  expect(await pid()).toMatchObject({ secret: 's3cret', home: true });
  expect(logged).toContain('fixture started');
});

it('starts although one server cannot be started, and says so', async () => {
  expect(host.health().map(({ name, status }) => [name, status])).toEqual([
    ['worker', 'UP'],
    ['broken', 'DOWN'],
  ]);
  expect(await failureOf(host.call('broken', 'pid', {}, pidOutput, context))).toMatchObject({
    code: 'UNAVAILABLE',
    outcome: 'NOT_APPLIED',
  });
});

it('reports UNKNOWN when the server dies during an effectful call, and restarts it', async () => {
  const { pid: first } = await pid();
  const hanging = failureOf(host.call('worker', 'hang', {}, pidOutput, context));
  process.kill(first, 'SIGKILL');
  expect(await hanging).toMatchObject({ code: 'UNAVAILABLE', outcome: 'UNKNOWN', retryable: false });
  const second = await waitFor(async () => (await pid()).pid);
  expect(second).not.toBe(first);
});

it('restarts a server that died while nobody called', async () => {
  const { pid: first } = await pid();
  process.kill(first, 'SIGKILL');
  await waitFor(() => host.health()[0]?.status === 'DOWN');
  await waitFor(() => host.health()[0]?.status === 'UP');
  expect((await pid()).pid).not.toBe(first);
});
