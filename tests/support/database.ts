import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { roleUrl } from '../../platform/database.ts';
import { onDatabase, TEMPLATE_DATABASE } from './database-url.ts';

export interface TestDatabase {
  /** The superuser: sees every tenant. */
  adminUrl: string;
  /** The application's role, behind row-level security. */
  appUrl: string;
  /** The relay's role, which sees every tenant by policy. */
  relayUrl: string;
  /** Ends every connection to the database and removes it. */
  drop(): Promise<void>;
}

/** A migrated, empty database of one's own, cloned from the run's template. Call it in beforeAll, drop it in afterAll. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = inject('postgresAdminUrl');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE_DATABASE}`);
  const adminUrl = onDatabase(serverUrl, name);
  return {
    adminUrl,
    appUrl: roleUrl(adminUrl, 'chimera_app'),
    relayUrl: roleUrl(adminUrl, 'chimera_relay'),
    drop: () => onServer(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
