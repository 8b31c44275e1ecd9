import { isId } from '../platform/ids.ts';

export const NODE_TYPES = [
  'Tenant',
  'User',
  'Agent',
  'Campaign',
  'Plan',
  'Task',
  'Result',
  'Review',
  'Post',
  'Mention',
  'Transaction',
] as const;
export type NodeType = (typeof NODE_TYPES)[number];

/** The type and row id of a global id ("base64 of Type:uuid"), or null for anything else. */
export function parseGlobalId(globalId: string): { type: NodeType; id: string } | null {
  const [type, id, ...rest] = Buffer.from(globalId, 'base64').toString('utf8').split(':');
  if (!type || !id || rest.length > 0 || !isId(id) || !(NODE_TYPES as readonly string[]).includes(type)) return null;
  return { type: type as NodeType, id: id.toLowerCase() };
}

/** An id that no row has: what a wrong id is turned into, so that it is answered like one that was never given. */
export const NO_ROW = '00000000-0000-0000-0000-000000000000';

/** The row id of a global id of this type; NO_ROW when it is of another type or none at all. */
export function rowIdOf(type: NodeType, globalId: string): string {
  const parsed = parseGlobalId(globalId);
  return parsed?.type === type ? parsed.id : NO_ROW;
}
