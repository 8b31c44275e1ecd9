import type { GraphQLResolveInfo } from 'graphql';
import { ValidationError } from '../domain/errors.ts';
import type { NodeType } from './global-id.ts';
import type { GraphContext } from './graph-context.ts';
import type { KeysetPosition } from './keyset-cursor.ts';
import { decodeCursor, encodeCursor } from './keyset-cursor.ts';
import { loadBatched } from './load-batch.ts';
import type { RowOf } from './load-rows.ts';
import { loadRow } from './load-rows.ts';

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;

export interface PageArguments {
  first?: number | null;
  last?: number | null;
  after?: string | null;
  before?: string | null;
}

/** A piece of SQL; `bind` adds a value and answers with its placeholder. Text is ours, never input. */
export type Condition = (bind: (value: unknown) => string) => string;

/** The rows of a list: those of every parent `p` (p.id), as `c`. */
export interface KeysetSource<T extends NodeType> {
  type: T;
  /** SQL from FROM to the end of its WHERE: '"Task" c WHERE c."agentId" = p.id'. */
  from: string;
  /** Columns of c that sort it, before its id, all in one direction; `time` is a timestamptz. */
  keys: readonly { column: string; kind: 'time' | 'integer' }[];
  direction: 'ASC' | 'DESC';
  conditions?: readonly Condition[];
}

interface KeyedRow {
  parentId: string;
  id: string;
  keys: number[];
}
interface Page {
  rows: KeyedRow[];
  hasNextPage: boolean;
  hasPreviousPage: boolean;
}

/**
 * A Relay connection over keyset pages. The pages of all parents of a list are one statement (LATERAL, so that a page reads
 * its own rows only), their rows one more, their counts, only when asked for, one more. Cursors say where a row stands,
 * so pages stay right while rows come and go.
 */
export function keysetConnection<T extends NodeType>(
  context: GraphContext,
  info: GraphQLResolveInfo,
  parentId: string,
  args: PageArguments,
  source: KeysetSource<T>,
) {
  const page = pageOf(args, source.keys.length);
  const load = (): Promise<Page> =>
    loadBatched(context, info, 'page', parentId, (parents) => loadPages(context, parents, source, page)).then(
      (found) => found ?? emptyPage(page),
    );
  let loading: Promise<Page> | undefined;
  const loaded = (): Promise<Page> => (loading ??= load());
  return {
    get edges(): Promise<{ cursor: string; node: RowOf<T> }[]> {
      return loaded().then(async ({ rows }) => {
        const nodes = await Promise.all(
          rows.map(async (row) => ({
            cursor: encodeCursor(row.keys, row.id),
            node: await loadRow(context, info, source.type, row.id, 'connection'),
          })),
        );
        return nodes.filter((edge): edge is { cursor: string; node: RowOf<T> } => edge.node !== undefined);
      });
    },
    get pageInfo() {
      return loaded().then(({ rows, hasNextPage, hasPreviousPage }) => {
        const [start, end] = [rows[0], rows.at(-1)];
        return {
          hasNextPage,
          hasPreviousPage,
          startCursor: start ? encodeCursor(start.keys, start.id) : null,
          endCursor: end ? encodeCursor(end.keys, end.id) : null,
        };
      });
    },
    totalCount: (): Promise<number> =>
      loadBatched(context, info, 'count', parentId, (parents) => loadCounts(context, parents, source)).then(
        (count) => count ?? 0,
      ),
  };
}

interface RequestedPage {
  size: number;
  backward: boolean;
  after: KeysetPosition | null;
  before: KeysetPosition | null;
}

function pageOf({ first, last, after, before }: PageArguments, keyCount: number): RequestedPage {
  if (first != null && last != null)
    throw new ValidationError([{ path: ['last'], message: 'give first or last, not both' }]);
  const asked = first ?? last ?? DEFAULT_PAGE_SIZE;
  if (asked < 0)
    throw new ValidationError([{ path: [first == null ? 'last' : 'first'], message: 'must not be negative' }]);
  return {
    size: Math.min(asked, MAX_PAGE_SIZE),
    backward: last != null,
    after: after == null ? null : decodeCursor(after, 'after', keyCount),
    before: before == null ? null : decodeCursor(before, 'before', keyCount),
  };
}

const emptyPage = (page: RequestedPage): Page => ({
  rows: [],
  hasNextPage: page.backward && page.before !== null,
  hasPreviousPage: !page.backward && page.after !== null,
});

async function loadPages<T extends NodeType>(
  context: GraphContext,
  parents: readonly string[],
  source: KeysetSource<T>,
  page: RequestedPage,
): Promise<Map<string, Page>> {
  const values: unknown[] = [parents];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const ascending = (source.direction === 'ASC') !== page.backward;
  const columns = [...source.keys.map((key) => `c.${key.column}`), 'c.id'];
  const beyond = (position: KeysetPosition, operator: '<' | '>'): string =>
    `(${columns.join(', ')}) ${operator} (${bounds(position, source, bind).join(', ')})`;
  const conditions = (source.conditions ?? []).map((condition) => condition(bind));
  if (page.after) conditions.push(beyond(page.after, source.direction === 'ASC' ? '>' : '<'));
  if (page.before) conditions.push(beyond(page.before, source.direction === 'ASC' ? '<' : '>'));
  const keys = source.keys.map((key) =>
    key.kind === 'time' ? `(extract(epoch FROM c.${key.column}) * 1000)::bigint` : `c.${key.column}::bigint`,
  );
  const rows = await context.db.query<{ parentId: string; id: string; keys: string[] }>(
    `SELECT p.id AS "parentId", c.id, c.keys FROM unnest($1::uuid[]) AS p(id) CROSS JOIN LATERAL (
       SELECT c.id, ARRAY[${keys.join(', ')}]::text[] AS keys FROM ${source.from}${conditions.map((condition) => ` AND ${condition}`).join('')}
       ORDER BY ${columns.map((column) => `${column} ${ascending ? 'ASC' : 'DESC'}`).join(', ')} LIMIT ${bind(page.size + 1)}) c`,
    values,
  );
  const pages = new Map<string, Page>();
  for (const row of rows) {
    const found = pages.get(row.parentId) ?? emptyPage(page);
    pages.set(row.parentId, found);
    if (found.rows.length < page.size)
      found.rows[page.backward ? 'unshift' : 'push']({ ...row, keys: row.keys.map(Number) });
    else found[page.backward ? 'hasPreviousPage' : 'hasNextPage'] = true;
  }
  return pages;
}

function bounds<T extends NodeType>(
  position: KeysetPosition,
  source: KeysetSource<T>,
  bind: (value: unknown) => string,
): string[] {
  const id = `${bind(position.at(-1))}::uuid`;
  return [
    ...source.keys.map((key, index) =>
      key.kind === 'time'
        ? `to_timestamp(${bind(position[index])}::float8 / 1000)`
        : `${bind(position[index])}::bigint`,
    ),
    id,
  ];
}

async function loadCounts<T extends NodeType>(
  context: GraphContext,
  parents: readonly string[],
  source: KeysetSource<T>,
): Promise<Map<string, number>> {
  const values: unknown[] = [parents];
  const conditions = (source.conditions ?? []).map((condition) => condition((value) => `$${values.push(value)}`));
  const rows = await context.db.query<{ parentId: string; count: number }>(
    `SELECT p.id AS "parentId", (SELECT count(*) FROM ${source.from}${conditions.map((condition) => ` AND ${condition}`).join('')}) AS count FROM unnest($1::uuid[]) AS p(id)`,
    values,
  );
  return new Map(rows.map((row) => [row.parentId, row.count]));
}
