import pg from 'pg';

const APP_ROLE = 'chimera_app';

/**
 * Creates the role the application logs in with, or sets its password. It is neither superuser nor exempt from row-level
 * security. Roles belong to the whole server: call this before migrating, because the migrations grant to it.
 * Running it twice, also at once, is fine.
 */
export async function ensureAppRole(adminUrl: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(
      `DO $$ BEGIN CREATE ROLE ${APP_ROLE}; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$`,
    );
    const attributes = 'LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE';
    await client.query(`ALTER ROLE ${APP_ROLE} ${attributes} PASSWORD ${client.escapeLiteral(password)}`);
  } finally {
    await client.end();
  }
}

/** `adminUrl` with the application's role and password in place of the administrator's. */
export function appUrlFrom(adminUrl: string, password: string): string {
  const url = new URL(adminUrl);
  url.username = APP_ROLE;
  url.password = encodeURIComponent(password);
  return url.toString();
}
