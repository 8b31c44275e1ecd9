import pg from 'pg';
import { z } from 'zod';
import { createPostgresMemoryStore } from '../../../domain/memory/postgres-memory-store.ts';
import { runStdio } from '../run-stdio.ts';
import { createWeaviateServer } from './server.ts';

const environment = z.object({ DATABASE_URL: z.url() }).parse(process.env);
const pool = new pg.Pool({ connectionString: environment.DATABASE_URL, max: 5 });
pool.on('error', (error) => process.stderr.write(`${error.message}\n`));

const store = createPostgresMemoryStore(async (tenantId, sql, params) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query("SELECT set_config('app.current_tenant', $1, true)", [tenantId]);
    const { rows } = await client.query<Record<string, unknown>>(sql, params);
    await client.query('COMMIT');
    client.release();
    return rows;
  } catch (error) {
    // Not returned to the pool: it may still be inside the transaction.
    client.release(error instanceof Error ? error : true);
    throw error;
  }
});

await runStdio(createWeaviateServer({ store }));
