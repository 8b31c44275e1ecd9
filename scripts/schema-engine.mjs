#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
// Drop-in replacement for Prisma's native `schema-engine` binary: same argv + JSON-RPC-over-stdio protocol,
// backed by the WASM schema engine from npm and @prisma/adapter-pg. Use with PRISMA_SCHEMA_ENGINE_BINARY.
import { createInterface } from 'node:readline';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import * as bg from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

const require = createRequire(import.meta.url);
const wasmPath = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg').replace(/\.js$/, '.wasm');
const argv = process.argv.slice(2);
const many = (f) => argv.flatMap((a, i) => (a === f ? [argv[i + 1]] : []));
if (argv.includes('--version')) {
  console.log(`schema-engine-cli ${require('@prisma/engines-version').enginesVersion}`);
  process.exit(0);
}

const ds = JSON.parse(many('--datasource')[0] ?? '{}');
const dbName = (u) => decodeURIComponent(new URL(u).pathname.slice(1)) || 'postgres';
const onDb = (u, db) => {
  const x = new URL(u);
  x.pathname = `/${db}`;
  return x.toString();
};
const fail = (code, message) => {
  process.stderr.write(
    `\n${JSON.stringify({ level: 'ERROR', target: 'schema_engine::logger', fields: { error_code: code, message } })}`,
  );
  process.exit(1);
};
const connCode = (e) => (e.code === '3D000' ? 'P1003' : e.code === '28P01' ? 'P1000' : 'P1001');

if (argv.includes('cli')) {
  const cmd = argv[argv.indexOf('cli') + 1];
  const target = cmd === 'can-connect-to-database' ? ds.url : onDb(ds.url, 'postgres');
  const c = new pg.Client({ connectionString: target });
  try {
    await c.connect();
    const n = c.escapeIdentifier(dbName(ds.url));
    if (cmd === 'create-database') await c.query(`CREATE DATABASE ${n}`);
    if (cmd === 'drop-database') await c.query(`DROP DATABASE IF EXISTS ${n} WITH (FORCE)`);
    await c.end();
    process.exit(0);
  } catch (e) {
    fail(
      connCode(e),
      cmd === 'can-connect-to-database' && e.code === '3D000'
        ? `Database \`${dbName(ds.url)}\` does not exist`
        : e.message,
    );
  }
}

