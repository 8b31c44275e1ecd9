import { z } from 'zod';
import { platformLength } from '../../domain/text/platform-length.ts';
import type { Answer, Route, SandboxRequest } from './http.ts';
import { HttpProblem, parseJson } from './http.ts';
import type { World } from './world.ts';
import { normalizeHandle } from './world.ts';
import { createWriteLimit } from './write-limit.ts';

const DUPLICATE_WINDOW_MS = 24 * 3_600_000;

const tweetSchema = z.object({
  text: z.string().default(''),
  media: z.object({ media_ids: z.array(z.string()).min(1).max(4) }).optional(),
  reply: z.object({ in_reply_to_tweet_id: z.string() }).optional(),
  made_with_ai: z.boolean().default(false),
});

export function problem(status: number, title: string, detail: string): Answer {
  return { status, body: { title, detail, type: 'about:blank', status, errors: [{ message: detail }] } };
}
export const duplicateContent = (): Answer =>
  problem(403, 'Forbidden', 'You are not allowed to create a Tweet with duplicate content.');

function actingAccount(request: SandboxRequest): string {
  if (!request.headers.authorization?.startsWith('Bearer '))
    throw new HttpProblem(problem(401, 'Unauthorized', 'Unauthorized'));
  if (!request.account) throw new HttpProblem(problem(400, 'Invalid Request', 'The header x-account is missing.'));
  return request.account;
}

/** The part of X's API v2 that the twitter server uses, with X's shapes, statuses and headers. */
export function twitterRoutes(world: World): Route[] {
  const limit = createWriteLimit();

  function createTweet(request: SandboxRequest): Answer {
    const account = actingAccount(request);
    const key = request.headers['idempotency-key']?.toString() ?? null;
    const first = key ? world.postByKey(account, key) : undefined;
    if (first)
      return { status: 201, body: { data: { id: first.id, text: first.text } }, headers: limit.headers(account) };
    const parsed = tweetSchema.safeParse(parseJson(request.body));
    if (!parsed.success) return problem(400, 'Invalid Request', z.prettifyError(parsed.error));
    const { text, media, reply, made_with_ai: madeWithAi } = parsed.data;
    if (text.trim() === '' && !media) return problem(400, 'Invalid Request', 'A Tweet needs text or media.');
    if (platformLength(text, 'TWITTER') > 280) return problem(400, 'Invalid Request', 'Your Tweet text is too long.');
    const mediaFiles = (media?.media_ids ?? []).map((id) => world.mediaFile(id));
    if (!mediaFiles.every((file) => file !== undefined))
      return problem(400, 'Invalid Request', 'Your media IDs are invalid.');
    const inReplyTo = reply?.in_reply_to_tweet_id ?? null;
    const same = world.postLike({ account, text, inReplyTo });
    if (same && Date.now() - Date.parse(same.at) < DUPLICATE_WINDOW_MS) return duplicateContent();
    if (!limit.take(account))
      return { ...problem(429, 'Too Many Requests', 'Too Many Requests'), headers: limit.headers(account) };
    const disclosure = request.headers['x-disclosure']?.toString() ?? null;
    const id = world.newId();
    const at = new Date().toISOString();
    world.addPost({ id, account, text, mediaFiles, inReplyTo, disclosure, madeWithAi, idempotencyKey: key, at });
    return { status: 201, body: { data: { id, text } }, headers: limit.headers(account) };
  }

  function user(handle: string) {
    const id = world.userId(handle);
    const followers = Number(BigInt(id) % 90_000n) + 1_000;
    const tweets = world.postsOf(normalizeHandle(handle)).length;
    return {
      id,
      name: handle,
      username: handle,
      public_metrics: {
        followers_count: followers,
        following_count: followers % 900,
        tweet_count: tweets,
        listed_count: 0,
      },
    };
  }

  function timeline(request: SandboxRequest, select: (handle: string) => TimelineEntry[]): Answer {
    actingAccount(request);
    const handle = world.handleOf(request.params.user ?? '');
    if (!handle) return problem(404, 'Not Found Error', 'Could not find user.');
    const { query } = request;
    const size = Math.min(100, Math.max(5, Number(query.get('max_results') ?? 10)));
    const start = Date.parse(query.get('start_time') ?? '') || 0;
    const before = query.get('pagination_token');
    const entries = select(handle)
      .filter((entry) => Date.parse(entry.at) >= start && (!before || BigInt(entry.id) < BigInt(before)))
      .sort((a, b) => (BigInt(a.id) > BigInt(b.id) ? -1 : 1));
    const page = entries.slice(0, size);
    const last = page.at(-1);
    if (!last) return { status: 200, body: { meta: { result_count: 0 } } };
    const meta = {
      result_count: page.length,
      newest_id: page[0]?.id,
      oldest_id: last.id,
      ...(entries.length > page.length && { next_token: last.id }),
    };
    const users = [...new Set(page.map((entry) => entry.author))].map(user);
    return { status: 200, body: { data: page.map((entry) => tweetOf(entry, world)), includes: { users }, meta } };
  }

  return [
    { method: 'POST', pattern: /^\/2\/tweets$/, handle: createTweet },
    {
      method: 'GET',
      pattern: /^\/2\/users\/by\/username\/(?<user>[^/]+)$/,
      handle(request) {
        actingAccount(request);
        return { status: 200, body: { data: user(request.params.user ?? '') } };
      },
    },
    {
      method: 'GET',
      pattern: /^\/2\/users\/(?<user>[^/]+)\/tweets$/,
      handle: (request) =>
        timeline(request, (handle) => world.postsOf(handle).map((post) => ({ ...post, author: post.account }))),
    },
    {
      method: 'GET',
      pattern: /^\/2\/users\/(?<user>[^/]+)\/mentions$/,
      handle: (request) =>
        timeline(request, (handle) => world.mentions.filter((mention) => mention.account === handle)),
    },
  ];
}

interface TimelineEntry {
  id: string;
  author: string;
  text: string;
  at: string;
  inReplyTo?: string | null;
  idempotencyKey?: string | null;
}

function tweetOf(entry: TimelineEntry, world: World) {
  const warmth = Number(BigInt(entry.id) % 37n);
  return {
    id: entry.id,
    text: entry.text,
    author_id: world.userId(entry.author),
    created_at: entry.at,
    public_metrics: { like_count: warmth, retweet_count: warmth % 7, reply_count: warmth % 5, quote_count: 0 },
    ...(entry.inReplyTo && { referenced_tweets: [{ type: 'replied_to', id: entry.inReplyTo }] }),
    ...(entry.idempotencyKey && { idempotency_key: entry.idempotencyKey }),
  };
}
