import { digestOf } from '../../platform/canonical-json.ts';
import { newId } from '../../platform/ids.ts';
import { contentWords, words } from '../text/words.ts';
import type { Embedder } from './embedder.ts';
import { localEmbedder } from './embedder.ts';
import type { MemoryCollection, MemoryStore } from './memory-store.ts';
import { memoryInputSchema, memoryQuerySchema } from './memory-store.ts';

/** Runs one statement in the tenant's view (row-level security). */
export type TenantQuery = (tenantId: string, sql: string, params: unknown[]) => Promise<Record<string, unknown>[]>;

/** Shares of the score; they add up to 1. */
const WEIGHT = { words: 0.4, vector: 0.4, recency: 0.12, importance: 0.08 };
const RECENCY_HALF_LIFE_DAYS = 14;
/** How many rows the words bring in, and how many are looked at only because they are new. */
const WORD_CANDIDATES = 80;
const NEWEST_CANDIDATES = 120;

/**
 * Candidates are the best by words and the newest; the vector, recency and importance order them. `ts_rank_cd` is
 * divided by itself + 1 (flag 32), so that it lies in 0..1 whatever the number of words.
 */
const SEARCH = `
WITH scoped AS NOT MATERIALIZED (
  SELECT * FROM "Memory"
  WHERE "tenantId" = $1 AND "agentId" = $2
    AND ($3::text IS NULL OR collection = $3) AND ($4::text IS NULL OR type = $4)
    AND ($5::timestamptz IS NULL OR "createdAt" >= $5) AND ($6::timestamptz IS NULL OR "createdAt" <= $6)
), by_words AS (
  SELECT id, ts_rank_cd("searchVector", query, 32) AS rank
  FROM scoped, to_tsquery('simple', $7) AS query
  WHERE "searchVector" @@ query
  ORDER BY rank DESC LIMIT ${WORD_CANDIDATES}
), newest AS (
  SELECT id FROM scoped ORDER BY "createdAt" DESC LIMIT ${NEWEST_CANDIDATES}
), candidates AS (
  SELECT id, max(rank) AS rank FROM (SELECT id, rank FROM by_words UNION ALL SELECT id, 0 FROM newest) AS every GROUP BY id
)
SELECT memory.id, memory.collection, memory.type, memory.content, memory.metadata, memory.importance, memory."createdAt",
  ${WEIGHT.words} * least(1, candidates.rank * 2)
  + ${WEIGHT.vector} * greatest(0, CASE WHEN memory."embeddingModel" = $9 THEN
      (SELECT coalesce(sum(mine * theirs), 0) FROM unnest(memory.embedding, $8::float8[]) AS pair(mine, theirs)) ELSE 0 END)
  + ${WEIGHT.recency} * power(0.5, greatest(0, extract(epoch FROM now() - memory."createdAt")) / ${RECENCY_HALF_LIFE_DAYS * 86_400})
  + ${WEIGHT.importance} * memory.importance AS score
FROM candidates JOIN "Memory" AS memory USING (id)
ORDER BY score DESC, memory.id DESC
LIMIT $10`;

const STORE = `
INSERT INTO "Memory" (id, "tenantId", "agentId", collection, type, content, metadata, importance, embedding, "embeddingModel", digest)
VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9::float8[], $10, $11)
ON CONFLICT ("agentId", collection, digest)
DO UPDATE SET importance = greatest("Memory".importance, excluded.importance)
RETURNING id`;

/** Memory in PostgreSQL: full text, vector, recency and importance in one statement. */
export function createPostgresMemoryStore(query: TenantQuery, embedder: Embedder = localEmbedder): MemoryStore {
  return {
    async search({ tenantId, agentId }, request) {
      const { query: text, collection, type, from, to, limit } = memoryQuerySchema.parse(request);
      const vector = Array.from(await embedder.embed(text));
      const rows = await query(tenantId, SEARCH, [
        tenantId,
        agentId,
        collection ?? null,
        type ?? null,
        from ?? null,
        to ?? null,
        wordQuery(text),
        vector,
        embedder.model,
        limit,
      ]);
      return rows.map((row) => ({
        id: row.id as string,
        collection: row.collection as MemoryCollection,
        type: row.type as string,
        content: row.content as string,
        metadata: row.metadata as Record<string, unknown>,
        importance: row.importance as number,
        createdAt: row.createdAt as Date,
        score: Number(row.score),
      }));
    },

    async store({ tenantId, agentId }, memory) {
      const { collection, type, content, importance, metadata } = memoryInputSchema.parse(memory);
      const vector = Array.from(await embedder.embed(content));
      const digest = digestOf({ collection, agentId, content });
      const rows = await query(tenantId, STORE, [
        newId(),
        tenantId,
        agentId,
        collection,
        type,
        content,
        JSON.stringify(metadata),
        importance,
        vector,
        embedder.model,
        digest,
      ]);
      return { id: rows[0]?.id as string };
    },
  };
}

/** Any of the words, each also as a beginning: 'simple' knows no stems, so a long word loses its last two letters. */
function wordQuery(text: string): string {
  const meaningful = contentWords(text);
  const terms = new Set(
    (meaningful.length > 0 ? meaningful : words(text)).slice(0, 32).flatMap((word) => word.split("'")),
  );
  const prefixes = [...terms].filter(Boolean).map((word) => `'${word.length > 6 ? word.slice(0, -2) : word}':*`);
  return prefixes.join(' | ');
}
