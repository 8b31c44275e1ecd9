import { CursorExpiredError } from '../domain/errors.ts';

const VERSION = 1;
const BYTES = 1 + 16 + 8;

/** version (1 byte), tenant (16), position (8), as base64url: opaque to clients. */
export function encodeEventCursor(tenantId: string, position: number): string {
  const bytes = Buffer.alloc(BYTES);
  bytes.writeUInt8(VERSION, 0);
  bytes.write(tenantId.replaceAll('-', ''), 1, 'hex');
  bytes.writeBigUInt64BE(BigInt(position), 17);
  return bytes.toString('base64url');
}

/** The position in a cursor of this tenant; throws CursorExpiredError for anything else. */
export function decodeEventCursor(tenantId: string, cursor: string): number {
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.length !== BYTES || bytes.readUInt8(0) !== VERSION || bytes.toString('base64url') !== cursor) {
    throw new CursorExpiredError(
      '`after` is not a cursor of this API. Take `cursor` from a payload, or leave `after` out to start now.',
    );
  }
  if (bytes.toString('hex', 1, 17) !== tenantId.replaceAll('-', '').toLowerCase()) {
    throw new CursorExpiredError('`after` is a cursor of another account. Leave it out to start now.');
  }
  return Number(bytes.readBigUInt64BE(17));
}
