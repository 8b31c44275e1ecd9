import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemoryInput, MemoryScope, MemoryStore } from '../../../domain/memory/memory-store.ts';
import type { TenantQuery } from '../../../domain/memory/postgres-memory-store.ts';
import { createPostgresMemoryStore } from '../../../domain/memory/postgres-memory-store.ts';
import { newId } from '../../../platform/ids.ts';
import type { TestDatabase } from '../../support/database.ts';
import { createTestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let pool: pg.Pool;
let admin: pg.Pool;
let store: MemoryStore;

const query: TenantQuery = async (tenantId, sql, params) => {
  const client = await pool.connect();
  try {
    await client.query("SELECT set_config('app.current_tenant', $1, false)", [tenantId]);
    return (await client.query<Record<string, unknown>>(sql, params)).rows;
  } finally {
    client.release();
  }
};

async function newTenant(): Promise<MemoryScope> {
  const scope = { tenantId: newId(), agentId: newId() };
  await admin.query('INSERT INTO "Tenant" (id, name) VALUES ($1, $2)', [scope.tenantId, scope.tenantId]);
  return scope;
}
const memory = (content: string, overrides: Partial<MemoryInput> = {}): MemoryInput => ({
  collection: 'AgentMemory',
  type: 'post',
  content,
  ...overrides,
});
const age = (scope: MemoryScope, content: string, days: number) =>
  admin.query(
    `UPDATE "Memory" SET "createdAt" = now() - make_interval(days => $3) WHERE "agentId" = $1 AND content = $2`,
    [scope.agentId, content, days],
  );
const contents = async (scope: MemoryScope, text: string, options: object = {}) =>
  (await store.search(scope, { query: text, ...options })).map(({ content }) => content);

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.appUrl, max: 4 });
  admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
  store = createPostgresMemoryStore(query);
});
afterAll(async () => {
  await Promise.all([pool.end(), admin.end()]);
  await database.drop();
});

describe('search', () => {
  it('ranks by words and word parts, best first, with scores of 0..1', async () => {
    const scope = await newTenant();
    for (const content of [
      'Posted about repairing denim jackets; followers loved the sewing video',
      'Replied to a fan who asked about coffee in Lisbon',
      'Bank holiday schedule for the team',
    ]) {
      await store.store(scope, memory(content));
    }
    const hits = await store.search(scope, { query: 'how to repair a denim jacket?' });
    expect(hits[0]?.content).toContain('denim');
    expect(hits[0]).toMatchObject({
      collection: 'AgentMemory',
      type: 'post',
      importance: 0.5,
      metadata: {},
      createdAt: expect.any(Date),
    });
    const scores = hits.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
    expect(scores[0]).toBeGreaterThan(2 * (scores[1] ?? 1));
  });

  it('prefers the newer and the more important of equally fitting memories', async () => {
    const scope = await newTenant();
    await store.store(scope, memory('collab offer from Norr, first mail'));
    await store.store(scope, memory('collab offer from Norr, second mail'));
    await age(scope, 'collab offer from Norr, second mail', 60);
    expect((await contents(scope, 'collab offer Norr mail'))[0]).toContain('first');
    await store.store(scope, memory('launch day lesson one', { importance: 0 }));
    await store.store(scope, memory('launch day lesson two', { importance: 1 }));
    expect((await contents(scope, 'launch day lesson'))[0]).toContain('two');
  });

  it('finds an old memory by its words among hundreds of newer ones', async () => {
    const scope = await newTenant();
    await store.store(scope, memory('The zanzibar trip taught us to film at dawn'));
    await age(scope, 'The zanzibar trip taught us to film at dawn', 400);
    await Promise.all(
      Array.from({ length: 260 }, (_, index) => store.store(scope, memory(`daily note ${index} about outfits`))),
    );
    expect((await contents(scope, 'zanzibar filming', { limit: 1 }))[0]).toContain('zanzibar');
  });

  it('keeps to collection, type and time', async () => {
    const scope = await newTenant();
    await store.store(scope, memory('summer plan A'));
    await store.store(scope, memory('summer plan B', { collection: 'WorldKnowledge' }));
    await store.store(scope, memory('summer plan C', { type: 'reply' }));
    await store.store(scope, memory('summer plan D'));
    await age(scope, 'summer plan D', 10);
    const day = (ago: number) => new Date(Date.now() - ago * 86_400_000);
    expect(await contents(scope, 'summer plan', { collection: 'WorldKnowledge' })).toEqual(['summer plan B']);
    expect(await contents(scope, 'summer plan', { type: 'reply' })).toEqual(['summer plan C']);
    expect(await contents(scope, 'summer plan', { to: day(5) })).toEqual(['summer plan D']);
    expect((await contents(scope, 'summer plan', { from: day(5) })).toSorted()).toEqual([
      'summer plan A',
      'summer plan B',
      'summer plan C',
    ]);
    expect(await contents(scope, 'summer plan', { limit: 2 })).toHaveLength(2);
  });

  it.each(['\'); DROP TABLE "Memory"; --', '& | ! :* <->', "it's l'été", '🙂', 'the of and'])(
    'takes %j for text, not for syntax',
    async (text) => {
      const scope = await newTenant();
      await store.store(scope, memory('a single memory'));
      expect(await contents(scope, text)).toEqual(['a single memory']);
    },
  );

  it("never shows another agent's or another tenant's memories", async () => {
    const [one, two] = [await newTenant(), await newTenant()];
    await store.store(one, memory('secret launch date'));
    const colleague = { tenantId: one.tenantId, agentId: newId() };
    expect(await contents(colleague, 'secret launch date')).toEqual([]);
    expect(await contents({ tenantId: two.tenantId, agentId: one.agentId }, 'secret launch date')).toEqual([]);
  });

  it('compares no vectors of different models', async () => {
    const scope = await newTenant();
    const backwards = createPostgresMemoryStore(query, { model: 'other-3', embed: async () => [1, 0, 0] });
    await backwards.store(scope, memory('alpha'));
    await store.store(scope, memory('beta'));
    expect(await contents(scope, 'beta', { limit: 1 })).toEqual(['beta']);
    expect(await backwards.search(scope, { query: 'unrelated', limit: 1 })).toMatchObject([{ content: 'alpha' }]);
  });
});

describe('store', () => {
  it('keeps the same content of a collection once, with the greater importance, also when stored at once', async () => {
    const scope = await newTenant();
    const stored = await Promise.all(
      [0.2, 0.9, 0.4].map((importance) => store.store(scope, memory('once only', { importance }))),
    );
    expect(new Set(stored.map(({ id }) => id)).size).toBe(1);
    const elsewhere = await store.store(scope, memory('once only', { collection: 'Skill' }));
    expect(elsewhere.id).not.toBe(stored[0]?.id);
    const hits = await store.search(scope, { query: 'once only', collection: 'AgentMemory' });
    expect(hits).toMatchObject([{ id: stored[0]?.id, importance: 0.9 }]);
  });

  it('keeps metadata as it is', async () => {
    const scope = await newTenant();
    const metadata = { postId: '12', nested: { tags: ['a', 'ü'] } };
    await store.store(scope, memory('with metadata', { metadata }));
    expect((await store.search(scope, { query: 'metadata' }))[0]?.metadata).toEqual(metadata);
  });

  it('refuses what is no memory before it asks the database', async () => {
    const scope = await newTenant();
    await expect(store.store(scope, memory('  '))).rejects.toThrow();
    await expect(store.store(scope, memory('x', { importance: 2 }))).rejects.toThrow();
    await expect(store.search(scope, { query: '' })).rejects.toThrow();
  });
});
