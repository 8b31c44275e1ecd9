import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findTweetOutput, mentionsOutput, profileStatsOutput, publishedTweet } from '../../../mcp/contracts/twitter.ts';
import { allowListSchema } from '../../../mcp/host/allow-list.ts';
import type { McpHost } from '../../../mcp/host/mcp-host.ts';
import { createMcpHost } from '../../../mcp/host/mcp-host.ts';
import type { TwitterConfig } from '../../../mcp/servers/twitter/server.ts';
import { createTwitterServer } from '../../../mcp/servers/twitter/server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { failureOf } from '../failure-of.ts';
import type { TestSandbox } from '../sandbox-process.ts';
import { startTestSandbox } from '../sandbox-process.ts';

const TIMEOUT_MS = 400;
let sandbox: TestSandbox;
let host: McpHost;
let sequence = 0;

const context = (account = 'ava') => ({ tenantId: 't', agentId: 'a', traceId: 'x', account });
const tweet = (overrides: object = {}) => {
  sequence += 1;
  return {
    text: `Tweet number ${sequence}`,
    disclosure: 'AUTOMATED',
    idempotency_key: `key-${sequence}`,
    ...overrides,
  };
};
const post = (args: object, account?: string) =>
  host.call('twitter', 'post_tweet', args, publishedTweet, context(account));
const find = (args: object) =>
  host.call('twitter', 'find_tweet', args, findTweetOutput, context()).then(({ value }) => value);
const justNow = () => new Date(Date.now() - 1_000).toISOString();

async function hostFor(config: Partial<TwitterConfig>): Promise<McpHost> {
  const allowList = allowListSchema.parse({
    servers: {
      twitter: {
        transport: { kind: 'in-process' },
        tools: {
          post_tweet: { effectful: true },
          reply_to_mention: { effectful: true },
          find_tweet: {},
          get_profile_stats: {},
        },
        resources: ['twitter://mentions/recent', 'twitter://profile/stats'],
      },
    },
  });
  const settings = {
    apiUrl: sandbox.url,
    bearerToken: 'token',
    timeoutMs: TIMEOUT_MS,
    settleMs: 0,
    mediaOrigins: [sandbox.url],
    ...config,
  };
  return createMcpHost({
    allowList,
    inProcess: { twitter: () => createTwitterServer(settings) },
    breaker: { consecutiveFailures: 1_000 },
  });
}

beforeAll(async () => {
  sandbox = await startTestSandbox();
  host = await hostFor({});
});
afterEach(() => sandbox.clearFaults());
afterAll(async () => {
  await host.close();
  await sandbox.stop();
});

