import { expect, it } from 'vitest';
import { CursorExpiredError } from '../../domain/errors.ts';
import { decodeEventCursor, encodeEventCursor } from '../../gateway/event-cursor.ts';
import { newId } from '../../platform/ids.ts';

it('brings a position back for its own tenant, also beyond 2^32', () => {
  const tenantId = newId();
  for (const position of [0, 1, 4_294_967_296, Number.MAX_SAFE_INTEGER])
    expect(decodeEventCursor(tenantId, encodeEventCursor(tenantId, position))).toBe(position);
});

it('is opaque and needs no escaping in a URL', () => {
  expect(encodeEventCursor(newId(), 12)).toMatch(/^[\w-]{34}$/);
});

it.each(['', 'x', '12', Buffer.alloc(25).toString('base64url'), `${encodeEventCursor(newId(), 1)}AA`, '{}'])(
  'refuses %j',
  (cursor) => {
    expect(() => decodeEventCursor(newId(), cursor)).toThrow(CursorExpiredError);
  },
);

it('refuses the cursor of another tenant', () => {
  expect(() => decodeEventCursor(newId(), encodeEventCursor(newId(), 1))).toThrow(/another account/);
});
