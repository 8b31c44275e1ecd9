import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import zlib from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { anyAddress, guardedFetch, isPublic } from '../../../mcp/servers/guarded-fetch.ts';
import { ToolFailed } from '../../../mcp/servers/tool-result.ts';

let server: Server;
let url: string;
let requests: string[] = [];

const answers: Record<string, RequestListener> = {
  '/ok': (_request, response) => response.end('fine'),
  '/gzip': (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(zlib.gzipSync('unpacked')),
  '/bomb': (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(zlib.gzipSync(Buffer.alloc(5_000_000))),
  '/endless': (_request, response) => {
    const fill = (): void => {
      while (response.write('x'.repeat(1_000)));
    };
    response.on('drain', fill);
    fill();
  },
  '/silent': () => undefined,
  '/drip': (_request, response) => void response.write('a'),
  '/cut': (request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.write(zlib.gzipSync('half').subarray(0, 12), () => request.socket.destroy());
  },
  '/again': (_request, response) => response.writeHead(302, { location: '/again' }).end(),
  '/once': (_request, response) => response.writeHead(301, { location: '/ok' }).end(),
  '/inside': (_request, response) =>
    response.writeHead(302, { location: `${url.replace('127.0.0.1', '127.0.0.2')}/ok` }).end(),
  '/file': (_request, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
};

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    answers[request.url ?? '']?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const limits = { maxBytes: 100_000, timeoutMs: 1_000, maxRedirects: 3 };
const loopbackOne = (address: string): boolean => address === '127.0.0.1';
async function fetching(path: string, options: object = {}) {
  requests = [];
  return guardedFetch(url + path, { ...limits, allowAddress: loopbackOne, ...options }).catch((error: unknown) => {
    if (error instanceof ToolFailed) return error.failure;
    throw error;
  });
}

it('fetches, unpacks and follows a redirect', async () => {
  expect(await fetching('/ok')).toMatchObject({ status: 200, body: Buffer.from('fine') });
  expect(await fetching('/gzip')).toMatchObject({ body: Buffer.from('unpacked') });
  expect(await fetching('/once')).toMatchObject({ body: Buffer.from('fine'), url: `${url}/ok` });
});

it.each([
  ['/bomb', 'INVALID_OUTPUT'],
  ['/endless', 'INVALID_OUTPUT'],
  ['/again', 'INVALID_OUTPUT'],
  ['/inside', 'NOT_ALLOWED'],
  ['/file', 'NOT_ALLOWED'],
  ['/cut', 'UNAVAILABLE'],
])('ends %s with %s', async (path, code) => {
  expect(await fetching(path)).toMatchObject({ code });
  expect(requests).toEqual(Array(path === '/again' ? 4 : 1).fill(path));
});

it('ends silence and dripping at the timeout, and everything at an abort', async () => {
  expect(await fetching('/silent', { timeoutMs: 30 })).toMatchObject({ code: 'TIMEOUT' });
  expect(await fetching('/drip', { timeoutMs: 30 })).toMatchObject({ code: 'TIMEOUT' });
  const controller = new AbortController();
  const waiting = fetching('/silent', { signal: controller.signal });
  controller.abort();
  expect(await waiting).toMatchObject({ code: 'ABORTED' });
});

it('checks what a name resolves to, not what it is called', async () => {
  const named = url.replace('127.0.0.1', 'localhost');
  requests = [];
  await expect(guardedFetch(`${named}/ok`, limits)).rejects.toMatchObject({ failure: { code: 'NOT_ALLOWED' } });
  expect(requests).toEqual([]);
  await expect(guardedFetch(`${named}/ok`, { ...limits, allowAddress: anyAddress })).resolves.toMatchObject({
    status: 200,
  });
});

it.each([
  'http://2130706433/',
  'http://0x7f.1/',
  'http://[::1]/',
  'http://[::ffff:10.0.0.1]/',
  'http://user:secret@example.com/',
  'gopher://example.com/',
])('refuses %s', async (address) => {
  await expect(guardedFetch(address, limits)).rejects.toMatchObject({ failure: { code: 'NOT_ALLOWED' } });
});

it.each([
  ['8.8.8.8', true],
  ['2606:4700::1111', true],
  ['127.0.0.1', false],
  ['10.1.2.3', false],
  ['172.16.0.1', false],
  ['192.168.1.1', false],
  ['169.254.169.254', false],
  ['100.64.0.1', false],
  ['0.0.0.0', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['::1', false],
  ['::', false],
  ['fc00::1', false],
  ['fe80::1', false],
  ['::ffff:169.254.169.254', false],
  ['64:ff9b::a00:1', false],
  ['2002:a00:1::', false],
  ['fe80::1%eth0', false],
  ['not an address', false],
])('public? %s: %s', (address, expected) => {
  expect(isPublic(address)).toBe(expected);
});
