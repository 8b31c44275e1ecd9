import { createHash } from 'node:crypto';
import { z } from 'zod';

/** One entry as its hash covers it. */
export interface AuditLink {
  sequence: number;
  /** The entry as JSON, byte for byte what was hashed. */
  entry: string;
  /** sha-256 (hex) of previousHash followed by entry. */
  hash: string;
  previousHash: string;
}

/** How far a chain is known: its head, or the entry that was read last. */
export interface ChainPosition {
  sequence: number;
  hash: string;
}

export interface ChainBreak {
  sequence: number;
  reason: string;
}

/** Before the first entry. */
export const CHAIN_START: ChainPosition = { sequence: 0, hash: '0'.repeat(64) };

/** Why `link` cannot follow `previous`; null when it does. */
export function checkLink(previous: ChainPosition, link: AuditLink): ChainBreak | null {
  const expected = previous.sequence + 1;
  if (link.sequence > expected)
    return { sequence: expected, reason: `missing: after ${previous.sequence} comes ${link.sequence}` };
  if (link.sequence < expected)
    return { sequence: link.sequence, reason: `in the wrong place: it comes after ${previous.sequence}` };
  const digest = createHash('sha256').update(link.previousHash).update(link.entry).digest('hex');
  if (digest !== link.hash) return { sequence: link.sequence, reason: 'changed: its content does not have its hash' };
  if (link.previousHash !== previous.hash)
    return {
      sequence: link.sequence,
      reason: `it was made after another entry ${previous.sequence}: one of the two was replaced`,
    };
  return null;
}

/** Why a chain that ends at `last` does not end at its head; null when it does. */
export function checkHead(last: ChainPosition, head: ChainPosition): ChainBreak | null {
  if (head.sequence > last.sequence)
    return { sequence: last.sequence + 1, reason: `missing: the chain went on to ${head.sequence}` };
  if (head.sequence < last.sequence)
    return { sequence: head.sequence + 1, reason: `added: the chain ended at ${head.sequence}` };
  return head.hash === last.hash ? null : { sequence: last.sequence, reason: 'it is not the entry that was made last' };
}

const position = z.object({ sequence: z.int().min(0), hash: z.string() });
/** A line of an export: an entry, or after the last one of a tenant what there should have been. */
export const exportLine = z.union([
  z.strictObject({ hash: z.string(), previousHash: z.string(), entry: z.string() }),
  z.strictObject({ tenantId: z.uuid(), first: z.int(), last: z.int(), head: position }),
]);
export type ExportLine = z.infer<typeof exportLine>;
export const exportedEntry = z.looseObject({ tenantId: z.uuid(), sequence: z.int().min(1) });
