import { createHmac } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../prisma/generated/client/client.ts';

export type { Prisma } from '../prisma/generated/client/client.ts';
export type { PrismaClient };

type Row = Record<string, unknown>;
type Labelled = pg.PoolClient & { tenantId?: string };
type ConnectCallback = (
  error: Error | undefined,
  client?: pg.PoolClient,
  done?: (release?: boolean | Error) => void,
) => void;

/** bigint columns (money in micro-USD, positions) as numbers in raw queries: all stay far below 2^53. */
const rawTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8
      ? (value: string) => Number(value)
      : pg.types.getTypeParser(oid, format as 'text')) as pg.CustomTypesConfig['getTypeParser'],
};

/**
 * One pool for all tenants. A connection is relabelled (`app.current_tenant`) only when its tenant changes; direct use of
 * the pool carries no tenant and therefore sees no rows. Session labels need a session pooler: not behind PgBouncer in
 * transaction mode.
 */
class SharedTenantPool extends pg.Pool {
  async connectAs(tenantId: string): Promise<pg.PoolClient> {
    const client: Labelled = await super.connect();
    if (client.tenantId === tenantId) return client;
    try {
      await client.query({
        name: 'set_tenant',
        text: "SELECT set_config('app.current_tenant', $1, false)",
        values: [tenantId],
      });
      client.tenantId = tenantId;
      return client;
    } catch (error) {
      client.release(error as Error);
      throw error;
    }
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | void {
    return this.#connect('', callback);
  }

  /** The pool as one tenant sees it. */
  view(tenantId: string): pg.Pool {
    return Object.create(this, {
      connect: { value: (callback?: ConnectCallback) => this.#connect(tenantId, callback) },
    }) as pg.Pool;
  }

  #connect(tenantId: string, callback?: ConnectCallback): Promise<pg.PoolClient> | void {
    const connected = this.connectAs(tenantId);
    if (!callback) return connected;
    connected.then(
      (client) => callback(undefined, client, client.release.bind(client)),
      (error: Error) => callback(error),
    );
  }
}

/**
 * For every connection: a server that cannot reach its client any more gives up what the connection holds (row locks, the
 * relay's leadership) within half a minute, instead of after the system's two hours; so does a transaction whose client is
 * frozen in the middle.
 */
const SESSION = {
  connectionTimeoutMillis: 5_000,
  keepAlive: true,
  options:
    '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c idle_in_transaction_session_timeout=30s',
};

/** A statement in a raw transaction: text is prepared once a connection under its own digest. */
export interface Sql {
  query<R extends Row = Row>(text: string, values?: readonly unknown[]): Promise<R[]>;
}

/** What a tenant can reach: Prisma for reading and ordinary writes, raw SQL for hot paths, both behind row-level security. */
export interface TenantDatabase {
  readonly tenantId: string;
  readonly prisma: PrismaClient;
  /** One statement of its own. */
  query<R extends Row = Row>(text: string, values?: readonly unknown[]): Promise<R[]>;
  /** BEGIN … COMMIT; rolled back when `work` throws. Retried as a whole on serialization failure and deadlock (40001, 40P01). */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
}

export interface Database {
  tenant(tenantId: string): TenantDatabase;
  /** Statements without a tenant, as the application role: only tables without tenant data answer. */
  ping(signal?: AbortSignal): Promise<void>;
  /** Statements sent since the start: tests and benchmarks count with it. */
  statements(): number;
  close(): Promise<void>;
}

const MAX_TENANT_CLIENTS = 200;
const TRANSACTION_TRIES = 5;
const names = new Map<string, string>();
const statementName = (text: string): string => {
  let name = names.get(text);
  if (name === undefined) {
    name = `s${names.size.toString(36)}`;
    names.set(text, name);
  }
  return name;
};

const isRetryable = (error: unknown): boolean => ['40001', '40P01'].includes((error as { code?: string }).code ?? '');

function sqlOn(client: Pick<pg.PoolClient, 'query'>, count: () => void): Sql {
  return {
    async query<R extends Row>(text: string, values: readonly unknown[] = []) {
      count();
      const result = await client.query<R>({ name: statementName(text), text, values: [...values], types: rawTypes });
      return result.rows;
    },
  };
}

async function runTransaction<T>(
  connect: () => Promise<pg.PoolClient>,
  count: () => void,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const client = await connect();
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const value = await work(sqlOn(client, count));
      await client.query('COMMIT');
      return value;
    } catch (error) {
      await client.query('ROLLBACK').catch((rollbackError: Error) => {
        broken = rollbackError;
      });
      if (!isRetryable(error) || attempt >= TRANSACTION_TRIES) throw error;
    } finally {
      client.release(broken);
    }
  }
}

