import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFeedsOutput, trendingTopicsOutput } from '../../../mcp/contracts/news.ts';
import { allowListSchema } from '../../../mcp/host/allow-list.ts';
import type { McpHost } from '../../../mcp/host/mcp-host.ts';
import { createMcpHost } from '../../../mcp/host/mcp-host.ts';
import type { NewsConfig } from '../../../mcp/servers/news/server.ts';
import { createNewsServer } from '../../../mcp/servers/news/server.ts';

const FIXTURES = new URL('../fixtures', import.meta.url).pathname;
const fixture = (name: string) => readFileSync(join(FIXTURES, name));
const context = { tenantId: 't', agentId: 'a', traceId: 'x' };
let web: Server;
let url: string;
let host: McpHost;
let strict: McpHost;
let requests: IncomingMessage[] = [];
let outside: string;

async function newsHost(config: Partial<NewsConfig>): Promise<McpHost> {
  const tools = { read_feeds: {}, get_trending_topics: {} };
  const settings = {
    feeds: ['rss.xml'],
    fileRoots: [FIXTURES],
    timeoutMs: 2_000,
    allowPrivateAddresses: true,
    ...config,
  };
  return createMcpHost({
    allowList: allowListSchema.parse({
      servers: { news: { transport: { kind: 'in-process' }, tools, resources: ['news://trending'] } },
    }),
    inProcess: { news: () => createNewsServer(settings) },
  });
}

