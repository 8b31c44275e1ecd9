import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { type MemoryHit, type MemoryScope, type MemoryStore, memoryCollectionSchema } from '../../../domain/memory/memory-store.ts';
import { callerOf, type Extra, ToolFailed, toolResult } from '../tool-result.ts';

export interface MemoryServerConfig {
  store: MemoryStore;
}

const isoDate = z.iso.datetime({ offset: true });
const limit = z.number().int().min(1).max(50).default(5);
const query = z.string().trim().min(1).max(2000);
const COLLECTION_NAMES = { memories: 'AgentMemory', world_knowledge: 'WorldKnowledge' } as const;

export const searchMemoryInput = z.object({
  query,
  limit,
  collection: memoryCollectionSchema.optional(),
  type: z.string().max(100).optional(),
  from: isoDate.optional().describe('Nothing older'),
  to: isoDate.optional().describe('Nothing newer'),
});
export const searchMemoryOutput = z.object({
  memories: z.array(
    z.object({
      id: z.string(),
      collection: z.string(),
      type: z.string(),
      content: z.string(),
      importance: z.number(),
      metadata: z.record(z.string(), z.unknown()),
      created_at: isoDate,
      score: z.number(),
    }),
  ),
});

export const semanticSearchInput = z.object({
  query,
  collection: z.union([memoryCollectionSchema, z.enum(['memories', 'world_knowledge'])]),
  limit,
  filters: z.object({ type: z.string().max(100), from: isoDate, to: isoDate }).partial().default({}),
});
export const semanticSearchOutput = z.object({
  results: z.array(
    z.object({
      id: z.string(),
      content: z.string(),
      /** 0..1 */
      relevance_score: z.number(),
      metadata: z.record(z.string(), z.unknown()),
    }),
  ),
});

export const storeMemoryInput = z.object({
  collection: memoryCollectionSchema,
  type: z.string().trim().min(1).max(100),
  content: z.string().trim().min(1).max(20_000),
  importance: z.number().min(0).max(1).default(0.5),
  metadata: z.record(z.string(), z.unknown()).default({}),
});
export const storeMemoryOutput = z.object({ id: z.string() });

/** The memory server: an agent's long-term memory, whatever keeps it. Whose memory it is stands in `_meta` only. */
export function createWeaviateServer({ store }: MemoryServerConfig): McpServer {
  const server = new McpServer({ name: 'weaviate', version: '1.0.0' });
  server.registerTool(
    'search_memory',
    {
      description: "Searches the agent's memories by words and meaning, within a time and a kind if wanted.",
      inputSchema: searchMemoryInput,
      outputSchema: searchMemoryOutput,
      annotations: { readOnlyHint: true },
    },
    ({ from, to, ...input }, extra) =>
      remembering(async () => {
        const hits = await store.search(scopeOf(extra), { ...input, from: dateOf(from), to: dateOf(to) });
        return { memories: hits.map(describe) };
      }),
  );
  server.registerTool(
    'semantic_search',
    {
      description: 'Finds what is nearest in meaning to a query in one collection.',
      inputSchema: semanticSearchInput,
      outputSchema: semanticSearchOutput,
      annotations: { readOnlyHint: true },
    },
    ({ query: text, collection: name, limit: most, filters }, extra) =>
      remembering(async () => {
        const collection = name === 'memories' || name === 'world_knowledge' ? COLLECTION_NAMES[name] : name;
        const { type, from, to } = filters;
        const hits = await store.search(scopeOf(extra), {
          query: text,
          collection,
          limit: most,
          type,
          from: dateOf(from),
          to: dateOf(to),
        });
        return {
          results: hits.map(({ id, content, score, metadata }) => ({ id, content, relevance_score: score, metadata })),
        };
      }),
  );
  server.registerTool(
    'store_memory',
    {
      description: 'Keeps something in the memory of the agent. The same content twice is kept once.',
      inputSchema: storeMemoryInput,
      outputSchema: storeMemoryOutput,
      annotations: { readOnlyHint: false, idempotentHint: true },
    },
    (input, extra) => remembering(() => store.store(scopeOf(extra), input)),
  );
  return server;
}

/** A store that fails is an outage; both reading and storing may be repeated. */
function remembering(work: () => Promise<object>): ReturnType<typeof toolResult> {
  return toolResult(() =>
    work().catch((error: unknown) => {
      if (error instanceof ToolFailed) throw error;
      throw new ToolFailed('UNAVAILABLE', error instanceof Error ? error.message : String(error), { outcome: 'UNKNOWN' });
    }),
  );
}

function scopeOf(extra: Extra): MemoryScope {
  const { tenantId, agentId } = callerOf(extra);
  if (!tenantId || !agentId) throw new ToolFailed('INVALID_INPUT', 'no tenant or agent in _meta');
  return { tenantId, agentId };
}

function describe({ createdAt, ...hit }: MemoryHit) {
  return { ...hit, created_at: createdAt.toISOString() };
}

const dateOf = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));
