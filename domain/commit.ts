import type { Sql } from '../platform/database.ts';
import { ConflictError, NotFoundError } from './errors.ts';

/** Rows that people edit: each carries `version`. */
const VERSIONED = { agent: 'Agent', campaign: 'Campaign', review: 'Review' } as const;
export type VersionedKind = keyof typeof VERSIONED;

export type CommitOutcome<R> =
  | { outcome: 'committed'; row: R }
  | { outcome: 'conflict'; currentVersion: number }
  | { outcome: 'gone' };

/**
 * The compare-and-set of optimistic concurrency: `SET <assignments>, version = version + 1 WHERE id = $1 AND version = $2`.
 * A lost race is a value, not an exception. `assignments` is SQL text of ours with parameters from $3 on, never input.
 */
export async function commitVersioned<R extends Record<string, unknown>>(
  sql: Sql,
  kind: VersionedKind,
  target: { id: string; expectedVersion: number },
  assignments: string,
  values: readonly unknown[],
): Promise<CommitOutcome<R>> {
  const table = VERSIONED[kind];
  const touched = table === 'Review' ? '' : ', "updatedAt" = now()';
  const rows = await sql.query<R>(
    `UPDATE "${table}" SET ${assignments}, version = version + 1${touched} WHERE id = $1 AND version = $2 RETURNING *`,
    [target.id, target.expectedVersion, ...values],
  );
  const [row] = rows;
  if (row) return { outcome: 'committed', row };
  const [current] = await sql.query<{ version: number }>(`SELECT version FROM "${table}" WHERE id = $1`, [target.id]);
  return current ? { outcome: 'conflict', currentVersion: current.version } : { outcome: 'gone' };
}

/** The row of a committed change; a lost race as the API's typed error. */
export function rowOrThrow<R>(kind: VersionedKind, id: string, result: CommitOutcome<R>): R {
  switch (result.outcome) {
    case 'committed':
      return result.row;
    case 'conflict':
      throw new ConflictError(kind, result.currentVersion);
    case 'gone':
      throw new NotFoundError(kind, id);
  }
}
