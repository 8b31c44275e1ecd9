import type { AtomFeed, JsonFeed, RdfFeed, RssFeed } from 'feedsmith';
import { parseFeed as parseAnyFeed } from 'feedsmith';
import { digestOf } from '../../../platform/canonical-json.ts';
import type { NewsItem } from '../../contracts/news.ts';
import { ToolFailed } from '../tool-result.ts';
import { plainText } from './plain-text.ts';

const MAX_TITLE = 300;
const MAX_SUMMARY = 500;
const MAX_ITEMS = 500;

export interface FeedItem extends NewsItem {
  /** The feed's own labels, for the topic's category. */
  categories: string[];
}

interface RawItem {
  id?: string;
  title?: string;
  body?: string;
  link?: string;
  date?: string;
  categories: (string | undefined)[];
}

/**
 * Items of an RSS, Atom, RDF or JSON feed in the feed's order. Links are made absolute against `address` and kept only
 * when they are http(s). @throws ToolFailed INVALID_OUTPUT for whatever is not a feed
 */
export function parseFeed(document: string, address: string): FeedItem[] {
  const { title, site, items } = readItems(document);
  const base = httpUrl(site, address) ?? address;
  const source = plainText(title ?? '', 100) || (URL.canParse(base) ? new URL(base).hostname : address);
  return items
    .map(({ id, title: rawTitle, body = '', link, date, categories }) => {
      const url = httpUrl(link, base);
      const summary = plainText(body, MAX_SUMMARY);
      const itemTitle = plainText(rawTitle ?? '', MAX_TITLE) || plainText(summary, 100);
      return {
        id: id?.trim() || url || digestOf([source, itemTitle, summary]),
        title: itemTitle,
        summary,
        url,
        source,
        publishedAt: isoDate(date),
        categories: categories.map((category) => plainText(category ?? '', 60)).filter(Boolean),
      };
    })
    .filter((item) => item.title !== '');
}

function readItems(document: string): { title?: string; site?: string; items: RawItem[] } {
  // The parser expands no entities of its own; a document that defines some is not a feed we want.
  if (/<!ENTITY/i.test(document)) throw new ToolFailed('INVALID_OUTPUT', 'the feed defines XML entities');
  try {
    const parsed = parseAnyFeed(document, { maxItems: MAX_ITEMS });
    if (parsed.format === 'atom') return readAtom(parsed.feed);
    if (parsed.format === 'json') return readJson(parsed.feed);
    return readRss(parsed.feed);
  } catch (error) {
    throw new ToolFailed('INVALID_OUTPUT', `not a feed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readRss({ title, link, items = [] }: RssFeed.Feed<string> | RdfFeed.Feed<string>) {
  return {
    title,
    site: link,
    items: items.map((item): RawItem => {
      const rss: RssFeed.Item<string> = item;
      return {
        id: rss.guid?.value,
        title: rss.title,
        body: rss.description ?? rss.content?.encoded,
        link: rss.link ?? (rss.guid?.isPermaLink === false ? undefined : rss.guid?.value),
        date: rss.pubDate ?? rss.dc?.dates?.[0],
        categories: rss.categories?.map(({ name }) => name) ?? [],
      };
    }),
  };
}

function readAtom({ title, links, entries = [] }: AtomFeed.Feed<string>) {
  const pageOf = (from: AtomFeed.Link<string>[] = []): string | undefined =>
    (from.find(({ rel }) => rel === undefined || rel === 'alternate') ?? from[0])?.href;
  return {
    title: title?.value,
    site: links && pageOf(links.filter(({ rel }) => rel !== 'self')),
    items: entries.map(
      (entry): RawItem => ({
        id: entry.id,
        title: entry.title?.value,
        body: entry.summary?.value ?? entry.content?.value,
        link: pageOf(entry.links),
        date: entry.published ?? entry.updated,
        categories: entry.categories?.map(({ label, term }) => label ?? term) ?? [],
      }),
    ),
  };
}

function readJson({ title, home_page_url: site, items = [] }: JsonFeed.Feed<string>) {
  return {
    title,
    site,
    items: items.map(
      (item): RawItem => ({
        id: item.id,
        title: item.title,
        body: item.summary ?? item.content_text ?? item.content_html,
        link: item.url ?? item.external_url,
        date: item.date_published ?? item.date_modified,
        categories: item.tags ?? [],
      }),
    ),
  };
}

/** `base` may be a file's path: then only absolute links count. */
function httpUrl(link: string | undefined, base: string): string | null {
  const address = link?.trim() ?? '';
  const url = URL.canParse(address) ? new URL(address) : URL.canParse(address, base) ? new URL(address, base) : null;
  return address !== '' && url && /^https?:$/.test(url.protocol) ? url.href : null;
}

function isoDate(date: string | undefined): string | null {
  const time = Date.parse(date ?? '');
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
