import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { onDatabase } from '../support/database-url.ts';
import { insertRow, layGround, sampleOf } from './ground.ts';

const MIGRATION = '20261120160400_review_notices';
const DIRECTORY = 'prisma/migrations';
const sqlOf = (migration: string): string => readFileSync(path.join(DIRECTORY, migration, 'migration.sql'), 'utf8');
const name = `upgraded_${randomBytes(6).toString('hex')}`;
let server: pg.Client;
let owner: pg.Client;
let admin: pg.Client;

beforeAll(async () => {
  const serverUrl = inject('postgresAdminUrl');
  server = new pg.Client({ connectionString: serverUrl });
  await server.connect();
  await server.query(`CREATE ROLE ${name} LOGIN PASSWORD 'owner' NOSUPERUSER NOBYPASSRLS`);
  await server.query(`CREATE DATABASE ${name} OWNER ${name}`);
  const url = new URL(onDatabase(serverUrl, name));
  admin = new pg.Client({ connectionString: url.toString() });
  url.username = name;
  url.password = 'owner';
  owner = new pg.Client({ connectionString: url.toString() });
  await Promise.all([admin.connect(), owner.connect()]);
});
afterAll(async () => {
  await Promise.all([admin.end(), owner.end()]);
  await server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await server.query(`DROP ROLE ${name}`);
  await server.end();
});

test('reviews that wait, and claims of them, are taken over when a filled database is upgraded by its ordinary owner', async () => {
  const earlier = readdirSync(DIRECTORY).filter((entry) => /^\d/.test(entry) && entry < MIGRATION);
  for (const migration of earlier.toSorted()) await owner.query(sqlOf(migration));
  const ground = await layGround(admin);
  const [createdAt, dueAt] = [new Date('2026-11-20T08:00:00Z'), new Date('2026-11-20T08:15:00Z')];
  const review = sampleOf('Review', ground, { createdAt, dueAt, assignedToId: ground.userId, assignedAt: createdAt });
  await insertRow(admin, 'Review', review);
  await owner.query(sqlOf(MIGRATION));
  const { rows } = await admin.query(
    'SELECT "noticeAt", "overdueOrder", "claimExpiresAt" > now() AS claimed FROM "Review" WHERE id = $1',
    [review.id],
  );
  expect(rows).toEqual([{ noticeAt: new Date('2026-11-20T08:10:00Z'), overdueOrder: 1, claimed: true }]);
  const { rows: forced } = await admin.query(
    `SELECT relforcerowsecurity AS forced FROM pg_class WHERE relname = 'Review'`,
  );
  expect(forced).toEqual([{ forced: true }]);
});
