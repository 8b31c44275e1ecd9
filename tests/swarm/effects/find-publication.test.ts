import { describe, expect, it } from 'vitest';
import type { McpHost } from '../../../mcp/host/mcp-host-types.ts';
import { findPublication } from '../../../swarm/effects/find-publication.ts';

const APPROVED = new Date('2026-11-20T10:00:00Z');
const SENT = new Date('2026-11-20T12:00:00Z');
const CONTEXT = { tenantId: 't', agentId: 'a', traceId: 'x' };
const effect = (attempt: number) => ({
  server: 'twitter',
  payload: { account: 'mira', text: 'fog' },
  idempotencyKey: 'k',
  attempt,
  sentAt: SENT,
  createdAt: APPROVED,
});

/** A platform that shows a post of `at` to whoever looks that far back; what it does not show is certainly not there. */
function platformWith(at: Date): { call: McpHost['call']; looks: string[] } {
  const looks: string[] = [];
  const call = (async (_server: string, _tool: string, args: unknown, output: { parse(value: unknown): unknown }) => {
    const { since } = args as { since: string };
    looks.push(since);
    const found = Date.parse(since) <= at.getTime();
    const value = { found, certain: true, ...(found ? { tweet_id: '7', posted_at: at.toISOString() } : {}) };
    return { value: output.parse(value), durationMs: 1 };
  }) as McpHost['call'];
  return { call, looks };
}

describe('looking for what was sent', () => {
  it('finds what an earlier sending left behind, long before the last one', async () => {
    const platform = platformWith(new Date('2026-11-20T10:30:00Z'));
    expect(await findPublication(platform, effect(2), CONTEXT)).toMatchObject({ published: { externalId: '7' } });
  });

  it('asks once where it was sent once, and says that it is certainly not there', async () => {
    const platform = platformWith(new Date('2026-11-20T10:30:00Z'));
    expect(await findPublication(platform, effect(1), CONTEXT)).toEqual({ published: null, certain: true });
    expect(platform.looks).toHaveLength(1);
  });
});
