import type { Sql } from '../../platform/database.ts';
import type { ChainBreak, ChainPosition, ExportLine } from './audit-chain.ts';
import { CHAIN_START, checkHead, checkLink, exportedEntry, exportLine } from './audit-chain.ts';
import { auditHead, auditRange, readAuditPages } from './read-audit.ts';

export interface ChainReport {
  tenantId: string;
  /** Entries found good. */
  entries: number;
  /** The first place where the chain is broken. */
  broken: ChainBreak | null;
}

const WHOLE = { first: -Number.MAX_SAFE_INTEGER, last: Number.MAX_SAFE_INTEGER };

/** Recomputes a tenant's chain from its rows, up to its head. Call it in readAuditSnapshot. */
export async function verifyAudit(sql: Sql, tenantId: string): Promise<ChainReport> {
  let last: ChainPosition = CHAIN_START;
  for await (const links of readAuditPages(sql, tenantId, WHOLE)) {
    for (const link of links) {
      const broken = checkLink(last, link);
      if (broken) return { tenantId, entries: last.sequence, broken };
      last = link;
    }
  }
  return { tenantId, entries: last.sequence, broken: checkHead(last, await auditHead(sql, tenantId)) };
}

/** A tenant's entries of a time as lines of JSON with all that verifying them needs. Call it in readAuditSnapshot. */
export async function* exportAudit(
  sql: Sql,
  tenantId: string,
  time: { from: Date | null; to: Date | null },
): AsyncGenerator<ExportLine> {
  const head = await auditHead(sql, tenantId);
  // Without limits also what lacks: an export of a broken chain is as broken.
  const range = time.from || time.to ? await auditRange(sql, tenantId, time) : { first: 1, last: head.sequence };
  const bounds = time.from || time.to ? range : WHOLE;
  if (!range || !bounds) return;
  for await (const links of readAuditPages(sql, tenantId, bounds))
    for (const { hash, previousHash, entry } of links) yield { hash, previousHash, entry };
  yield { tenantId, ...range, head };
}

/** Verifies an export without the database: one report a tenant in it. Throws for a line that is none of an export. */
export async function verifyExport(lines: AsyncIterable<string>): Promise<ChainReport[]> {
  const reports: ChainReport[] = [];
  const openReport = (tenantId: string, last: ChainPosition) => {
    const report: ChainReport = { tenantId, entries: 0, broken: null };
    reports.push(report);
    return { report, last };
  };
  let open: ReturnType<typeof openReport> | null = null;
  for await (const text of lines) {
    const line = exportLine.parse(JSON.parse(text));
    if ('head' in line) {
      open ??= openReport(line.tenantId, before(line.first, ''));
      open.report.broken ??= checkEnd(open.report, open.last, line);
      open = null;
      continue;
    }
    const { tenantId, sequence } = exportedEntry.parse(JSON.parse(line.entry));
    open ??= openReport(tenantId, before(sequence, line.previousHash));
    const link = { ...line, sequence };
    open.report.broken ??=
      open.report.tenantId === tenantId
        ? checkLink(open.last, link)
        : { sequence, reason: `it belongs to the tenant ${tenantId}` };
    if (!open.report.broken) open.report.entries += 1;
    open.last = link;
  }
  if (open) open.report.broken ??= { sequence: open.last.sequence + 1, reason: 'missing: the export was cut off' };
  return reports;
}

/** Where the chain stands before an entry; of a part of it, as far as that entry says. */
const before = (sequence: number, previousHash: string): ChainPosition =>
  sequence === 1 ? CHAIN_START : { sequence: sequence - 1, hash: previousHash };

/** What the last line says of the export: that it begins and ends where it should. */
function checkEnd(
  report: ChainReport,
  last: ChainPosition,
  said: { first: number; last: number; head: ChainPosition },
): ChainBreak | null {
  const first = last.sequence - report.entries + 1;
  if (first !== said.first) return { sequence: said.first, reason: `missing: the export begins with ${first}` };
  if (last.sequence !== said.last) return checkHead(last, { sequence: said.last, hash: '' });
  return said.last === said.head.sequence ? checkHead(last, said.head) : null;
}
