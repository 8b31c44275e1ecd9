import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import type { PrismaClient } from '../platform/database.ts';
import type PrismaTypes from '../prisma/generated/pothos.ts';
import type { NodeType } from './global-id.ts';
import type { GraphContext } from './graph-context.ts';
import { loadBatched } from './load-batch.ts';

export type RowOf<T extends NodeType> = PrismaTypes[T]['Shape'];
type Delegate = { findMany(query: object): Promise<{ id: string }[]> };

/** Where under the field its rows stand: the field itself, or a connection's nodes. */
const CONNECTION_PATHS = [['nodes'], ['edges', 'node']];

/** Rows by id with what the client selected under the field, in one statement (and one a relation). Missing rows are left out. */
export async function findRows<T extends NodeType>(
  context: GraphContext,
  info: GraphQLResolveInfo,
  type: T,
  ids: readonly string[],
  place: 'field' | 'connection',
): Promise<Map<string, RowOf<T>>> {
  const query = await queryFromInfo({
    context,
    info,
    typeName: type,
    awaitSelections: true,
    ...(place === 'connection' ? { paths: CONNECTION_PATHS } : {}),
  });
  const rows = await delegate(context.db.prisma, type).findMany({ ...query, where: { id: { in: [...new Set(ids)] } } });
  return new Map(rows.map((row) => [row.id, row as RowOf<T>]));
}

/** One row for each of many parents: see loadBatched. */
export function loadRow<T extends NodeType>(
  context: GraphContext,
  info: GraphQLResolveInfo,
  type: T,
  id: string,
  place: 'field' | 'connection' = 'field',
): Promise<RowOf<T> | undefined> {
  return loadBatched(context, info, `rows of ${type}`, id, (ids) => findRows(context, info, type, ids, place));
}

function delegate(prisma: PrismaClient, type: NodeType): Delegate {
  const name = `${type.charAt(0).toLowerCase()}${type.slice(1)}` as Uncapitalize<NodeType>;
  return prisma[name] as unknown as Delegate;
}
