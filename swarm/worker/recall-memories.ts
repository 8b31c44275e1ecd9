import { z } from 'zod';
import type { Attempt } from './attempt.ts';

const memoriesSchema = z.object({ memories: z.array(z.object({ content: z.string() })) });

/**
 * What the agent remembers about a subject: long-term through the memory server, then the last hour. A memory server that
 * is down is recorded as a failed tool call and the task goes on without memories.
 */
export async function recallMemories(attempt: Attempt, query: string): Promise<string[]> {
  const scope = { tenantId: attempt.context.tenantId, agentId: attempt.task.agentId };
  const [longTerm, shortTerm] = await Promise.all([
    attempt
      .callTool('weaviate', 'search_memory', { query: query.slice(0, 500), limit: 4 }, memoriesSchema)
      .catch(() => ({ memories: [] })),
    attempt.resources.shortTermMemory.recall(scope, { limit: 3 }),
  ]);
  return [
    ...longTerm.memories.map((memory) => memory.content.slice(0, 500)),
    ...shortTerm.map((item) => item.content.slice(0, 300)),
  ];
}