/** Opens the application's pool (role chimera_app). Connections are made on first use; a lost one is replaced by the next query. */
export function openDatabase(options: { url: string; poolSize: number; onError?: (error: Error) => void }): Database {
  const pool = new SharedTenantPool({
    connectionString: options.url,
    max: options.poolSize,
    ...SESSION,
  });
  pool.on('error', (error) => options.onError?.(error));
  pool.setMaxListeners(0);
  let sent = 0;
  pool.on('connect', (client) => {
    client.on('error', (error) => options.onError?.(error));
    const send = client.query.bind(client);
    client.query = ((...args: Parameters<typeof send>) => {
      sent += 1;
      return send(...args);
    }) as typeof client.query;
  });
  const noCount = () => {};
  const tenants = new Map<string, TenantDatabase>();

  function open(tenantId: string): TenantDatabase {
    const view = pool.view(tenantId);
    const prisma = new PrismaClient({
      adapter: new PrismaPg(view, { statementNameGenerator: (query) => `p${statementName(query.sql)}` }),
    });
    return {
      tenantId,
      prisma,
      async query<R extends Row>(text: string, values: readonly unknown[] = []) {
        const client = await pool.connectAs(tenantId);
        let broken: Error | undefined;
        try {
          return await sqlOn(client, noCount).query<R>(text, values);
        } catch (error) {
          if ((error as { code?: string }).code === undefined) broken = error as Error;
          throw error;
        } finally {
          client.release(broken);
        }
      },
      transaction: (work) => runTransaction(() => pool.connectAs(tenantId), noCount, work),
    };
  }

  return {
    tenant(tenantId) {
      const known = tenants.get(tenantId) ?? open(tenantId);
      tenants.delete(tenantId);
      tenants.set(tenantId, known);
      if (tenants.size > MAX_TENANT_CLIENTS) {
        const [oldest] = tenants.keys();
        if (oldest !== undefined) tenants.delete(oldest);
      }
      return known;
    },
    async ping() {
      await pool.query('SELECT 1');
    },
    statements: () => sent,
    async close() {
      await pool.end();
    },
  };
}

/** The relay's view of every tenant (role chimera_relay). */
export interface RelayDatabase extends Sql {
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** A dedicated connection, for LISTEN and advisory locks; the caller ends it. */
  dedicated(): Promise<pg.Client>;
  statements(): number;
  close(): Promise<void>;
}

export function openRelayDatabase(options: {
  url: string;
  poolSize: number;
  onError?: (error: Error) => void;
}): RelayDatabase {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize,
    ...SESSION,
  });
  pool.on('error', (error) => options.onError?.(error));
  pool.on('connect', (client) => client.on('error', (error) => options.onError?.(error)));
  let sent = 0;
  const count = () => {
    sent += 1;
  };
  return {
    async query<R extends Row>(text: string, values: readonly unknown[] = []) {
      count();
      const result = await pool.query<R>({ name: statementName(text), text, values: [...values], types: rawTypes });
      return result.rows;
    },
    transaction: (work) => runTransaction(() => pool.connect(), count, work),
    async dedicated() {
      const client = new pg.Client({ connectionString: options.url, ...SESSION });
      await client.connect();
      return client;
    },
    statements: () => sent,
    close: () => pool.end(),
  };
}

export type ApplicationRole = 'chimera_app' | 'chimera_relay';

/**
 * The URL of a restricted role beside the administrator's. The password is derived from the administrator's (HMAC-SHA256),
 * so that every process with the same DATABASE_URL finds the same one and none is stored.
 */
export function roleUrl(adminUrl: string, role: ApplicationRole): string {
  const url = new URL(adminUrl);
  url.password = createHmac('sha256', decodeURIComponent(url.password)).update(role).digest('hex');
  url.username = role;
  return url.toString();
}

/** Creates the two restricted login roles, or resets their passwords. Safe to run twice and side by side. */
export async function ensureRoles(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock(72707370)');
    for (const role of ['chimera_app', 'chimera_relay'] as const) {
      const password = client.escapeLiteral(new URL(roleUrl(adminUrl, role)).password);
      const exists = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
      await client.query(
        `${exists.rowCount ? 'ALTER' : 'CREATE'} ROLE ${role} LOGIN PASSWORD ${password} NOSUPERUSER NOBYPASSRLS`,
      );
    }
  } finally {
    await client.end();
  }
}
