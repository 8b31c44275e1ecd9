import { z } from 'zod';
import { mcpErrorCodeSchema } from '../protocol.ts';

const feeds = z
  .array(z.string().min(1).max(2000))
  .min(1)
  .max(20)
  .describe('Addresses or permitted file paths of RSS or Atom feeds');
const isoDate = z.iso.datetime();

export const readFeedsInput = z.object({ feeds, limit: z.number().int().min(1).max(200).default(50) });
export const trendingTopicsInput = z.object({ feeds, limit: z.number().int().min(1).max(50).default(10) });

export const newsItem = z.object({
  /** The feed's guid, else the link, else a digest. */
  id: z.string(),
  title: z.string(),
  /** Plain text, 500 characters at most. */
  summary: z.string(),
  url: z.string().nullable(),
  source: z.string(),
  publishedAt: isoDate.nullable(),
});
export type NewsItem = z.infer<typeof newsItem>;

/** A feed that could not be read; the others were. */
const feedError = z.object({ feed: z.string(), code: mcpErrorCodeSchema, message: z.string() });
export type FeedError = z.infer<typeof feedError>;

export const readFeedsOutput = z.object({ items: z.array(newsItem), errors: z.array(feedError), fetched_at: isoDate });

export const trendingTopic = z.object({
  topic: z.string(),
  category: z.string(),
  /** 0..1, 1 for the strongest topic of this answer. */
  relevance_score: z.number().min(0).max(1),
  /** The summary of the newest item. */
  summary: z.string(),
  sources: z.array(z.object({ url: z.string().nullable(), title: z.string(), published_at: isoDate.nullable() })),
  sentiment: z.enum(['positive', 'neutral', 'negative']),
});
export type TrendingTopic = z.infer<typeof trendingTopic>;

/** Of the tool get_trending_topics and of the resource news://trending. */
export const trendingTopicsOutput = z.object({
  trending_topics: z.array(trendingTopic),
  errors: z.array(feedError),
  fetched_at: isoDate,
});
