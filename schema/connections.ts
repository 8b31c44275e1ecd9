import type { ArgBuilder, ObjectRef } from '@pothos/core';
import type { SchemaTypes } from './builder.ts';
import { builder } from './builder.ts';
import type { NodeType } from './global-id.ts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from './keyset-connection.ts';
import type { RowOf } from './load-rows.ts';
import {
  AgentNode,
  CampaignNode,
  MentionNode,
  PlanNode,
  PostNode,
  ReviewNode,
  TaskNode,
  TransactionNode,
} from './nodes.ts';

interface Edge<Row> {
  cursor: string;
  node: Row;
}
interface Page {
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor: string | null;
  endCursor: string | null;
}
interface Connection<Row> {
  edges: Promise<Edge<Row>[]>;
  pageInfo: Promise<Page>;
  totalCount(): Promise<number>;
}

const PageInfo = builder.objectRef<Page>('PageInfo').implement({
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage'),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage'),
    startCursor: t.exposeString('startCursor', { nullable: true }),
    endCursor: t.exposeString('endCursor', { nullable: true }),
  }),
});

/** The connection and edge types of a node: created once here, so that every list of the same thing has the same type. */
function connectionOf<T extends NodeType>(type: T, nodeRef: unknown) {
  const node = nodeRef as ObjectRef<SchemaTypes, RowOf<T>>;
  const edge = builder.objectRef<Edge<RowOf<T>>>(`${type}Edge`).implement({
    fields: (t) => ({
      cursor: t.exposeString('cursor'),
      node: t.field({ type: node, resolve: (parent) => parent.node as never }),
    }),
  });
  return builder.objectRef<Connection<RowOf<T>>>(`${type}Connection`).implement({
    fields: (t) => ({
      edges: t.field({ type: [edge], resolve: (connection) => connection.edges }),
      nodes: t.field({
        type: [node],
        description: 'The nodes of the edges.',
        resolve: (connection) => connection.edges.then((edges) => edges.map((item) => item.node)) as never,
      }),
      pageInfo: t.field({ type: PageInfo, resolve: (connection) => connection.pageInfo }),
      totalCount: t.int({
        description: 'All rows that match, on every page. Costs a count: ask only where it is shown.',
        resolve: (connection) => connection.totalCount(),
      }),
    }),
  });
}

export const AgentConnection = connectionOf('Agent', AgentNode);
export const CampaignConnection = connectionOf('Campaign', CampaignNode);
export const PlanConnection = connectionOf('Plan', PlanNode);
export const TaskConnection = connectionOf('Task', TaskNode);
export const ReviewConnection = connectionOf('Review', ReviewNode);
export const PostConnection = connectionOf('Post', PostNode);
export const MentionConnection = connectionOf('Mention', MentionNode);
export const TransactionConnection = connectionOf('Transaction', TransactionNode);

/** first/after and last/before, as every connection takes them. */
export const pageArguments = (arg: ArgBuilder<SchemaTypes>) => ({
  first: arg.int({
    description: `Page size from the start, at most ${MAX_PAGE_SIZE}; ${DEFAULT_PAGE_SIZE} where neither first nor last is given.`,
  }),
  after: arg.string({ description: 'A cursor of this list: rows behind it.' }),
  last: arg.int({ description: `Page size from the end, at most ${MAX_PAGE_SIZE}.` }),
  before: arg.string({ description: 'A cursor of this list: rows before it.' }),
});
