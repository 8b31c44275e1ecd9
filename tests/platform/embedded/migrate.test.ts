import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../../../scripts/migrate.mjs';
import type { TestDatabase } from '../../support/database.ts';
import { createTestDatabase } from '../../support/database.ts';
import { temporaryHome } from './temporary-home.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

function writeMigrations(migrations: Record<string, string>): string {
  const dir = temporaryHome();
  for (const [name, sql] of Object.entries(migrations)) {
    mkdirSync(path.join(dir, name), { recursive: true });
    writeFileSync(path.join(dir, name, 'migration.sql'), sql);
  }
  return dir;
}

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}

test('several processes at once apply each migration once', async () => {
  const dir = writeMigrations({ a_first: 'CREATE TABLE once (x int)', b_second: 'ALTER TABLE once ADD y int' });
  const runs = await Promise.all([1, 2, 3].map(() => migrate(database.adminUrl, dir)));
  expect(runs.flat()).toEqual(['a_first', 'b_second']);
});

test('a migration edited after it was applied is refused by name', async () => {
  await migrate(database.adminUrl, writeMigrations({ c_edited: 'SELECT 1' }));
  const edited = writeMigrations({ c_edited: 'SELECT 2' });
  await expect(migrate(database.adminUrl, edited)).rejects.toThrow(
    'migration c_edited was edited after it was applied',
  );
});

test('a failing migration leaves nothing half done and says where and why', async () => {
  const sql = 'CREATE TABLE half_done (x int);\nSELECT 1 FROM nowhere;';
  const dir = writeMigrations({ d_broken: sql });
  await expect(migrate(database.adminUrl, dir)).rejects.toThrow(
    'migration d_broken failed: relation "nowhere" does not exist (line 2)',
  );
  expect(await query(`SELECT to_regclass('half_done') AS found`)).toEqual([{ found: null }]);

  rmSync(path.join(dir, 'd_broken'), { recursive: true });
  await expect(migrate(database.adminUrl, dir)).rejects.toThrow(
    /d_broken failed earlier .*resolve --rolled-back d_broken/,
  );
});

test('the migrations and schema.prisma describe the same database', async () => {
  const untouched = await createTestDatabase();
  const args = ['migrate', 'diff', '--from-config-datasource', '--to-schema', 'prisma/schema.prisma', '--script'];
  const env = { ...process.env, DATABASE_URL: untouched.adminUrl, CHECKPOINT_DISABLE: '1' };
  const { stdout } = spawnSync('node_modules/.bin/prisma', args, { env, encoding: 'utf8' });
  await untouched.drop();
  expect(stdout.trim()).toBe('-- This is an empty migration.');
});
