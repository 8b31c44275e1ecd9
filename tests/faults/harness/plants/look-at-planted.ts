import pg from 'pg';
import type { Watcher } from '../watcher.ts';
import type { World } from '../world.ts';

/** What the checks look at, for a violation to be planted in. */
export interface Scene {
  world: World;
  watchers: readonly Watcher[];
  /** A statement behind the database's back; throws when it changed nothing. */
  change(text: string): Promise<void>;
}

/**
 * Plants and looks, in one transaction of a superuser for whom no trigger and no foreign key counts; then it is rolled back.
 * Nobody else sees what is planted: the checks read through it, the product goes on undisturbed.
 */
export async function lookAtPlanted<T>(
  { world, watchers }: Pick<Scene, 'world' | 'watchers'>,
  plant: (scene: Scene) => unknown,
  look: (scene: Scene) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: world.services.postgresUrl });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('SET LOCAL session_replication_role = replica');
    const scene: Scene = {
      world: {
        ...world,
        services: {
          ...world.services,
          sql: async <R extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
            (await client.query<R>(text, values)).rows,
        },
      },
      watchers,
      async change(text) {
        const { rowCount } = await client.query(text);
        if (rowCount === 0) throw new Error(`it changes nothing: ${text}`);
      },
    };
    await plant(scene);
    return await look(scene);
  } finally {
    await client.query('ROLLBACK').catch(() => {});
    await client.end();
  }
}