describe('post_tweet', () => {
  it('publishes text, pictures and disclosure as the account in _meta', async () => {
    const image = await fetch(`${sandbox.url}/ideogram/v1/generate`, {
      method: 'POST',
      headers: { 'api-key': 'k' },
      body: JSON.stringify({ prompt: 'a quiet lake', aspect_ratio: '1:1' }),
    }).then((response) => response.json() as Promise<{ image_url: string }>);
    const args = tweet({ text: 'Morning & light <3 🌍', media_urls: [image.image_url], disclosure: 'ASSISTED' });
    const { value } = await post(args, '@Ava');
    const published = (await sandbox.posts()).at(-1);
    expect(published).toMatchObject({
      platform: 'TWITTER',
      externalId: value.tweet_id,
      text: 'Morning & light <3 🌍',
      idempotencyKey: args.idempotency_key,
      account: 'ava',
      disclosure: 'ASSISTED',
      at: value.posted_at,
    });
    const [copy] = (published?.mediaUrls ?? []) as string[];
    const [original, uploaded] = await Promise.all(
      [image.image_url, copy ?? ''].map((url) => fetch(url).then((response) => response.arrayBuffer())),
    );
    expect(Buffer.from(uploaded ?? new ArrayBuffer(0)).equals(Buffer.from(original ?? new ArrayBuffer(1)))).toBe(true);
    const page = await fetch(value.tweet_url).then((response) => response.text());
    expect(page).toContain('Morning &amp; light &lt;3');
  });

  it('gives the first answer to the same idempotency key and publishes once', async () => {
    const args = tweet();
    const [first, again] = [await post(args), await post(args)];
    expect(again.value).toEqual(first.value);
    expect((await sandbox.posts()).filter(({ text }) => text === args.text)).toHaveLength(1);
  });

  it('reports the same words of one account within a day as DUPLICATE_CONTENT, and lets another account say them', async () => {
    const args = tweet();
    await post(args);
    const repeated = { ...args, idempotency_key: 'another' };
    expect(await failureOf(post(repeated))).toMatchObject({
      code: 'DUPLICATE_CONTENT',
      outcome: 'NOT_APPLIED',
      retryable: false,
    });
    await post(repeated, 'bruno');
  });

  it.each([
    ['rate-limit', { code: 'RATE_LIMIT', outcome: 'NOT_APPLIED', retryable: true }],
    ['unauthorized', { code: 'AUTH_FAILED', outcome: 'NOT_APPLIED', retryable: false }],
    ['duplicate', { code: 'DUPLICATE_CONTENT', outcome: 'NOT_APPLIED', retryable: false }],
    ['server-error', { code: 'UNAVAILABLE', outcome: 'UNKNOWN', retryable: false }],
    ['down', { code: 'UNAVAILABLE', outcome: 'UNKNOWN', retryable: false }],
  ])('maps the fault %s', async (kind, expected) => {
    await sandbox.fault({ match: { path: '/2/tweets' }, kind, times: 1 });
    expect(await failureOf(post(tweet()))).toMatchObject(expected);
  });

  it("waits until the platform's reset after a rate limit", async () => {
    await sandbox.fault({ kind: 'rate-limit', retryAfterSeconds: 90 });
    const { retryAfterMs = 0 } = await failureOf(post(tweet()));
    expect(retryAfterMs).toBeGreaterThan(80_000);
    expect(retryAfterMs).toBeLessThanOrEqual(91_000);
  });

  it('knows that nothing was published when nobody listens, or when a picture failed before', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await waitFor(() => listener.listening);
    const { port } = listener.address() as AddressInfo;
    await new Promise((resolve) => listener.close(resolve));
    const unreachable = await hostFor({ apiUrl: `http://127.0.0.1:${port}` });
    const refused = unreachable.call('twitter', 'post_tweet', tweet(), publishedTweet, context());
    expect(await failureOf(refused)).toMatchObject({ code: 'UNAVAILABLE', outcome: 'NOT_APPLIED', retryable: true });
    await unreachable.close();

    await sandbox.fault({ match: { path: '/media/' }, kind: 'down', times: 1 });
    const withPicture = tweet({ media_urls: [`${sandbox.url}/media/1.png`] });
    expect(await failureOf(post(withPicture))).toMatchObject({ code: 'UNAVAILABLE', outcome: 'NOT_APPLIED' });
    expect(await failureOf(post(withPicture))).toMatchObject({ code: 'INVALID_INPUT', outcome: 'NOT_APPLIED' });
  });

  it('does not fetch pictures from private addresses that are not ours', async () => {
    const strict = await hostFor({ mediaOrigins: [] });
    const args = tweet({ media_urls: [`${sandbox.url}/media/1.png`] });
    const failure = await failureOf(strict.call('twitter', 'post_tweet', args, publishedTweet, context()));
    expect(failure).toMatchObject({ code: 'NOT_ALLOWED', outcome: 'NOT_APPLIED' });
    await strict.close();
  });

  it('counts as X does: 280 weighted characters pass, one more does not', async () => {
    const link = 'https://example.com/a/very/long/path/that/counts/as/twenty/three';
    await post(tweet({ text: `${'a'.repeat(256)} ${link}` }));
    expect(await failureOf(post(tweet({ text: `${'b'.repeat(257)} ${link}` })))).toMatchObject({
      code: 'INVALID_INPUT',
    });
    expect(await failureOf(post(tweet({ text: '日'.repeat(141) })))).toMatchObject({
      code: 'INVALID_INPUT',
      outcome: 'NOT_APPLIED',
    });
  });

  it('needs an account', async () => {
    const nobody = host.call('twitter', 'post_tweet', tweet(), publishedTweet, { ...context(), account: undefined });
    expect(await failureOf(nobody)).toMatchObject({ code: 'INVALID_INPUT', outcome: 'NOT_APPLIED' });
  });
});