globalThis.PRISMA_WASM_PANIC_REGISTRY = {
  message: '',
  set_message(m) {
    this.message = `RuntimeError: ${m}`;
  },
  get() {
    return this.message;
  },
};
const { instance } = await WebAssembly.instantiate(readFileSync(wasmPath), { './schema_engine_bg.js': bg });
bg.__wbg_set_wasm(instance.exports);
instance.exports.__wbindgen_start?.();
const datamodels = many('--datamodels').map((p) => [p, readFileSync(p, 'utf8')]);
const schemaParam = ds.url ? new URL(ds.url).searchParams.get('schema') : undefined;
// adapter-pg cannot type the catalog's "char" columns (OID 18; prisma/orm#27403): retype them after the fact.
function patchQueryable(adapter) {
  let proto = adapter;
  while (!Object.hasOwn(proto, 'performIO')) proto = Object.getPrototypeOf(proto);
  if (proto.__charPatched) return adapter;
  const { queryRaw } = proto;
  proto.__charPatched = true;
  // adapter-pg's executeScript does script.split(';') and breaks DO $$…$$ / function bodies: send one simple query (implicit transaction), as the native engine does.
  Object.getPrototypeOf(adapter).executeScript = async function (script) {
    try {
      await this.client.query(script);
    } catch (e) {
      this.onError(e);
    }
  };
  proto.queryRaw = async function (q) {
    const chars = [];
    const self = Object.create(this, {
      performIO: {
        value: async (x) => {
          const r = await this.performIO(x);
          r.fields.forEach((f, i) => {
            if (f.dataTypeID === 18) {
              chars.push(i);
              f.dataTypeID = 25;
            }
          });
          return r;
        },
      },
    });
    const out = await queryRaw.call(self, q);
    for (const i of chars) out.columnTypes[i] = ColumnTypeEnum.Character;
    return out;
  };
  return adapter;
}
class Factory extends PrismaPg {
  // honour datasource.shadowDatabaseUrl; otherwise PrismaPg creates/drops a temp DB itself
  async connect() {
    return patchQueryable(await super.connect());
  }
  // Own implementation: PrismaPg's spreads `{...config, database}`, which a connectionString overrides => the "shadow" would be the MAIN database.
  async connectToShadowDb() {
    if (ds.shadowDatabaseUrl)
      return patchQueryable(await new PrismaPg({ connectionString: ds.shadowDatabaseUrl }).connect());
    const name = `prisma_migrate_shadow_db_${globalThis.crypto.randomUUID()}`;
    const admin = async (sql) => {
      const c = new pg.Client({ connectionString: onDb(ds.url, 'postgres') });
      await c.connect();
      try {
        await c.query(sql);
      } finally {
        await c.end();
      }
    };
    await admin(`CREATE DATABASE "${name}"`);
    const conn = patchQueryable(await new PrismaPg({ connectionString: onDb(ds.url, name) }).connect());
    const dispose = conn.dispose.bind(conn);
    conn.dispose = async () => {
      await dispose();
      await admin(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
    };
    return conn;
  }
}
const factory = new Factory(
  { connectionString: ds.url ?? 'postgresql://127.0.0.1:1/none' },
  schemaParam ? { schema: schemaParam } : undefined,
);
let engine;
const getEngine = async () =>
  (engine ??= await bg.SchemaEngine.new(
    { datamodels: datamodels.length ? datamodels : undefined },
    (log) =>
      process.env.DEBUG &&
      process.stderr.write(`${JSON.stringify({ level: 'DEBUG', target: 'wasm', fields: { message: String(log) } })}\n`),
    bindMigrationAwareSqlAdapterFactory(factory),
  ));
const send = (o) => process.stdout.write(`${JSON.stringify(o)}\n`);
let pending = Promise.resolve();
let inflight = null;
process.on('uncaughtException', (e) => {
  // wasm panics surface here, outside the promise chain
  const message = globalThis.PRISMA_WASM_PANIC_REGISTRY.get() || String(e?.stack ?? e);
  if (inflight != null)
    send({ jsonrpc: '2.0', id: inflight, error: { code: 4466, message, data: { is_panic: false, message } } });
  setTimeout(() => process.exit(inflight == null ? 1 : 0), 50);
});
createInterface({ input: process.stdin, crlfDelay: Infinity })
  .on('line', (line) => {
    const { id, method, params, result } = JSON.parse(line);
    if (result !== undefined) return; // ack of our `print`
    pending = pending.then(async () => {
      inflight = id;
      try {
        const e = await getEngine();
        // The wasm connector can only replay migrations through the adapter factory, which these two commands reach via the
        // engine's migration cache, filled by devDiagnostic for the *applied* migrations: refill it now that all are applied.
        if (method === 'evaluateDataLoss' || method === 'createMigration')
          await e.devDiagnostic({ migrationsList: params.migrationsList, filters: params.filters });
        const r = await (method === 'getDatabaseVersion' ? e.version(params) : e[method](params));
        if (method === 'diff' && r?.stdout != null) {
          send({ jsonrpc: '2.0', id: 1e6 + id, method: 'print', params: { content: r.stdout } });
          r.stdout = null;
        }
        send({ jsonrpc: '2.0', id, result: r ?? {} });
      } catch (e) {
        const panic = e?.name === 'RuntimeError' || e?.constructor?.name === 'RuntimeError';
        send({
          jsonrpc: '2.0',
          id,
          error: {
            code: 4466,
            message: 'An error happened. Check the data field for details.',
            data: {
              is_panic: panic,
              message: panic ? globalThis.PRISMA_WASM_PANIC_REGISTRY.get() : (e?.message ?? String(e)),
              backtrace: e?.stack,
              error_code: e?.code,
              meta: e?.meta,
            },
          },
        });
        if (process.env.DEBUG)
          process.stderr.write(
            `${JSON.stringify({ level: 'ERROR', target: 'shim', fields: { message: String(e?.stack ?? e) } })}\n`,
          );
      }
    });
  })
  .on('close', () => pending.finally(() => process.exit(0)));
