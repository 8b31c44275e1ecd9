import { contentWords } from '../../../domain/text/words.ts';
import type { TrendingTopic } from '../../contracts/news.ts';
import type { FeedItem } from './parse-feed.ts';
import { sentimentOf } from './sentiment.ts';

const HALF_LIFE_HOURS = 24;
const UNDATED_FRESHNESS = 0.3;
/** Old items still have an order among themselves. */
const MIN_FRESHNESS = 0.02;
const MAX_SOURCES = 5;
/** Two words together name a thing; so does a word with a capital; any other single word rarely does. */
const PAIR_WEIGHT = 1.6;
const NAME_WEIGHT = 1.2;
const WORD_WEIGHT = 0.4;
/** Of an item's own topic, when no subject unites several items. */
const SINGLE_ITEM_SHARE = 0.4;

interface Candidate {
  phrase: string;
  items: Set<FeedItem>;
}

/**
 * What several items speak of: words and word pairs of their titles, weighed by how many fresh items and how many
 * different sources share them. Where that is not enough, the newest items stand for themselves.
 */
export function trendingTopics(items: FeedItem[], limit: number, now: Date): TrendingTopic[] {
  const chosen: { label: string; score: number; items: FeedItem[] }[] = [];
  const covered = new Set<FeedItem>();
  const ranked = collectCandidates(items)
    .map((candidate) => ({ ...candidate, score: scoreOf(candidate, now) }))
    .sort((a, b) => b.score - a.score);
  for (const { phrase, items: about, score } of ranked) {
    if (chosen.length === limit) break;
    const fresh = [...about].filter((item) => !covered.has(item));
    if (fresh.length < 2) continue; // its items are under a stronger topic already
    for (const item of about) covered.add(item);
    chosen.push({ label: labelOf(phrase, about), score, items: [...about] });
  }
  for (const item of items) {
    if (chosen.length === limit) break;
    if (!covered.has(item))
      chosen.push({ label: item.title, score: SINGLE_ITEM_SHARE * freshness(item, now), items: [item] });
  }
  const strongest = Math.max(...chosen.map(({ score }) => score), Number.MIN_VALUE);
  return chosen
    .map(({ label, score, items: about }) => describeTopic(label, score / strongest, about))
    .sort((a, b) => b.relevance_score - a.relevance_score);
}

function collectCandidates(items: FeedItem[]): Candidate[] {
  const candidates = new Map<string, Candidate>();
  for (const item of items) {
    const words = contentWords(item.title)
      .map((word) => word.replace(/'s$/, ''))
      .filter((word) => word.length > 2);
    const pairs = words.slice(1).map((word, index) => `${words[index]} ${word}`);
    for (const phrase of new Set([...words, ...pairs])) {
      const known = candidates.get(phrase) ?? { phrase, items: new Set() };
      candidates.set(phrase, known);
      known.items.add(item);
    }
  }
  return [...candidates.values()].filter((candidate) => candidate.items.size > 1);
}

function scoreOf({ phrase, items }: Candidate, now: Date): number {
  const sources = new Set([...items].map((item) => item.source)).size;
  const weight = [...items].reduce((sum, item) => sum + freshness(item, now), 0);
  return weight * (1 + 0.5 * (sources - 1)) * kindWeight(phrase, items);
}

function kindWeight(phrase: string, items: Set<FeedItem>): number {
  if (phrase.includes(' ')) return PAIR_WEIGHT;
  // A capital at the start of a title says nothing.
  const named = [...items].filter(({ title }) =>
    new RegExp(`[^\\p{L}]${escapeRegExp(capitalized(phrase))}`, 'u').test(title),
  );
  return named.length * 2 >= items.size ? NAME_WEIGHT : WORD_WEIGHT;
}

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function freshness({ publishedAt }: FeedItem, now: Date): number {
  if (!publishedAt) return UNDATED_FRESHNESS;
  const hours = Math.max(0, now.getTime() - Date.parse(publishedAt)) / 3_600_000;
  return Math.max(MIN_FRESHNESS, 0.5 ** (hours / HALF_LIFE_HOURS));
}

/** The phrase as a title writes it. */
function labelOf(phrase: string, items: Set<FeedItem>): string {
  const pattern = new RegExp(
    phrase.split(' ').map(escapeRegExp).join('[^\\p{L}\\p{N}]+(?:\\p{L}{1,4}[^\\p{L}\\p{N}]+){0,3}'),
    'iu',
  );
  for (const { title } of items) {
    const found = pattern.exec(title.replaceAll('’', "'"));
    if (found) return found[0];
  }
  return phrase;
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function describeTopic(topic: string, relevance: number, items: FeedItem[]): TrendingTopic {
  const counts = new Map<string, number>();
  for (const category of items.flatMap((item) => item.categories))
    counts.set(category, (counts.get(category) ?? 0) + 1);
  const [category] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? ['general'];
  return {
    topic,
    category: category.toLowerCase(),
    relevance_score: Math.round(relevance * 1000) / 1000,
    summary: items[0]?.summary || items[0]?.title || '',
    sources: items
      .slice(0, MAX_SOURCES)
      .map(({ url, title, publishedAt }) => ({ url, title, published_at: publishedAt })),
    sentiment: sentimentOf(items.map((item) => `${item.title}. ${item.summary}`).join(' ')),
  };
}
