import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLNamedType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';
import { GraphQLError, getNamedType, isCompositeType, isInterfaceType, isObjectType, Kind } from 'graphql';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../schema/keyset-connection.ts';

/** What one operation may ask for. A violation is answered with the code VALIDATION. */
export const OPERATION_LIMITS = {
  /** Lexical tokens of the document. */
  tokens: 2_000,
  /** Fields within fields. */
  depth: 15,
  aliases: 30,
  /** Objects it may answer with at most, by the page sizes it asks for. */
  cost: 50_000,
} as const;

/** Fields visited while measuring, fragments each time they are spread: bounds the measuring itself. */
const MAX_VISITS = 10_000;
const CONNECTION_PARTS = new Set(['edges', 'nodes', 'node', 'pageInfo']);

export interface OperationCost {
  requested: number;
  maximum: number;
}

/**
 * The cost of an operation: one for each object it may return, a connection's times its page size. Throws a GraphQLError
 * when depth, aliases or cost pass their limit. The document must be valid against the schema.
 */
export function measureOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Record<string, unknown>,
): OperationCost {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
  }
  const operation = operations.find((candidate) => !operationName || candidate.name?.value === operationName);
  let visits = 0;
  let aliases = 0;

  const costOf = (
    selections: SelectionSetNode | undefined,
    type: GraphQLNamedType | null | undefined,
    depth: number,
  ): number => {
    let cost = 0;
    for (const selection of selections?.selections ?? []) {
      visits += 1;
      if (visits > MAX_VISITS) throw limitError(`selects more than ${MAX_VISITS} fields`);
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value);
        cost += costOf(fragment?.selectionSet, fragment && schema.getType(fragment.typeCondition.name.value), depth);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        cost += costOf(
          selection.selectionSet,
          selection.typeCondition ? schema.getType(selection.typeCondition.name.value) : type,
          depth,
        );
      } else {
        cost += costOfField(selection, type, depth + 1);
      }
    }
    return cost;
  };

  const costOfField = (field: FieldNode, parent: GraphQLNamedType | null | undefined, depth: number): number => {
    if (depth > OPERATION_LIMITS.depth) throw limitError(`is nested deeper than ${OPERATION_LIMITS.depth} fields`);
    if (field.alias) aliases += 1;
    if (aliases > OPERATION_LIMITS.aliases) throw limitError(`has more than ${OPERATION_LIMITS.aliases} aliases`);
    const name = field.name.value;
    const definition = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
    const type = definition ? getNamedType(definition.type) : undefined;
    const below = costOf(field.selectionSet, type, depth);
    if (!type || !isCompositeType(type)) return below;
    if (type.name.endsWith('Connection')) return 1 + below * pageSizeOf(field, variables);
    return (
      (CONNECTION_PARTS.has(name) && parent && /(Connection|Edge)$/.test(parent.name) ? 0 : 1) +
      below +
      (name === 'nodes' || name === 'edges' ? 1 : 0)
    );
  };

  const requested = operation ? costOf(operation.selectionSet, schema.getRootType(operation.operation), 0) : 0;
  if (requested > OPERATION_LIMITS.cost)
    throw limitError(
      `may return ${requested} objects; at most ${OPERATION_LIMITS.cost} are allowed. Ask for smaller pages`,
    );
  return { requested, maximum: OPERATION_LIMITS.cost };
}

function pageSizeOf(field: FieldNode, variables: Record<string, unknown>): number {
  const sizes = (field.arguments ?? [])
    .filter((argument) => argument.name.value === 'first' || argument.name.value === 'last')
    .map(({ value }) =>
      value.kind === Kind.INT ? Number(value.value) : value.kind === Kind.VARIABLE ? variables[value.name.value] : null,
    )
    .filter((size): size is number => typeof size === 'number');
  return Math.min(Math.max(0, ...(sizes.length > 0 ? sizes : [DEFAULT_PAGE_SIZE])), MAX_PAGE_SIZE);
}

const limitError = (problem: string): GraphQLError =>
  new GraphQLError(`The operation ${problem}.`, { extensions: { code: 'VALIDATION', retryable: false } });
