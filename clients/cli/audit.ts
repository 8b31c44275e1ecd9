import { once } from 'node:events';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { z } from 'zod';
import { auditedTenants, readAuditSnapshot } from '../../domain/audit/read-audit.ts';
import type { ChainReport } from '../../domain/audit/verify-audit.ts';
import { exportAudit, verifyAudit, verifyExport } from '../../domain/audit/verify-audit.ts';
import type { Config } from '../../platform/config.ts';
import type { RelayDatabase } from '../../platform/database.ts';
import { openRelayDatabase, roleUrl } from '../../platform/database.ts';
import { UsageError } from './start-options.ts';

const tenant = z.uuid({ error: '--tenant should be the id of a tenant' }).optional();
const moment = (name: string) =>
  z
    .union([z.iso.datetime({ offset: true }), z.iso.date()], {
      error: `${name} should be a time like 2026-11-20 or 2026-11-20T08:00:00Z`,
    })
    .transform((value) => new Date(value))
    .optional();
const verifyOptions = z.object({ tenant, file: z.string().min(1).optional() });
const exportOptions = z.object({ tenant, from: moment('--from'), to: moment('--to') });

function parse<T extends z.ZodType>(schema: T, options: unknown): z.infer<T> {
  const parsed = schema.safeParse(options);
  if (!parsed.success) throw new UsageError(parsed.error.issues.map((issue) => issue.message).join('\n'));
  return parsed.data;
}

/** DATABASE_URL, or the database of the `npm start` that runs in this home. */
function databaseUrl(config: Config): string {
  if (config.database.url) return config.database.url;
  const endpoints = path.join(config.home, 'endpoints.json');
  if (!existsSync(endpoints))
    throw new UsageError('The audit log needs DATABASE_URL, or npm start running in the same CHIMERA_HOME.');
  return z.object({ postgres: z.string() }).parse(JSON.parse(readFileSync(endpoints, 'utf8'))).postgres;
}

async function withDatabase<T>(config: Config, work: (database: RelayDatabase) => Promise<T>): Promise<T> {
  const database = openRelayDatabase({ url: roleUrl(databaseUrl(config), 'chimera_relay'), poolSize: 1 });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

const linesOf = ({ tenantId, entries, broken }: ChainReport): string =>
  broken
    ? `${tenantId}  BROKEN at entry ${broken.sequence}: ${broken.reason} (${entries} good before it)\n`
    : `${tenantId}  ${entries > 0 ? `valid, ${entries} entries` : 'has no audit entries'}\n`;

/** Throws UsageError for what is no export. */
async function verifyFile(file: string): Promise<ChainReport[]> {
  try {
    return await verifyExport(createInterface({ input: createReadStream(file) }));
  } catch (error) {
    const why = error instanceof z.ZodError ? 'a line is none of an export' : (error as Error).message;
    throw new UsageError(`${file} cannot be verified: ${why}`);
  }
}

/** `chimera audit verify`: one line a tenant; resolves to the exit code, 1 when a chain is broken. */
export async function auditVerify(config: () => Config, rawOptions: unknown, out: Writable): Promise<number> {
  const { tenant: only, file } = parse(verifyOptions, rawOptions);
  const reports = file
    ? (await verifyFile(file)).filter(({ tenantId }) => !only || tenantId === only)
    : await withDatabase(config(), (database) =>
        readAuditSnapshot(database, async (sql) => {
          const found: ChainReport[] = [];
          for (const tenantId of only ? [only] : await auditedTenants(sql))
            found.push(await verifyAudit(sql, tenantId));
          return found;
        }),
      );
  out.write(reports.length > 0 ? reports.map(linesOf).join('') : 'There are no audit entries.\n');
  return reports.some(({ broken }) => broken) ? 1 : 0;
}

/** `chimera audit export`: lines of JSON, as fast as they are read. */
export async function auditExport(config: Config, rawOptions: unknown, out: Writable): Promise<void> {
  const { tenant: only, from = null, to = null } = parse(exportOptions, rawOptions);
  await withDatabase(config, (database) =>
    readAuditSnapshot(database, async (sql) => {
      for (const tenantId of only ? [only] : await auditedTenants(sql))
        for await (const line of exportAudit(sql, tenantId, { from, to }))
          if (!out.write(`${JSON.stringify(line)}\n`)) await once(out, 'drain');
    }),
  );
  await new Promise<void>((resolve) => out.write('', () => resolve()));
}
