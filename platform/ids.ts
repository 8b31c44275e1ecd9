import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';

/** A new row id: UUID version 7, so that ids sort by time. */
export const newId = (): string => v7();

/** A W3C trace id: 16 random bytes in hexadecimal. */
export const newTraceId = (): string => randomBytes(16).toString('hex');

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
export const isId = (value: string): boolean => UUID.test(value);
