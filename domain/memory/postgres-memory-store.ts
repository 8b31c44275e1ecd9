import type { z } from 'zod';
import { createBatcher } from '../../platform/batcher.ts';
import { digestOf } from '../../platform/canonical-json.ts';
import { newId } from '../../platform/ids.ts';
import { contentWords, words } from '../text/words.ts';
import type { Embedder } from './embedder.ts';
import { localEmbedder } from './embedder.ts';
import type { MemoryCollection, MemoryHit, MemoryScope, MemoryStore } from './memory-store.ts';
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
 * Many searches of one tenant in one statement, one row of `searches` each. Candidates are the best by words and the newest;
 * the vector, recency and importance order them. `ts_rank_cd` is divided by itself + 1 (flag 32), so that it lies in 0..1
 * whatever the number of words.
 */
const SEARCH = `
SELECT search.number, hit.*
FROM jsonb_to_recordset($2::jsonb) AS search(number int, "agentId" uuid, collection text, type text, "from" timestamptz, "to" timestamptz, words text, vector float8[], most int)
CROSS JOIN LATERAL (
  WITH scoped AS NOT MATERIALIZED (
    SELECT * FROM "Memory"
    WHERE "tenantId" = $1 AND "agentId" = search."agentId"
      AND (search.collection IS NULL OR collection = search.collection) AND (search.type IS NULL OR type = search.type)
      AND (search."from" IS NULL OR "createdAt" >= search."from") AND (search."to" IS NULL OR "createdAt" <= search."to")
  ), by_words AS (
    SELECT id, ts_rank_cd("searchVector", query, 32) AS rank
    FROM scoped, to_tsquery('simple', search.words) AS query
    WHERE "searchVector" @@ query
    ORDER BY rank DESC LIMIT ${WORD_CANDIDATES}
  ), newest AS (
    SELECT id FROM scoped ORDER BY "createdAt" DESC LIMIT ${NEWEST_CANDIDATES}
  ), candidates AS (
    SELECT id, max(rank) AS rank FROM (SELECT id, rank FROM by_words UNION ALL SELECT id, 0 FROM newest) AS every GROUP BY id
  )
  SELECT memory.id, memory.collection, memory.type, memory.content, memory.metadata, memory.importance, memory."createdAt",
    ${WEIGHT.words} * least(1, candidates.rank * 2)
    + ${WEIGHT.vector} * greatest(0, CASE WHEN memory."embeddingModel" = $3 THEN
        (SELECT coalesce(sum(mine * theirs), 0) FROM unnest(memory.embedding, search.vector) AS pair(mine, theirs)) ELSE 0 END)
    + ${WEIGHT.recency} * power(0.5, greatest(0, extract(epoch FROM now() - memory."createdAt")) / ${RECENCY_HALF_LIFE_DAYS * 86_400})
    + ${WEIGHT.importance} * memory.importance AS score
  FROM candidates JOIN "Memory" AS memory USING (id)
  ORDER BY score DESC, memory.id DESC
  LIMIT search.most
) AS hit
ORDER BY search.number, hit.score DESC, hit.id DESC`;

/** Searches that come together are one statement; each waits at most so long for company. */
const SEARCH_BATCH = { maxSize: 50, waitMs: 1, restMs: 20 };

const STORE = `
INSERT INTO "Memory" (id, "tenantId", "agentId", collection, type, content, metadata, importance, embedding, "embeddingModel", digest)
VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9::float8[], $10, $11)
ON CONFLICT ("agentId", collection, digest)
DO UPDATE SET importance = greatest("Memory".importance, excluded.importance)
RETURNING id`;

/** Memory in PostgreSQL: full text, vector, recency and importance, the searches of one moment in one statement. */
export function createPostgresMemoryStore(query: TenantQuery, embedder: Embedder = localEmbedder): MemoryStore {
  const searches = createBatcher<{ scope: MemoryScope; request: z.output<typeof memoryQuerySchema> }, MemoryHit[]>({
    ...SEARCH_BATCH,
    groupOf: ({ scope }) => scope.tenantId,
    async run(tenantId, items) {
      const parameters = await Promise.all(
        items.map(async ({ scope, request }, number) => ({
          number,
          agentId: scope.agentId,
          collection: request.collection,
          type: request.type,
          from: request.from,
          to: request.to,
          words: wordQuery(request.query),
          vector: arrayLiteral(await embedder.embed(request.query)),
          most: request.limit,
        })),
      );
      const rows = await query(tenantId, SEARCH, [tenantId, JSON.stringify(parameters), embedder.model]);
      const hits = items.map((): MemoryHit[] => []);
      for (const row of rows)
        hits[row.number as number]?.push({
          id: row.id as string,
          collection: row.collection as MemoryCollection,
          type: row.type as string,
          content: row.content as string,
          metadata: row.metadata as Record<string, unknown>,
          importance: row.importance as number,
          createdAt: row.createdAt as Date,
          score: Number(row.score),
        });
      return hits;
    },
  });
  return {
    search: async (scope, request) => searches.add({ scope, request: memoryQuerySchema.parse(request) }),

    async store({ tenantId, agentId }, memory) {
      const { collection, type, content, importance, metadata } = memoryInputSchema.parse(memory);
      const vector = arrayLiteral(await embedder.embed(content));
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

/** PostgreSQL's text form of an array: a string is cheaper than hundreds of JSON numbers. */
const arrayLiteral = (vector: ArrayLike<number>): string => `{${Array.from(vector).join(',')}}`;

/** Any of the words, each also as a beginning: 'simple' knows no stems, so a long word loses its last two letters. */
function wordQuery(text: string): string {
  const meaningful = contentWords(text);
  const terms = new Set(
    (meaningful.length > 0 ? meaningful : words(text)).slice(0, 32).flatMap((word) => word.split("'")),
  );
  const prefixes = [...terms].filter(Boolean).map((word) => `'${word.length > 6 ? word.slice(0, -2) : word}':*`);
  return prefixes.join(' | ');
}
