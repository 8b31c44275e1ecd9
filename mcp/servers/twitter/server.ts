import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  findTweetInput,
  findTweetOutput,
  postTweetInput,
  profileStatsInput,
  profileStatsOutput,
  publishedTweet,
  replyToMentionInput,
} from '../../contracts/twitter.ts';
import type { Extra } from '../tool-result.ts';
import { callerOf, resourceResult, ToolFailed, toolResult } from '../tool-result.ts';
import { findTweet } from './find-tweet.ts';
import type { Platform, TwitterConfig } from './platform-client.ts';
import { openPlatform } from './platform-client.ts';
import { postTweet } from './post-tweet.ts';
import { readMentions, readProfile } from './read-account.ts';

export type { TwitterConfig } from './platform-client.ts';

const WRITES = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true };
const READS = { readOnlyHint: true, openWorldHint: true };

/** X (Twitter) for many accounts: each call acts as the account named in its `_meta`, or in `account`. */
export function createTwitterServer(config: TwitterConfig): McpServer {
  const server = new McpServer({ name: 'twitter', version: '1.0.0' });
  const userIds = new Map<string, string>();

  function actAs(extra: Extra, given?: string): Platform {
    const account = callerOf(extra).account ?? given;
    if (!account) throw new ToolFailed('INVALID_INPUT', 'no account: neither in _meta nor in the arguments');
    return openPlatform(config, account.replace(/^@/, ''), extra.signal, userIds);
  }

  server.registerTool(
    'post_tweet',
    {
      description: 'Publishes a tweet with up to four pictures as the agent.',
      inputSchema: postTweetInput,
      outputSchema: publishedTweet,
      annotations: WRITES,
    },
    (input, extra) =>
      toolResult(() => postTweet(actAs(extra, input.account), { ...input, mediaUrls: input.media_urls })),
  );
  server.registerTool(
    'reply_to_mention',
    {
      description: 'Replies to a tweet that mentions the agent.',
      inputSchema: replyToMentionInput,
      outputSchema: publishedTweet,
      annotations: WRITES,
    },
    (input, extra) =>
      toolResult(() =>
        postTweet(actAs(extra, input.account), { ...input, mediaUrls: [], inReplyTo: input.mention_id }),
      ),
  );
  server.registerTool(
    'find_tweet',
    {
      description:
        'Says whether a tweet of the agent went out: by idempotency key, else by its exact text since a moment. ' +
        'certain=false means that it may still appear.',
      inputSchema: findTweetInput,
      outputSchema: findTweetOutput,
      annotations: READS,
    },
    (input, extra) => toolResult(() => findTweet(actAs(extra, input.account), input)),
  );
  server.registerTool(
    'get_profile_stats',
    {
      description: "The agent's followers, followed accounts and number of tweets.",
      inputSchema: profileStatsInput,
      outputSchema: profileStatsOutput,
      annotations: READS,
    },
    (input, extra) => toolResult(() => readProfile(actAs(extra, input.account))),
  );
  server.registerResource(
    'Recent mentions',
    'twitter://mentions/recent',
    { mimeType: 'application/json', description: 'Mentions of the agent in the last hour, newest first' },
    (uri, extra) => resourceResult(uri, () => readMentions(actAs(extra))),
  );
  server.registerResource(
    'Profile statistics',
    'twitter://profile/stats',
    { mimeType: 'application/json', description: "The agent's followers, followed accounts and number of tweets" },
    (uri, extra) => resourceResult(uri, () => readProfile(actAs(extra))),
  );
  return server;
}
