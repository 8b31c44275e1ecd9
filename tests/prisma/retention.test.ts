import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRelayDatabase } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import type { TestDatabase } from '../support/database.ts';
import { createTestDatabase } from '../support/database.ts';

let database: TestDatabase;
let admin: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  await admin.query(
    `INSERT INTO "Event" (position, "tenantId", topic, kind, "subjectId", version, data, "traceId", "createdAt")
     SELECT n, $1, 'task', 'CREATED', $1, 1, '{}', 't', now() - make_interval(hours => 10 - n) FROM generate_series(1, 10) AS n`,
    [newId()],
  );
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});

const positions = async () =>
  (await admin.query<{ position: string }>('SELECT position FROM "Event" ORDER BY position')).rows.map((row) =>
    Number(row.position),
  );

test('the relay purges events that left the retention, and nothing else can delete one', async () => {
  const relay = openRelayDatabase({ url: database.relayUrl, poolSize: 1 });
  await expect(relay.query('DELETE FROM "Event"')).rejects.toThrow('permission denied');
  expect(await relay.query(`SELECT purge_events(now() - interval '5 hours 30 minutes') AS purged`)).toEqual([
    { purged: 4 },
  ]);
  expect(await positions()).toEqual([5, 6, 7, 8, 9, 10]);
  await relay.query('SELECT purge_events(now())');
  expect(await positions()).toEqual([10]); // an hour is always kept
  await relay.close();
  await expect(admin.query('DELETE FROM "Event"')).rejects.toThrow('append-only');
});
