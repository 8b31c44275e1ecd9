import SchemaBuilder from '@pothos/core';
import ErrorsPlugin from '@pothos/plugin-errors';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import type { Permission } from '../domain/access.ts';
import { isAllowed } from '../domain/access.ts';
import { ForbiddenError } from '../domain/errors.ts';
import type PrismaTypes from '../prisma/generated/pothos.ts';
import { getDatamodel } from '../prisma/generated/pothos.ts';
import type { GraphContext } from './graph-context.ts';

interface OurTypes {
  Context: GraphContext;
  PrismaTypes: PrismaTypes;
  AuthScopes: { permission: Permission };
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    Date: { Input: Date; Output: Date };
    Decimal: { Input: string; Output: string };
    JSON: { Input: unknown; Output: unknown };
    URL: { Input: string; Output: string };
  };
}

export type SchemaTypes = PothosSchemaTypes.ExtendDefaultTypes<OurTypes>;

/** The one builder: files of schema/ register nouns on it, files of resolvers/ verbs. Fields are non-null unless they say otherwise. */
export const builder = new SchemaBuilder<OurTypes>({
  plugins: [ErrorsPlugin, ScopeAuthPlugin, RelayPlugin, PrismaPlugin],
  defaultFieldNullability: false,
  // node and nodes are our own (resolvers/node.ts): an id that is none is null there, not an error.
  relay: { clientMutationId: 'omit', cursorType: 'String', nodeQueryOptions: false, nodesQueryOptions: false },
  prisma: { client: (context) => context.db.prisma, dmmf: getDatamodel() },
  scopeAuth: {
    authorizeOnSubscribe: true,
    authScopes: (context) => ({ permission: (permission) => isAllowed(context.actor.permissions, permission) }),
    unauthorizedError: () => new ForbiddenError('read:agents'),
  },
  errors: {
    defaultTypes: [],
    defaultUnionOptions: { name: ({ fieldName }) => `${fieldName.charAt(0).toUpperCase()}${fieldName.slice(1)}Result` },
  },
});

builder.queryType({
  authScopes: { permission: 'read:agents' },
  description: 'Reads. Every field needs the permission read:agents.',
});
builder.mutationType({
  description: 'Writes. Every field takes one input and answers with a union of its success and its expected errors.',
});
builder.subscriptionType({
  authScopes: { permission: 'read:agents' },
  description:
    'Live changes, in commit order, each once. Every payload has a cursor; subscribing with `after: cursor` first replays what was missed. ' +
    'Ends with the error CURSOR_EXPIRED (read a snapshot and subscribe anew) or LAGGED (too slow; subscribe again after `extensions.cursor`).',
});
