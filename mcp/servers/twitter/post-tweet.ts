import type { TweetV2PostTweetResult } from 'twitter-api-v2';
import type { z } from 'zod';
import type { publishedTweet } from '../../contracts/twitter.ts';
import { anyAddress, guardedFetch, isPublic } from '../guarded-fetch.ts';
import { ToolFailed } from '../tool-result.ts';
import type { Platform } from './platform-client.ts';

const MAX_IMAGE_BYTES = 5 * 1024 * 1024;
/** X's epoch: an id holds its moment of creation in milliseconds above its lowest 22 bits. */
const SNOWFLAKE_EPOCH_MS = 1_288_834_974_657n;

export interface TweetToPost {
  text: string;
  mediaUrls: string[];
  inReplyTo?: string;
  disclosure: 'AUTOMATED' | 'ASSISTED' | 'NONE';
  idempotency_key: string;
}

/**
 * Uploads the pictures, then publishes. Only the last request can publish: a failure before it is NOT_APPLIED. The key
 * travels as Idempotency-Key; X itself ignores it, so an UNKNOWN outcome needs `find_tweet`, not a repetition.
 */
export async function postTweet(platform: Platform, tweet: TweetToPost): Promise<z.infer<typeof publishedTweet>> {
  const mediaIds: string[] = [];
  for (const url of tweet.mediaUrls) mediaIds.push(await uploadImage(platform, url));
  const body = {
    text: tweet.text,
    made_with_ai: tweet.disclosure !== 'NONE',
    ...(mediaIds.length > 0 && { media: { media_ids: mediaIds } }),
    ...(tweet.inReplyTo && { reply: { in_reply_to_tweet_id: tweet.inReplyTo } }),
  };
  const headers = { 'idempotency-key': tweet.idempotency_key, 'x-disclosure': tweet.disclosure };
  const result = await platform.request(true, (client) =>
    client.post<TweetV2PostTweetResult>('tweets', body, { headers }),
  );
  if (!result?.data?.id)
    throw new ToolFailed('INVALID_OUTPUT', 'X answered without a tweet id', { outcome: 'UNKNOWN' });
  return describeTweet(platform, result.data.id);
}

export function describeTweet({ config, account }: Platform, id: string): z.infer<typeof publishedTweet> {
  const site = config.apiUrl.startsWith('https:') ? 'https://x.com' : config.apiUrl;
  const postedAt = Number((BigInt(id) >> 22n) + SNOWFLAKE_EPOCH_MS);
  return {
    tweet_id: id,
    tweet_url: new URL(`/${encodeURIComponent(account)}/status/${id}`, site).href,
    posted_at: new Date(postedAt).toISOString(),
  };
}

async function uploadImage(platform: Platform, url: string): Promise<string> {
  const { config, signal } = platform;
  const ours = config.mediaOrigins?.includes(new URL(url).origin) ?? false;
  const { status, body } = await guardedFetch(url, {
    maxBytes: MAX_IMAGE_BYTES,
    timeoutMs: config.timeoutMs,
    maxRedirects: ours ? 0 : 3, // an origin of ours must not send us on to another private address
    allowAddress: ours ? anyAddress : isPublic,
    signal,
  });
  if (status !== 200) throw new ToolFailed('INVALID_INPUT', `${url}: HTTP ${status}`);
  const mediaType = imageTypeOf(body);
  if (!mediaType) throw new ToolFailed('INVALID_INPUT', `${url} is not a PNG, JPEG, WebP or GIF`);
  const options = { media_type: mediaType, media_category: mediaType === 'image/gif' ? 'tweet_gif' : 'tweet_image' };
  return platform.request(false, (client) =>
    client.uploadMedia(body, options as Parameters<typeof client.uploadMedia>[1]),
  );
}

/** By the first bytes: the server that hands out the file may say anything. */
function imageTypeOf(bytes: Buffer): string | null {
  const head = bytes.toString('latin1', 0, 12);
  if (head.startsWith('\x89PNG\r\n')) return 'image/png';
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (head.startsWith('GIF8')) return 'image/gif';
  if (head.startsWith('RIFF') && head.endsWith('WEBP')) return 'image/webp';
  return null;
}
