import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { PortInUseError, startGateway } from '../../gateway/server.ts';
import { openDatabase } from '../../platform/database.ts';
import type { TestGateway } from '../support/gateway.ts';
import { startTestGateway } from '../support/gateway.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

let gateway: TestGateway;
let token: string;
const metrics = new Registry();
new Counter({ name: 'things_total', help: 'Things.', registers: [metrics] }).inc(3);

beforeAll(async () => {
  gateway = await startTestGateway({
    corsOrigins: ['https://dashboard.example', 'https://other.example'],
    metrics,
    serveMedia: (request, response) => void response.end(`media of ${request.url}`),
    queueStats: () => Promise.reject(new Error('the secret is 42')),
  });
  token = await gateway.tokenFor(await (await gateway.seed.tenant()).user('ADMINISTRATOR'));
});
afterAll(() => gateway.close());

const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body,
  });

describe('beside GraphQL', () => {
  it('says that it lives, and what it leans on', async () => {
    expect(await (await fetch(`${gateway.gateway.url}/health/live`)).json()).toEqual({ status: 'up' });
    const ready = await fetch(`${gateway.gateway.url}/health/ready`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({
      status: 'ready',
      dependencies: [
        { name: 'postgresql', status: 'up', latencyMs: expect.any(Number) },
        { name: 'redis', status: 'up', latencyMs: expect.any(Number) },
      ],
    });
  });

  it('shows the metrics of its registry, hands /media to its handler, and answers 404 to the rest', async () => {
    expect(await (await fetch(`${gateway.gateway.url}/metrics`)).text()).toContain('things_total 3');
    expect(await (await fetch(`${gateway.gateway.url}/media/a/b.png?x=1`)).text()).toBe('media of /media/a/b.png?x=1');
    const nothing = await fetch(`${gateway.gateway.url}/elsewhere`);
    expect([nothing.status, await nothing.json()]).toEqual([
      404,
      { error: 'There is nothing at /elsewhere. The API is at /graphql.' },
    ]);
  });

  it('lets the configured origins in, and no others', async () => {
    const preflight = (origin: string) =>
      fetch(gateway.url, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type',
        },
      });
    const allowed = await preflight('https://dashboard.example');
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([
      204,
      'https://dashboard.example',
    ]);
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).not.toMatch(/evil|\*/);
    const refused = await fetch(gateway.url, {
      method: 'POST',
      headers: { origin: 'https://dashboard.example', 'content-type': 'application/json' },
      body: '{}',
    });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([
      401,
      'https://dashboard.example',
    ]);
  });

  it('shows GraphiQL in development only', async () => {
    const page = (url: string) => fetch(url, { headers: { accept: 'text/html' } });
    expect((await page(gateway.url)).status).toBe(401);
    const development = await startTestGateway({ development: true });
    const response = await page(development.url);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/html'),
    ]);
    await development.close();
  });

  it('says that its port is taken', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const { port } = squatter.address() as AddressInfo;
    const started = startGateway({ ...gateway.options, port });
    await expect(started).rejects.toThrow(PortInUseError);
    await expect(started).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken`);
    squatter.close();
  });
});

describe('a request', () => {
  it('may have 1 MB and no more, said or unsaid', async () => {
    const body = JSON.stringify({ query: '{ viewer { permissions } }', variables: { x: 'y'.repeat(1_000_000) } });
    expect((await post(body)).status).toBe(413);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = httpRequest(
        gateway.url,
        {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            authorization: `Bearer ${token}`,
            'transfer-encoding': 'chunked',
          },
        },
        (response) => resolve(response.statusCode),
      );
      sent.on('error', reject);
      for (let at = 0; at < body.length; at += 100_000) sent.write(body.slice(at, at + 100_000));
      sent.end();
    });
    expect(status).toBe(413);
  });

  const nested = (levels: number): string =>
    levels === 0 ? 'id' : `campaigns(first: 1) { nodes { agents { ${nested(levels - 1)} } } }`;
  it.each([
    ['depth', `{ agents(first: 1) { nodes { ${nested(5)} } } }`, /nested deeper than 15/],
    [
      'depth through fragments',
      `{ agents(first: 1) { nodes { ...a } } } fragment a on Agent { ${nested(5)} }`,
      /nested deeper than 15/,
    ],
    [
      'aliases',
      `{ ${Array.from({ length: 31 }, (_, index) => `a${index}: viewer { permissions }`).join(' ')} }`,
      /more than 30 aliases/,
    ],
    [
      'cost',
      '{ agents(first: 100) { nodes { campaigns(first: 100) { nodes { tasks(first: 100) { nodes { id } } } } } } }',
      /may return \d+ objects/,
    ],
    ['tokens', `{ viewer { ${'permissions '.repeat(2_100)} } }`, /more than 2000 tokens|more that 2000 tokens/],
    [
      'fragments that multiply',
      `{ agents { nodes { ...f0 } } } ${Array.from({ length: 20 }, (_, index) => `fragment f${index} on Agent { ...f${index + 1} ...f${index + 1} }`).join(' ')} fragment f20 on Agent { id }`,
      /more than 10000 fields/,
    ],
  ])('is refused when it passes the limit of %s', async (_what, query, message) => {
    const answer = await gateway.query(token, query);
    expect(answer.errors?.[0]?.message).toMatch(message);
    expect(answer.data).toBeUndefined();
  });

  it('is told its cost', async () => {
    const answer = await gateway.query(
      token,
      'query ($n: Int) { agents(first: $n) { nodes { campaigns(first: 2) { nodes { id } } } } }',
      { n: 5 },
    );
    expect(answer.extensions).toEqual({ cost: { requested: 21, maximum: 50_000 } });
  });

  it('may be introspected by tools', async () => {
    const { getIntrospectionQuery } = await import('graphql');
    expect((await gateway.query(token, getIntrospectionQuery())).data.__schema.queryType.name).toBe('Query');
  });

  it('hears nothing of an unexpected error but its trace id, which the log has too', async () => {
    const response = await post('{"query":"{ queues { name } }"}', {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    });
    const body = await response.text();
    expect(JSON.parse(body).errors).toEqual([
      {
        message: 'Something unexpected went wrong.',
        locations: expect.anything(),
        path: ['queues'],
        extensions: { code: 'INTERNAL', retryable: false, traceId: '0af7651916cd43dd8448eb211c80319c' },
      },
    ]);
    expect(body).not.toContain('42');
    expect(gateway.logs.find((line) => line.traceId === '0af7651916cd43dd8448eb211c80319c')).toMatchObject({
      msg: 'unexpected error',
      err: { message: 'the secret is 42' },
    });
  });

  it('may not change anything with GET', async () => {
    const url = `${gateway.url}?query=${encodeURIComponent('mutation { createAgent(input: { name: "x", budgetDailyUsd: "1" }) { __typename } }')}`;
    expect((await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status).toBe(405);
  });
});

describe('while PostgreSQL is away', () => {
  it('answers DATABASE_UNAVAILABLE and is not ready; when it is back, so is the API', async () => {
    const target = new URL(gateway.appUrl);
    const proxy = await startTcpProxy(Number(target.port));
    target.port = String(proxy.port);
    const database = openDatabase({ url: target.toString(), poolSize: 3 });
    const cut = await startTestGateway({ database });
    try {
      expect((await cut.query(token, '{ agents { nodes { id } } }')).errors).toBeUndefined();
      await proxy.cut();
      const failed = await cut.query(token, '{ agents { nodes { id } } }');
      expect(failed.errors?.[0]?.extensions).toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
        retryable: true,
        traceId: expect.any(String),
      });
      const ready = await fetch(`${cut.gateway.url}/health/ready`);
      expect(ready.status).toBe(503);
      expect(await ready.json()).toMatchObject({
        status: 'not ready',
        dependencies: [
          { name: 'postgresql', status: 'down' },
          { name: 'redis', status: 'up' },
        ],
      });
      expect((await fetch(`${cut.gateway.url}/health/live`)).status).toBe(200);
      await proxy.restore();
      await waitFor(
        async () => !(await cut.query(token, '{ agents { nodes { id } } viewer { user { id } } }')).errors,
        { message: 'recovery' },
      );
      expect((await fetch(`${cut.gateway.url}/health/ready`)).status).toBe(200);
    } finally {
      await proxy.close();
      await cut.close();
    }
  });
});

describe('closing', () => {
  it('tells sockets 1001, lets a running request finish, and accepts nothing new', async () => {
    let release = (): void => {};
    const held = new Promise<[]>((resolve) => {
      release = () => resolve([]);
    });
    let asked = (): void => {};
    const waiting = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const own = await startTestGateway({
      queueStats: () => {
        asked();
        return held;
      },
    });
    const ownToken = await own.tokenFor(await (await own.seed.tenant()).user('ADMINISTRATOR'));
    const socket = new WebSocket(own.url.replace('http', 'ws'), 'graphql-transport-ws');
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { token: ownToken } })));
    await new Promise((resolve) => socket.once('message', resolve));
    const running = own.query(ownToken, '{ queues { name } }');
    await waiting;
    const closing = own.gateway.close();
    expect(await closed).toBe(1001);
    await expect(fetch(`${own.gateway.url}/health/live`)).rejects.toThrow();
    release();
    expect((await running).data).toEqual({ queues: [] });
    await closing;
    await own.close();
  });
});
