import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hashTool, readAllowList, recordPin } from '../../../mcp/host/allow-list.ts';
import { createMcpHost } from '../../../mcp/host/mcp-host.ts';
import { createIdeogramServer } from '../../../mcp/servers/ideogram/server.ts';
import { createNewsServer } from '../../../mcp/servers/news/server.ts';
import { createTwitterServer } from '../../../mcp/servers/twitter/server.ts';
import { createWeaviateServer } from '../../../mcp/servers/weaviate/server.ts';

const SHIPPED = new URL('../../../mcp/servers.json', import.meta.url).pathname;
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'chimera-allow-list-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('pins every tool of our own servers to its present definition', async () => {
  const unpinned: string[] = [];
  const host = await createMcpHost({
    allowList: readAllowList(SHIPPED),
    inProcess: {
      twitter: () => createTwitterServer({ apiUrl: 'http://127.0.0.1:1', bearerToken: 'x', timeoutMs: 1 }),
      news: () => createNewsServer({ feeds: [], fileRoots: [], timeoutMs: 1, allowPrivateAddresses: false }),
      weaviate: () => createWeaviateServer({ store: { search: async () => [], store: async () => ({ id: '' }) } }),
      ideogram: () => createIdeogramServer({ apiUrl: 'http://127.0.0.1:1', apiKey: 'x', timeoutMs: 1 }),
    },
    recordPin: (server, tool) => unpinned.push(`${server}/${tool}`),
  });
  expect(unpinned).toEqual([]);
  expect(host.health().map(({ name, status }) => `${name} ${status}`)).toEqual([
    'twitter UP',
    'news UP',
    'weaviate UP',
    'ideogram UP',
  ]);
  expect(host.tools({ readOnly: true }).map(({ tool }) => tool)).toEqual([
    'find_tweet',
    'get_profile_stats',
    'read_feeds',
    'get_trending_topics',
    'search_memory',
    'semantic_search',
  ]);
  await host.close();
});

it('gives one hash for one definition, whatever the order of its keys, and another for another word', () => {
  const definition = {
    name: 'a',
    description: 'b',
    inputSchema: { type: 'object' as const, properties: { x: {}, y: {} } },
  };
  const reordered = {
    inputSchema: { properties: { y: {}, x: {} }, type: 'object' as const },
    description: 'b',
    name: 'a',
  };
  expect(hashTool(reordered)).toBe(hashTool(definition));
  expect(hashTool({ ...definition, description: 'b!' })).not.toBe(hashTool(definition));
});

it('writes a pin once and never over another', () => {
  const path = join(dir, 'servers.json');
  writeFileSync(path, JSON.stringify({ servers: { s: { transport: { kind: 'in-process' }, tools: { t: {} } } } }));
  recordPin(path, 's', 't', 'first');
  recordPin(path, 's', 't', 'second');
  recordPin(path, 's', 'unknown', 'third');
  expect(readAllowList(path).servers.s?.tools).toEqual({ t: { effectful: false, idempotent: false, hash: 'first' } });
  expect(readFileSync(path, 'utf8')).not.toContain('third');
});

it('names every wrong field of the file', () => {
  const path = join(dir, 'wrong.json');
  writeFileSync(
    path,
    JSON.stringify({ servers: { s: { transport: { kind: 'carrier-pigeon' }, timeoutMs: -1, secret: true } } }),
  );
  expect(() => readAllowList(path)).toThrow(/secret[\s\S]*transport|transport[\s\S]*secret/);
});
