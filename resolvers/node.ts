import { brandWithType } from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import { ValidationError } from '../domain/errors.ts';
import { builder } from '../schema/builder.ts';
import type { NodeType } from '../schema/global-id.ts';
import { parseGlobalId } from '../schema/global-id.ts';
import type { GraphContext } from '../schema/graph-context.ts';
import { findRows } from '../schema/load-rows.ts';

const MAX_NODES = 100;

/** Rows of any type by global id, in the order of the ids; null for what is no id, does not exist or belongs to another tenant. */
async function findNodes(
  context: GraphContext,
  info: GraphQLResolveInfo,
  globalIds: readonly string[],
): Promise<(object | null)[]> {
  if (globalIds.length > MAX_NODES)
    throw new ValidationError([{ path: ['ids'], message: `must have at most ${MAX_NODES} ids` }]);
  const wanted = globalIds.map(parseGlobalId);
  const types = [...new Set(wanted.flatMap((node) => (node ? [node.type] : [])))];
  const rowsByType = new Map<NodeType, Map<string, object>>();
  await Promise.all(
    types.map(async (type) => {
      const ids = wanted.flatMap((node) => (node?.type === type ? [node.id] : []));
      const rows = await findRows(context, info, type, ids, 'field');
      for (const row of rows.values()) brandWithType(row, type as never);
      rowsByType.set(type, rows);
    }),
  );
  return wanted.map((node) => (node && rowsByType.get(node.type)?.get(node.id)) ?? null);
}

builder.queryFields((t) => ({
  node: t.field({
    type: builder.nodeInterfaceRef(),
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context, info) => (await findNodes(context, info, [id]))[0] ?? null,
  }),
  nodes: t.field({
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    description: `At most ${MAX_NODES}.`,
    args: { ids: t.arg.idList({ required: true }) },
    resolve: (_root, { ids }, context, info) => findNodes(context, info, ids),
  }),
}));
