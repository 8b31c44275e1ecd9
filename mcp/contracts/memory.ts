import { z } from 'zod';
import { memoryCollectionSchema } from '../../domain/memory/memory-store.ts';

const isoDate = z.iso.datetime({ offset: true });
const limit = z.number().int().min(1).max(50).default(5);
const query = z.string().trim().min(1).max(2000);

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
  filters: z
    .object({ type: z.string().max(100), from: isoDate, to: isoDate })
    .partial()
    .default({}),
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
