import { readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FeedError } from '../../contracts/news.ts';
import { anyAddress, guardedFetch, isPublic } from '../guarded-fetch.ts';
import { ToolFailed } from '../tool-result.ts';
import { decodeDocument } from './decode-document.ts';
import type { FeedItem } from './parse-feed.ts';
import { parseFeed } from './parse-feed.ts';

const MAX_FEED_BYTES = 5 * 1024 * 1024;
const MAX_REDIRECTS = 3;
const CACHED_FEEDS = 200;

export interface FeedReaderOptions {
  /** For one feed, redirects included. */
  timeoutMs: number;
  /** Directories that feed files may lie in; none lets no file through. */
  fileRoots: string[];
  /** For tests and local sandboxes: lets loopback, private and link-local addresses through. */
  allowPrivateAddresses: boolean;
}

export interface FeedReader {
  /** Items newest first (undated last); a feed that fails is an entry in `errors`. Never throws, but for an abort. */
  read(feeds: string[], signal: AbortSignal): Promise<{ items: FeedItem[]; errors: FeedError[] }>;
}

interface CachedFeed {
  etag?: string;
  lastModified?: string;
  items: FeedItem[];
}

export function createFeedReader(options: FeedReaderOptions): FeedReader {
  const cache = new Map<string, CachedFeed>();

  async function fetchFeed(address: string, signal: AbortSignal): Promise<FeedItem[]> {
    const cached = cache.get(address);
    const answer = await guardedFetch(address, {
      maxBytes: MAX_FEED_BYTES,
      maxRedirects: MAX_REDIRECTS,
      timeoutMs: options.timeoutMs,
      allowAddress: options.allowPrivateAddresses ? anyAddress : isPublic,
      signal,
      headers: {
        accept: 'application/rss+xml, application/atom+xml, application/xml, application/feed+json, */*;q=0.5',
        ...(cached?.etag && { 'if-none-match': cached.etag }),
        ...(cached?.lastModified && { 'if-modified-since': cached.lastModified }),
      },
    });
    if (answer.status === 304 && cached) return cached.items;
    if (answer.status !== 200) throw new ToolFailed('UNAVAILABLE', `HTTP ${answer.status}`);
    const { etag, 'last-modified': lastModified, 'content-type': contentType } = answer.headers;
    const items = parseFeed(decodeDocument(answer.body, contentType), answer.url);
    cache.delete(address);
    cache.set(address, { etag, lastModified, items });
    const oldest = cache.keys().next().value;
    if (cache.size > CACHED_FEEDS && oldest !== undefined) cache.delete(oldest);
    return items;
  }

  async function readFeedFile(path: string): Promise<FeedItem[]> {
    const wanted = path.startsWith('file:') ? fileURLToPath(path) : path;
    for (const root of options.fileRoots) {
      const realRoot = await realpath(root).catch(() => null);
      const real =
        realRoot && (await realpath(isAbsolute(wanted) ? wanted : resolve(realRoot, wanted)).catch(() => null));
      if (!real?.startsWith(realRoot + sep)) continue;
      const { size, isFile } = await stat(real).then((stats) => ({ size: stats.size, isFile: stats.isFile() }));
      if (!isFile) throw new ToolFailed('NOT_FOUND', 'not a file');
      if (size > MAX_FEED_BYTES) throw new ToolFailed('INVALID_OUTPUT', `larger than ${MAX_FEED_BYTES} bytes`);
      return parseFeed(decodeDocument(await readFile(real)), path);
    }
    throw new ToolFailed('NOT_ALLOWED', 'no such file in the permitted directories');
  }

  return {
    async read(feeds, signal) {
      const errors: FeedError[] = [];
      const lists = await Promise.all(
        [...new Set(feeds)].map(async (feed) => {
          try {
            return /^https?:/i.test(feed) ? await fetchFeed(feed, signal) : await readFeedFile(feed);
          } catch (error) {
            if (signal.aborted) throw error;
            const failure =
              error instanceof ToolFailed ? error.failure : { code: 'UNKNOWN' as const, message: String(error) };
            errors.push({ feed, code: failure.code, message: failure.message });
            return [];
          }
        }),
      );
      // The same article in two feeds is one; a guid that is no address means something in its own feed only.
      const byId = new Map(lists.flat().map((item) => [item.url ?? `${item.source} ${item.id}`, item]));
      const items = [...byId.values()].sort((a, b) => (b.publishedAt ?? '').localeCompare(a.publishedAt ?? ''));
      return { items, errors };
    },
  };
}
