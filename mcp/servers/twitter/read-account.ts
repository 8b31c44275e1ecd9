import type { TweetUserMentionTimelineV2Paginator } from 'twitter-api-v2';
import type { z } from 'zod';
import type { mentionsOutput, profileStatsOutput } from '../../contracts/twitter.ts';
import type { Platform } from './platform-client.ts';

const RECENT_MS = 3_600_000;
const MAX_MENTIONS = 300;

/** Mentions of the last hour, newest first, 300 at most. */
export async function readMentions(platform: Platform): Promise<z.infer<typeof mentionsOutput>> {
  const now = new Date();
  const userId = await platform.userId();
  const options = {
    max_results: 100,
    start_time: new Date(now.getTime() - RECENT_MS).toISOString(),
    expansions: ['author_id' as const],
    'tweet.fields': ['created_at' as const, 'public_metrics' as const],
    'user.fields': ['username' as const],
  };
  return platform.request(false, async (client) => {
    const timeline: TweetUserMentionTimelineV2Paginator = await client.userMentionTimeline(userId, options);
    while (!timeline.done && timeline.tweets.length < MAX_MENTIONS) await timeline.fetchNext();
    const mentions = timeline.tweets.map((tweet) => ({
      id: tweet.id,
      text: tweet.text,
      author: timeline.includes.author(tweet)?.username ?? tweet.author_id ?? 'unknown',
      created_at: new Date(tweet.created_at ?? now).toISOString(),
      engagement: {
        likes: tweet.public_metrics?.like_count ?? 0,
        retweets: tweet.public_metrics?.retweet_count ?? 0,
        replies: tweet.public_metrics?.reply_count ?? 0,
      },
    }));
    return { mentions, fetched_at: now.toISOString() };
  });
}

export async function readProfile(platform: Platform): Promise<z.infer<typeof profileStatsOutput>> {
  const { data } = await platform.request(false, (client) =>
    client.userByUsername(platform.account, { 'user.fields': ['public_metrics'] }),
  );
  return {
    account: platform.account,
    followers: data.public_metrics?.followers_count ?? 0,
    following: data.public_metrics?.following_count ?? 0,
    tweets: data.public_metrics?.tweet_count ?? 0,
    fetched_at: new Date().toISOString(),
  };
}