beforeAll(async () => {
  web = createServer((request, response) => {
    requests.push(request);
    const path = request.url ?? '';
    if (path === '/slow') return;
    if (path === '/gone') return void response.writeHead(410).end();
    if (path === '/huge')
      return void response.end(`<rss version="2.0"><channel><title>h</title>${'x'.repeat(6_000_000)}`);
    if (path === '/latin1-by-header') {
      return void response
        .writeHead(200, { 'content-type': 'application/rss+xml; charset=ISO-8859-1' })
        .end(
          Buffer.from(
            fixture('latin1.xml').toString('latin1').replace('<?xml version="1.0" encoding="ISO-8859-1"?>', ''),
            'latin1',
          ),
        );
    }
    if (path === '/cached') {
      if (request.headers['if-none-match'] === '"v1"') return void response.writeHead(304).end();
      return void response.writeHead(200, { etag: '"v1"' }).end(fixture('rss.xml'));
    }
    response.end(fixture(path.slice(1)));
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  outside = mkdtempSync(join(tmpdir(), 'chimera-feeds-'));
  writeFileSync(join(outside, 'secret.xml'), fixture('rss.xml'));
  symlinkSync(join(outside, 'secret.xml'), join(outside, 'link.xml'));
  [host, strict] = await Promise.all([newsHost({}), newsHost({ allowPrivateAddresses: false })]);
});
afterAll(async () => {
  await Promise.all([host.close(), strict.close()]);
  web.closeAllConnections();
  web.close();
  rmSync(outside, { recursive: true, force: true });
});

const read = async (...feeds: string[]) =>
  (await host.call('news', 'read_feeds', { feeds }, readFeedsOutput, context)).value;

describe('read_feeds', () => {
  it('reads RSS as plain text with absolute links, from a file and over HTTP alike', async () => {
    const fromFile = await read('rss.xml');
    expect(fromFile.errors).toEqual([]);
    expect(fromFile.items).toMatchInlineSnapshot(`
      [
        {
          "id": "style-1",
          "publishedAt": "2026-11-20T09:00:00.000Z",
          "source": "City Style",
          "summary": "Designers celebrate repair…",
          "title": "Slow fashion wins the Copenhagen runway & hearts",
          "url": "https://style.example/2026/slow-fashion",
        },
        {
          "id": "https://style.example/2026/coats",
          "publishedAt": "2026-11-20T08:00:00.000Z",
          "source": "City Style",
          "summary": "Second story.",
          "title": "Copenhagen runway shows repaired coats",
          "url": "https://style.example/2026/coats",
        },
        {
          "id": "f1e62b16395957dea757ca1a0f53a5bfa244172e790da11c778dd7c8a1c3c06a",
          "publishedAt": null,
          "source": "City Style",
          "summary": "",
          "title": "Old thrift guide",
          "url": null,
        },
      ]
    `);
    expect((await read(`${url}/rss.xml`)).items).toEqual(fromFile.items);
  });

  it('reads Atom: the page, not the enclosure; times in UTC', async () => {
    expect((await read('atom.xml')).items).toEqual([
      {
        id: 'urn:1',
        title: 'Copenhagen runway ends with a record',
        summary: 'Record crowds.',
        url: 'https://wire.example/1',
        source: 'Nordic Wire',
        publishedAt: '2026-11-20T08:00:00.000Z',
      },
    ]);
  });

  it.each(['latin1.xml', '/latin1-by-header'])('decodes ISO-8859-1 (%s)', async (feed) => {
    const { items } = await read(feed.startsWith('/') ? url + feed : feed);
    expect(items[0]).toMatchObject({
      title: 'Raríssimas: a nova presidência',
      summary: 'Mãe é sócia',
      source: 'Mode à Lisbonne',
    });
  });

  it('reports each broken feed and reads the others', async () => {
    const broken = ['broken.xml', 'page.html', 'entities.xml', `${url}/gone`, `${url}/huge`, `${url}/slow`];
    const { items, errors } = await read('rss.xml', ...broken);
    expect(items).toHaveLength(3);
    const codes = Object.fromEntries(errors.map(({ feed, code }) => [feed.replace(url, ''), code]));
    expect(codes).toEqual({
      'broken.xml': 'INVALID_OUTPUT',
      'page.html': 'INVALID_OUTPUT',
      'entities.xml': 'INVALID_OUTPUT',
      '/gone': 'UNAVAILABLE',
      '/huge': 'INVALID_OUTPUT',
      '/slow': 'TIMEOUT',
    });
  });

  it('asks a known feed only whether it has changed', async () => {
    const first = await read(`${url}/cached`);
    requests = [];
    expect((await read(`${url}/cached`)).items).toEqual(first.items);
    expect(requests.map(({ headers }) => headers['if-none-match'])).toEqual(['"v1"']);
  });

  it('opens no files outside its directories, whatever the path says', async () => {
    const paths = [
      '../host/stdio.test.ts',
      join(outside, 'secret.xml'),
      `file://${join(outside, 'secret.xml')}`,
      '/etc/passwd',
      '.',
    ];
    const { errors } = await read(...paths);
    expect(errors.map(({ code }) => code)).toEqual(paths.map(() => 'NOT_ALLOWED'));
    const linked = await newsHost({ fileRoots: [join(FIXTURES, '..'), FIXTURES] });
    const { value } = await linked.call(
      'news',
      'read_feeds',
      { feeds: [join(outside, 'link.xml')] },
      readFeedsOutput,
      context,
    );
    expect(value.errors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    await linked.close();
  });

  it('connects to no private address by default', async () => {
    requests = [];
    const feeds = [`${url}/rss.xml`, `http://localhost:${new URL(url).port}/rss.xml`];
    const { value } = await strict.call('news', 'read_feeds', { feeds }, readFeedsOutput, context);
    expect(value).toMatchObject({ items: [], errors: [{ code: 'NOT_ALLOWED' }, { code: 'NOT_ALLOWED' }] });
    expect(requests).toEqual([]);
  });
});

describe('get_trending_topics', () => {
  it('puts first what several sources write about', async () => {
    const args = { feeds: ['rss.xml', 'atom.xml', 'latin1.xml', 'broken.xml'], limit: 3 };
    const { value } = await host.call('news', 'get_trending_topics', args, trendingTopicsOutput, context);
    expect(value.trending_topics[0]).toMatchObject({
      topic: 'Copenhagen runway',
      category: 'fashion',
      relevance_score: 1,
      sentiment: 'positive',
    });
    expect(value.trending_topics[0]?.sources).toHaveLength(3);
    expect(value.trending_topics).toHaveLength(3);
    expect(value.errors).toMatchObject([{ feed: 'broken.xml' }]);
  });

  it('is also the resource news://trending, of the configured feeds', async () => {
    const trending = await host.readResource('news', 'news://trending', trendingTopicsOutput, context);
    expect(trending.trending_topics[0]).toMatchObject({ topic: 'Copenhagen runway' });
    expect(trending.errors).toEqual([]);
  });
});
