import { z } from 'zod';
import { platformLength } from '../../domain/text/platform-length.ts';

const account = z.string().min(1).max(50).optional().describe('Handle to act as, where the host does not say it');
const tweetText = z
  .string()
  .trim()
  .min(1)
  .refine((text) => platformLength(text, 'TWITTER') <= 280, 'longer than 280 weighted characters');
const idempotencyKey = z.string().min(1).max(200);
const disclosure = z.enum(['AUTOMATED', 'ASSISTED', 'NONE']).describe('How much of the text is made by AI');
const postId = z.string().regex(/^\d{1,19}$/);

export const postTweetInput = z.object({
  text: tweetText,
  media_urls: z.array(z.url()).max(4).default([]),
  disclosure,
  idempotency_key: idempotencyKey,
  account,
});
export const replyToMentionInput = z.object({
  mention_id: postId,
  text: tweetText,
  disclosure,
  idempotency_key: idempotencyKey,
  account,
});
export const publishedTweet = z.object({ tweet_id: z.string(), tweet_url: z.url(), posted_at: z.iso.datetime() });

export const findTweetInput = z.object({
  idempotency_key: idempotencyKey,
  text: z.string(),
  reply_to: postId.optional().describe('The tweet it replied to, if any'),
  since: z.iso.datetime({ offset: true }).describe('When it was sent: nothing older is looked at'),
  account,
});
export const findTweetOutput = z.object({
  found: z.boolean(),
  certain: z.boolean(),
  ...publishedTweet.partial().shape,
});

export const profileStatsInput = z.object({ account });
export const profileStatsOutput = z.object({
  account: z.string(),
  followers: z.number().int(),
  following: z.number().int(),
  tweets: z.number().int(),
  fetched_at: z.iso.datetime(),
});

/** The resource twitter://mentions/recent. */
export const mentionsOutput = z.object({
  mentions: z.array(
    z.object({
      id: z.string(),
      text: z.string(),
      /** Handle without @. */
      author: z.string(),
      created_at: z.iso.datetime(),
      engagement: z.object({ likes: z.number().int(), retweets: z.number().int(), replies: z.number().int() }),
    }),
  ),
  fetched_at: z.iso.datetime(),
});
