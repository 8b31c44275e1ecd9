import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { MemoryHit, MemoryScope, MemoryStore } from '../../../domain/memory/memory-store.ts';
import {
  searchMemoryInput,
  searchMemoryOutput,
  semanticSearchInput,
  semanticSearchOutput,
  storeMemoryInput,
  storeMemoryOutput,
} from '../../contracts/memory.ts';
import type { Extra } from '../tool-result.ts';
import { callerOf, ToolFailed, toolResult } from '../tool-result.ts';

export interface MemoryServerConfig {
  store: MemoryStore;
}

const COLLECTION_NAMES = { memories: 'AgentMemory', world_knowledge: 'WorldKnowledge' } as const;

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
      throw new ToolFailed('UNAVAILABLE', error instanceof Error ? error.message : String(error), {
        outcome: 'UNKNOWN',
      });
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
