import DataLoader from 'dataloader';
import type { FieldNode, GraphQLResolveInfo } from 'graphql';
import type { GraphContext } from './graph-context.ts';

const loaders = new WeakMap<object, WeakMap<readonly FieldNode[], Map<string, DataLoader<string, unknown>>>>();

/**
 * One statement for all parents of a list: collects the ids that the same field of one execution asks for and calls
 * `load` once. Arguments are equal for all of them, because they stand at the field. Resolves to undefined for an id that
 * `load` has no entry for.
 */
export function loadBatched<V>(
  context: GraphContext,
  info: GraphQLResolveInfo,
  purpose: string,
  id: string,
  load: (ids: readonly string[]) => Promise<Map<string, V>>,
): Promise<V | undefined> {
  const ofContext = getOrInsert(loaders, context, () => new WeakMap());
  const ofField = getOrInsert(ofContext, info.fieldNodes, () => new Map());
  let loader = ofField.get(purpose) as DataLoader<string, V | undefined> | undefined;
  if (!loader) {
    loader = new DataLoader<string, V | undefined>(async (ids) => {
      const values = await load(ids);
      return ids.map((key) => values.get(key));
    });
    ofField.set(purpose, loader as DataLoader<string, unknown>);
  }
  return loader.load(id);
}

function getOrInsert<K extends object, V>(map: WeakMap<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
