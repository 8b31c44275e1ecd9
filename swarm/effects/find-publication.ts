import { z } from 'zod';
import type { ClaimedEffect } from '../../domain/effect/claim-effect.ts';
import type { Published } from '../../domain/effect/finish-effect.ts';
import type { McpCallContext, McpHost } from '../../mcp/host/mcp-host-types.ts';

const CLOCK_SKEW_MS = 5_000;

/** What every effect's payload has. */
export const payloadSchema = z.looseObject({
  account: z.string(),
  text: z.string(),
  mention_id: z.string().optional(),
});
const foundSchema = z.object({
  found: z.boolean(),
  certain: z.boolean(),
  tweet_id: z.string().optional(),
  tweet_url: z.string().optional(),
  posted_at: z.coerce.date().optional(),
});

/**
 * Asks the platform whether it shows the effect. Without `certain`, what it does not show may still appear. One that was
 * sent before is also looked for since it was approved: an earlier sending may have worked after all. @throws McpToolError
 */
export async function findPublication(
  mcp: Pick<McpHost, 'call'>,
  effect: Pick<ClaimedEffect, 'server' | 'payload' | 'idempotencyKey' | 'attempt' | 'sentAt' | 'createdAt'>,
  context: McpCallContext,
): Promise<{ published: Published | null; certain: boolean }> {
  const { account, text, mention_id } = payloadSchema.parse(effect.payload);
  const look = async (since: Date) => {
    const args = {
      idempotency_key: effect.idempotencyKey,
      text,
      since: new Date(since.getTime() - CLOCK_SKEW_MS).toISOString(),
      account,
      ...(mention_id ? { reply_to: mention_id } : {}),
    };
    const { value } = await mcp.call(effect.server, 'find_tweet', args, foundSchema, context);
    const { found, certain, tweet_id, tweet_url, posted_at } = value;
    const published =
      found && tweet_id
        ? { externalId: tweet_id, url: tweet_url ?? null, publishedAt: posted_at ?? effect.sentAt }
        : null;
    return { published, certain };
  };
  // How long ago `since` is also says whether it can still be on its way: the last sending decides that.
  const last = await look(effect.sentAt);
  if (last.published || effect.attempt <= 1) return last;
  return { published: (await look(effect.createdAt)).published, certain: last.certain };
}
