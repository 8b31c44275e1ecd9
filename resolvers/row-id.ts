import { NotFoundError } from '../domain/errors.ts';
import type { NodeType } from '../schema/global-id.ts';
import { parseGlobalId } from '../schema/global-id.ts';

/** The row id in a mutation's global id. Whatever is no id of this type is answered like an id that no row has: NotFoundError. */
export function requireRowId(type: NodeType, globalId: string): string {
  const parsed = parseGlobalId(globalId);
  if (parsed?.type !== type) throw new NotFoundError(type.toLowerCase(), globalId);
  return parsed.id;
}
