import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { roleUrl } from '../../platform/database.ts';
import { migrate } from '../../scripts/migrate.mjs';
import { onDatabase } from '../support/database-url.ts';
import { insertRow, sampleOf } from './ground.ts';
import type { Ground } from './sample-rows.ts';

const name = `owned_${randomBytes(6).toString('hex')}`;
let server: pg.Client;
let ownerUrl: string;
let adminUrl: string;

beforeAll(async () => {
  const serverUrl = inject('postgresAdminUrl');
  server = new pg.Client({ connectionString: serverUrl });
  await server.connect();
  await server.query(`CREATE ROLE ${name} LOGIN PASSWORD 'owner' NOSUPERUSER NOBYPASSRLS`);
  await server.query(`CREATE DATABASE ${name} OWNER ${name}`);
  adminUrl = onDatabase(serverUrl, name);
  const url = new URL(adminUrl);
  url.username = name;
  url.password = 'owner';
  ownerUrl = url.toString();
});
afterAll(async () => {
  await server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await server.query(`DROP ROLE ${name}`);
  await server.end();
});

test('the migrations run as an owner who is no superuser, and the rules hold for the application and for that owner', async () => {
  await migrate(ownerUrl);
  const relay = new pg.Client({ connectionString: roleUrl(adminUrl, 'chimera_relay') });
  const app = new pg.Client({ connectionString: roleUrl(adminUrl, 'chimera_app') });
  const owner = new pg.Client({ connectionString: ownerUrl });
  await Promise.all([relay.connect(), app.connect(), owner.connect()]);
  try {
    const tenantId = '00000000-0000-4000-8000-000000000001';
    const ground = { tenantId } as Ground;
    await insertRow(relay, 'Tenant', sampleOf('Tenant', ground, { id: tenantId }));
    await app.query(`SELECT set_config('app.current_tenant', $1, false)`, [tenantId]);
    await insertRow(app, 'Agent', sampleOf('Agent', ground));
    await insertRow(app, 'AuditEntry', sampleOf('AuditEntry', ground));
    expect((await app.query('SELECT sequence FROM "AuditHead"')).rows).toEqual([{ sequence: '1' }]);
    expect(
      (await owner.query('SELECT * FROM "Agent"')).rows,
      'forced: the owner has no policy and sees nothing',
    ).toEqual([]);
    await expect(app.query(`UPDATE "AuditEntry" SET action = 'x'`)).rejects.toMatchObject({ code: '42501' });
    await expect(owner.query('TRUNCATE "AuditEntry"')).rejects.toMatchObject({ code: '23001' });
  } finally {
    await Promise.all([relay.end(), app.end(), owner.end()]);
  }
});
