import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { searchMemoryOutput, semanticSearchOutput, storeMemoryOutput } from '../../../mcp/contracts/memory.ts';
import { allowListSchema } from '../../../mcp/host/allow-list.ts';
import type { McpHost } from '../../../mcp/host/mcp-host.ts';
import { createMcpHost } from '../../../mcp/host/mcp-host.ts';
import { newId } from '../../../platform/ids.ts';
import type { TestDatabase } from '../../support/database.ts';
import { createTestDatabase } from '../../support/database.ts';
import { failureOf } from '../failure-of.ts';

const MAIN = new URL('../../../mcp/servers/weaviate/main.ts', import.meta.url).pathname;
const context = { tenantId: newId(), agentId: newId(), traceId: 'x' };
let database: TestDatabase;
let host: McpHost;

/** The server as its own process, as a deployment runs it. */
beforeAll(async () => {
  database = await createTestDatabase();
  const admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  await admin.query('INSERT INTO "Tenant" (id, name) VALUES ($1, $2)', [context.tenantId, 'memory']);
  await admin.end();
  const tools = { search_memory: {}, semantic_search: {}, store_memory: { effectful: true, idempotent: true } };
  const transport = { kind: 'stdio', command: process.execPath, args: ['--import', 'tsx', MAIN] };
  host = await createMcpHost({
    allowList: allowListSchema.parse({ servers: { weaviate: { transport, tools } } }),
    environments: { weaviate: { DATABASE_URL: database.appUrl } },
  });
});
afterAll(async () => {
  await host.close();
  await database.drop();
});

const store = (content: string, overrides: object = {}) =>
  host.call(
    'weaviate',
    'store_memory',
    { collection: 'AgentMemory', type: 'lesson', content, ...overrides },
    storeMemoryOutput,
    context,
  );

it('stores once and finds again, by both searches', async () => {
  const [first, again] = [
    await store('Linen sells best in May', { importance: 0.8, metadata: { season: 'spring' } }),
    await store('Linen sells best in May'),
  ];
  expect(again.value).toEqual(first.value);
  const { value } = await host.call(
    'weaviate',
    'search_memory',
    { query: 'when does linen sell?', limit: 3 },
    searchMemoryOutput,
    context,
  );
  expect(value.memories).toMatchObject([
    {
      id: first.value.id,
      collection: 'AgentMemory',
      type: 'lesson',
      content: 'Linen sells best in May',
      importance: 0.8,
      metadata: { season: 'spring' },
    },
  ]);
  const query = { query: 'linen', collection: 'memories', filters: { type: 'lesson' } };
  const semantic = await host.call('weaviate', 'semantic_search', query, semanticSearchOutput, context);
  expect(semantic.value.results).toMatchObject([{ id: first.value.id, relevance_score: expect.any(Number) }]);
  const later = { query: 'linen', from: new Date(Date.now() + 60_000).toISOString() };
  expect((await host.call('weaviate', 'search_memory', later, searchMemoryOutput, context)).value.memories).toEqual([]);
});

it('shows an agent nothing of another one or of another tenant', async () => {
  await store('only mine');
  for (const other of [
    { ...context, agentId: newId() },
    { ...context, tenantId: newId() },
  ]) {
    const { value } = await host.call('weaviate', 'search_memory', { query: 'only mine' }, searchMemoryOutput, other);
    expect(value.memories).toEqual([]);
  }
});

it('refuses an unknown collection', async () => {
  expect(await failureOf(store('x', { collection: 'Passwords' }))).toMatchObject({ code: 'INVALID_INPUT' });
});

it('reports a lost database as an outage that may be tried again', async () => {
  const away = await createMcpHost({
    allowList: allowListSchema.parse({
      servers: {
        weaviate: {
          transport: { kind: 'stdio', command: process.execPath, args: ['--import', 'tsx', MAIN] },
          tools: { store_memory: { effectful: true, idempotent: true } },
        },
      },
    }),
    environments: { weaviate: { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' } },
  });
  const args = { collection: 'Skill', type: 'x', content: 'y' };
  const failure = await failureOf(away.call('weaviate', 'store_memory', args, storeMemoryOutput, context));
  expect(failure).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  await away.close();
});
