import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** sha-256 in hexadecimal of the RFC 8785 canonical JSON of `value`: equal values have equal digests, whatever their key order. */
export function digestOf(value: unknown): string {
  return createHash('sha256')
    .update((canonicalize as unknown as (input: unknown) => string | undefined)(value) ?? 'undefined')
    .digest('hex');
}
