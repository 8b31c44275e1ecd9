import { z } from 'zod';
import { ValidationError } from '../domain/errors.ts';
import { isId } from '../platform/ids.ts';

/** The last moment JavaScript knows, in ms: also within PostgreSQL's range. */
const MAX_KEY = 8.64e15;
const position = z.array(z.union([z.number().int().min(-MAX_KEY).max(MAX_KEY), z.string().refine(isId)])).min(1);

/** Sort keys (whole numbers; times as ms since 1970) and the row's id last: where a row stands in its list, also when it is gone. */
export type KeysetPosition = readonly [...number[], string];

export function encodeCursor(keys: readonly number[], id: string): string {
  return Buffer.from(JSON.stringify([...keys, id])).toString('base64url');
}

/** Throws ValidationError for anything that is no cursor of a list with so many sort keys. */
export function decodeCursor(cursor: string, argument: 'after' | 'before', keyCount: number): KeysetPosition {
  const parsed = position.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString('utf8')));
  const keys = parsed.success ? parsed.data.slice(0, -1) : [];
  const id = parsed.success ? parsed.data.at(-1) : undefined;
  if (keys.length !== keyCount || !keys.every((key) => typeof key === 'number') || typeof id !== 'string') {
    throw new ValidationError([{ path: [argument], message: 'is not a cursor of this list' }]);
  }
  return [...keys, id];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
