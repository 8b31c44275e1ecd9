import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  newsItem,
  readFeedsInput,
  readFeedsOutput,
  trendingTopicsInput,
  trendingTopicsOutput,
} from '../../contracts/news.ts';
import { resourceResult, toolResult } from '../tool-result.ts';
import type { FeedReader, FeedReaderOptions } from './feed-reader.ts';
import { createFeedReader } from './feed-reader.ts';
import { trendingTopics } from './trending-topics.ts';

const TOPICS_IN_RESOURCE = 20;

export interface NewsConfig extends FeedReaderOptions {
  /** What the resource news://trending reads. */
  feeds: string[];
}

export function createNewsServer(config: NewsConfig): McpServer {
  const server = new McpServer({ name: 'news', version: '1.0.0' });
  const reader = createFeedReader(config);
  const annotations = { readOnlyHint: true, openWorldHint: true };

  server.registerTool(
    'read_feeds',
    {
      description: 'Reads RSS and Atom feeds: items newest first. A feed that fails is listed and spoils no other.',
      inputSchema: readFeedsInput,
      outputSchema: readFeedsOutput,
      annotations,
    },
    ({ feeds, limit }, extra) =>
      toolResult(async () => {
        const { items, errors } = await reader.read(feeds, extra.signal);
        const shown = items.slice(0, limit).map((item) => newsItem.parse(item));
        return { items: shown, errors, fetched_at: new Date().toISOString() };
      }),
  );
  server.registerTool(
    'get_trending_topics',
    {
      description: 'The topics that most fresh items of the feeds share, strongest first.',
      inputSchema: trendingTopicsInput,
      outputSchema: trendingTopicsOutput,
      annotations,
    },
    ({ feeds, limit }, extra) => toolResult(() => readTopics(reader, feeds, limit, extra.signal)),
  );
  server.registerResource(
    'Trending topics',
    'news://trending',
    { mimeType: 'application/json', description: 'The strongest topics of the configured feeds' },
    (uri, extra) => resourceResult(uri, () => readTopics(reader, config.feeds, TOPICS_IN_RESOURCE, extra.signal)),
  );
  return server;
}

async function readTopics(reader: FeedReader, feeds: string[], limit: number, signal: AbortSignal) {
  const now = new Date();
  const { items, errors } = await reader.read(feeds, signal);
  return { trending_topics: trendingTopics(items, limit, now), errors, fetched_at: now.toISOString() };
}