describe('find_tweet', () => {
  it('finds a tweet that was accepted although its connection was lost', async () => {
    await sandbox.fault({ match: { path: '/2/tweets' }, kind: 'accepted-but-connection-lost' });
    const args = tweet();
    const since = justNow();
    expect(await failureOf(post(args))).toMatchObject({ code: 'UNAVAILABLE', outcome: 'UNKNOWN', retryable: false });
    const found = await find({ ...args, since });
    const published = (await sandbox.posts()).find(({ idempotencyKey }) => idempotencyKey === args.idempotency_key);
    expect(found).toMatchObject({
      found: true,
      certain: true,
      tweet_id: published?.externalId,
      posted_at: published?.at,
    });
  });

  it('finds a tweet that arrived after we stopped waiting, and is not certain of its absence before', async () => {
    await sandbox.fault({ match: { path: '/2/tweets' }, kind: 'slow', delayMs: 2 * TIMEOUT_MS });
    const args = tweet();
    const since = new Date().toISOString();
    const patient = await hostFor({ settleMs: 60_000 });
    expect(await failureOf(post(args))).toMatchObject({ code: 'TIMEOUT', outcome: 'UNKNOWN' });
    const early = await patient.call('twitter', 'find_tweet', { ...args, since }, findTweetOutput, context());
    expect(early.value).toEqual({ found: false, certain: false });
    await waitFor(async () => (await find({ ...args, since })).found);
    await patient.close();
  });

  it('is certain that a refused tweet is absent', async () => {
    await sandbox.fault({ match: { path: '/2/tweets' }, kind: 'down' });
    const args = tweet();
    await failureOf(post(args));
    expect(await find({ ...args, since: justNow() })).toEqual({ found: false, certain: true });
  });

  it('finds by exact content where the platform keeps no keys, replies apart from tweets', async () => {
    const text = 'Content & <only> 🌞';
    await fetch(`${sandbox.url}/2/tweets`, {
      method: 'POST',
      headers: { authorization: 'Bearer x', 'x-account': 'ava' },
      body: JSON.stringify({ text }),
    });
    const query = { idempotency_key: 'unknown', text, since: justNow() };
    expect(await find(query)).toMatchObject({ found: true, certain: true });
    expect(await find({ ...query, reply_to: '123' })).toMatchObject({ found: false });
    expect(await find({ ...query, text: 'Content' })).toMatchObject({ found: false });
    expect(await find({ ...query, since: new Date(Date.now() + 120_000).toISOString() })).toMatchObject({
      found: false,
    });
  });

  it('looks through many pages', async () => {
    const wanted = tweet();
    await post(wanted, 'chatty');
    for (let index = 0; index < 230; index += 1) {
      await fetch(`${sandbox.url}/2/tweets`, {
        method: 'POST',
        headers: { authorization: 'Bearer x', 'x-account': 'chatty' },
        body: JSON.stringify({ text: `chatter ${index}` }),
      });
    }
    const { value } = await host.call(
      'twitter',
      'find_tweet',
      { ...wanted, since: justNow() },
      findTweetOutput,
      context('chatty'),
    );
    expect(value.found).toBe(true);
  });

  it('fails as an outage when the platform cannot be asked', async () => {
    await sandbox.fault({ match: { path: '/2/users/' }, kind: 'server-error', times: 5 });
    const asked = host.call(
      'twitter',
      'find_tweet',
      { ...tweet(), since: justNow() },
      findTweetOutput,
      context('dora'),
    );
    expect(await failureOf(asked)).toMatchObject({ code: 'UNAVAILABLE', outcome: 'NOT_APPLIED', retryable: true });
  });
});

describe('an account', () => {
  it('reads its mentions of the last hour and replies to one', async () => {
    const mentionId = await sandbox.mention('@Mia', 'fan_1', '@mia where is that jacket from?');
    const { mentions } = await host.readResource(
      'twitter',
      'twitter://mentions/recent',
      mentionsOutput,
      context('mia'),
    );
    expect(mentions).toMatchObject([{ id: mentionId, author: 'fan_1', text: '@mia where is that jacket from?' }]);
    const reply = {
      mention_id: mentionId,
      text: '@fan_1 vintage!',
      disclosure: 'AUTOMATED',
      idempotency_key: 'reply-1',
    };
    const { value } = await host.call('twitter', 'reply_to_mention', reply, publishedTweet, context('mia'));
    expect((await sandbox.posts()).at(-1)).toMatchObject({
      externalId: value.tweet_id,
      inReplyTo: mentionId,
      account: 'mia',
    });
    const found = await host.call(
      'twitter',
      'find_tweet',
      { idempotency_key: 'lost', text: 'x', reply_to: mentionId, since: justNow() },
      findTweetOutput,
      context('mia'),
    );
    expect(found.value.found).toBe(false);
  });

  it('has no mentions of somebody else, and none at all without an error', async () => {
    const { mentions } = await host.readResource(
      'twitter',
      'twitter://mentions/recent',
      mentionsOutput,
      context('lonely'),
    );
    expect(mentions).toEqual([]);
  });

  it('knows its profile, as a tool and as a resource', async () => {
    await post(tweet(), 'nora');
    const { value } = await host.call('twitter', 'get_profile_stats', {}, profileStatsOutput, context('nora'));
    expect(value).toMatchObject({ account: 'nora', tweets: 1, followers: expect.any(Number) });
    const resource = await host.readResource('twitter', 'twitter://profile/stats', profileStatsOutput, context('nora'));
    expect(resource).toMatchObject({ account: 'nora', tweets: 1 });
  });

  it('reports a failing resource with its code', async () => {
    await sandbox.fault({ match: { path: '/2/users/' }, kind: 'unauthorized', times: 2 });
    const reading = host.readResource('twitter', 'twitter://mentions/recent', mentionsOutput, context('oscar'));
    expect(await failureOf(reading)).toMatchObject({ code: 'AUTH_FAILED' });
  });
});

it('lets go of the platform when the caller aborts', async () => {
  await sandbox.fault({ match: { path: '/2/tweets' }, kind: 'slow', delayMs: 60_000 });
  const controller = new AbortController();
  const posting = failureOf(
    host.call('twitter', 'post_tweet', tweet(), publishedTweet, { ...context(), signal: controller.signal }),
  );
  setImmediate(() => controller.abort());
  expect(await posting).toMatchObject({ code: 'ABORTED', outcome: 'UNKNOWN' });
});
