import type { RelayDatabase, Sql } from '../../platform/database.ts';
import type { AuditLink, ChainPosition } from './audit-chain.ts';
import { CHAIN_START } from './audit-chain.ts';

const PAGE = 1_000;

/** What the database hashed: the same expression as its function audit_digest, which is not asked. */
const ENTRY = `jsonb_build_object(
  'id', e.id, 'tenantId', e."tenantId", 'sequence', e.sequence, 'at', (extract(epoch FROM e.at) * 1000)::bigint,
  'actor', e.actor, 'action', e.action, 'subjectType', e."subjectType", 'subjectId', e."subjectId", 'data', e.data,
  'traceId', e."traceId", 'ip', e.ip, 'userAgent', e."userAgent")::text`;

/** Entries, heads and tenants of one moment: what is appended meanwhile is neither read nor missed. */
export function readAuditSnapshot<T>(
  database: Pick<RelayDatabase, 'transaction'>,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  return database.transaction(async (sql) => {
    await sql.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    return work(sql);
  });
}

/** Every tenant that has, or should have, audit entries; a deleted one's too. */
export async function auditedTenants(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    'SELECT "tenantId" AS id FROM "AuditHead" UNION SELECT "tenantId" FROM "AuditEntry" ORDER BY 1',
  );
  return rows.map(({ id }) => id);
}

/** Where the database says that the chain ends; the start where it has no head. */
export async function auditHead(sql: Sql, tenantId: string): Promise<ChainPosition> {
  const [head] = await sql.query<ChainPosition & Record<string, unknown>>(
    'SELECT sequence, hash FROM "AuditHead" WHERE "tenantId" = $1',
    [tenantId],
  );
  return head ?? CHAIN_START;
}

/**
 * The first and last sequence of a time: with every entry between them, though a few may be of just before or after,
 * because an entry's time is the start of its transaction. Null when there is none.
 */
export async function auditRange(
  sql: Sql,
  tenantId: string,
  time: { from: Date | null; to: Date | null },
): Promise<{ first: number; last: number } | null> {
  const [range] = await sql.query<{ first: number | null; last: number | null }>(
    `SELECT min(sequence) AS first, max(sequence) AS last FROM "AuditEntry" WHERE "tenantId" = $1 AND at >= coalesce($2::timestamptz, '-infinity') AND at < coalesce($3::timestamptz, 'infinity')`,
    [tenantId, time.from, time.to],
  );
  return range?.first && range.last ? { first: range.first, last: range.last } : null;
}

/** A tenant's entries from `first` to `last`, in order, page by page. */
export async function* readAuditPages(
  sql: Sql,
  tenantId: string,
  { first, last }: { first: number; last: number },
): AsyncGenerator<AuditLink[]> {
  for (let next = first; ; ) {
    const links = await sql.query<AuditLink & Record<string, unknown>>(
      `SELECT e.sequence, ${ENTRY} AS entry, e.hash, e."previousHash" FROM "AuditEntry" e WHERE e."tenantId" = $1 AND e.sequence BETWEEN $2 AND $3 ORDER BY e.sequence LIMIT ${PAGE}`,
      [tenantId, next, last],
    );
    if (links.length > 0) yield links;
    const end = links.at(-1);
    if (!end || links.length < PAGE) return;
    next = end.sequence + 1;
  }
}
