import { z } from 'zod';

export const MEMORY_COLLECTIONS = [
  'AgentPersona',
  'AgentMemory',
  'InteractionMemory',
  'WorldKnowledge',
  'Skill',
  'ContentTrend',
] as const;
export const memoryCollectionSchema = z.enum(MEMORY_COLLECTIONS);
export type MemoryCollection = z.infer<typeof memoryCollectionSchema>;

export interface MemoryScope {
  tenantId: string;
  agentId: string;
}

export const memoryQuerySchema = z.object({
  query: z.string().trim().min(1).max(2000),
  collection: memoryCollectionSchema.optional(),
  type: z.string().max(100).optional(),
  /** Both ends inclusive. */
  from: z.date().optional(),
  to: z.date().optional(),
  limit: z.number().int().min(1).max(50).default(5),
});
export type MemoryQuery = z.input<typeof memoryQuerySchema>;

export const memoryInputSchema = z.object({
  collection: memoryCollectionSchema,
  type: z.string().trim().min(1).max(100),
  content: z.string().trim().min(1).max(20_000),
  /** 0..1 */
  importance: z.number().min(0).max(1).default(0.5),
  metadata: z.record(z.string(), z.unknown()).default({}),
});
export type MemoryInput = z.input<typeof memoryInputSchema>;

export interface MemoryHit {
  id: string;
  collection: MemoryCollection;
  type: string;
  content: string;
  metadata: Record<string, unknown>;
  importance: number;
  createdAt: Date;
  /** 0..1, best first: words, vector, recency and importance together. */
  score: number;
}

/** Long-term memory of agents. An agent sees its own memories only; both methods throw what their backend throws. */
export interface MemoryStore {
  search(scope: MemoryScope, query: MemoryQuery): Promise<MemoryHit[]>;
  /** Storing the same content in the same collection again keeps one row, with the higher importance. */
  store(scope: MemoryScope, memory: MemoryInput): Promise<{ id: string }>;
}
