import type { TweetV2, TweetV2UserTimelineResult } from 'twitter-api-v2';
import type { z } from 'zod';
import type { findTweetInput, findTweetOutput } from '../../contracts/twitter.ts';
import type { Platform } from './platform-client.ts';
import { describeTweet } from './post-tweet.ts';

const PAGE_SIZE = 100;
const MAX_PAGES = 10;
/** The clock that gave `since` may be ahead of X's. */
const CLOCK_TOLERANCE_MS = 60_000;

/**
 * Looks through the account's timeline since the tweet was sent. A tweet found by its key (only sandboxes keep it) or by
 * its exact content is certain. Its absence is certain when the whole time was read and it can no longer be on its way.
 */
export async function findTweet(
  platform: Platform,
  input: z.infer<typeof findTweetInput>,
): Promise<z.infer<typeof findTweetOutput>> {
  const startedAt = Date.now();
  const { tweets, complete } = await readTimeline(platform, new Date(Date.parse(input.since) - CLOCK_TOLERANCE_MS));
  const found =
    tweets.find((tweet) => keyOf(tweet) === input.idempotency_key) ??
    tweets.find((tweet) => keyOf(tweet) === undefined && saysTheSame(tweet, input));
  if (found) return { found: true, certain: true, ...describeTweet(platform, found.id) };
  const settleMs = platform.config.settleMs ?? 2 * platform.config.timeoutMs;
  return { found: false, certain: complete && startedAt - Date.parse(input.since) >= settleMs };
}

async function readTimeline(platform: Platform, from: Date): Promise<{ tweets: TweetV2[]; complete: boolean }> {
  const userId = await platform.userId();
  const tweets: TweetV2[] = [];
  let next: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = {
      max_results: PAGE_SIZE,
      start_time: from.toISOString(),
      'tweet.fields': 'created_at,entities,referenced_tweets',
      ...(next && { pagination_token: next }),
    };
    const answer = await platform.request(false, (client) =>
      client.get<TweetV2UserTimelineResult>(`users/${userId}/tweets`, query),
    );
    tweets.push(...(answer.data ?? []));
    next = answer.meta?.next_token;
    if (!next) return { tweets, complete: true };
  }
  return { tweets, complete: false };
}

function keyOf(tweet: TweetV2): string | undefined {
  const { idempotency_key: key } = tweet as TweetV2 & { idempotency_key?: unknown };
  return typeof key === 'string' ? key : undefined;
}

function saysTheSame(tweet: TweetV2, input: z.infer<typeof findTweetInput>): boolean {
  const repliedTo = tweet.referenced_tweets?.find(({ type }) => type === 'replied_to')?.id;
  return repliedTo === input.reply_to && originalText(tweet) === comparable(input.text);
}

/** X escapes &, < and >, shortens links and appends one for the pictures: undone here. */
function originalText(tweet: TweetV2): string {
  let { text } = tweet;
  for (const { url, expanded_url: expanded } of tweet.entities?.urls ?? []) {
    const picture = /\/status\/\d+\/(photo|video)\/\d+$/.test(expanded);
    text = text.replaceAll(url, picture ? '' : expanded);
  }
  return comparable(text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'));
}

const comparable = (text: string): string => text.normalize('NFC').replace(/\s+/g, ' ').trim();
