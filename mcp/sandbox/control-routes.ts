import { z } from 'zod';
import type { Faults } from './faults.ts';
import { faultSchema } from './faults.ts';
import type { Answer, Route } from './http.ts';
import { parseJson } from './http.ts';
import { escapeXml } from './poster.ts';
import type { SandboxPost, World } from './world.ts';
import { normalizeHandle } from './world.ts';

const handle = z.string().trim().min(1).max(50);
const mentionsSchema = z.array(
  z.strictObject({
    account: handle,
    author: handle,
    text: z.string().min(1).max(1000),
    id: z
      .string()
      .regex(/^\d{1,19}$/)
      .optional(),
  }),
);

function invalid(error: z.ZodError): Answer {
  return { status: 400, body: { error: z.prettifyError(error) } };
}

/** Where `tweet_url` leads. */
function pageOf(post: SandboxPost): Answer {
  const pictures = post.mediaFiles.map((file) => `<img src="/media/${file}" alt="" width="500">`).join('');
  const html = `<!doctype html><meta charset="utf-8"><title>@${escapeXml(post.account)}</title>
<body style="font:18px sans-serif;max-width:32em;margin:3em auto"><b>@${escapeXml(post.account)}</b>
<p style="white-space:pre-wrap">${escapeXml(post.text)}</p>${pictures}<p><small>${post.at} · ${escapeXml(post.disclosure ?? '')}</small>`;
  return { status: 200, bytes: Buffer.from(html), headers: { 'content-type': 'text/html; charset=utf-8' } };
}

/** What a test or a demonstration asks of the sandbox itself: no platform has these. */
export function controlRoutes(world: World, faults: Faults, baseUrl: () => string): Route[] {
  return [
    {
      method: 'GET',
      pattern: /^\/health$/,
      handle: () => ({ status: 200, body: { status: 'UP', posts: world.posts.length } }),
    },
    {
      method: 'GET',
      pattern: /^\/posts$/,
      handle: () => ({
        status: 200,
        body: world.posts.map((post) => ({
          platform: 'TWITTER',
          externalId: post.id,
          text: post.text,
          mediaUrls: post.mediaFiles.map((file) => `${baseUrl()}/media/${file}`),
          idempotencyKey: post.idempotencyKey,
          at: post.at,
          inReplyTo: post.inReplyTo,
          account: post.account,
          disclosure: post.disclosure,
        })),
      }),
    },
    {
      method: 'GET',
      pattern: /^\/(?<account>[^/]+)\/status\/(?<id>\d+)$/,
      handle({ params }) {
        const post = world.postsOf(normalizeHandle(params.account ?? '')).find(({ id }) => id === params.id);
        return post ? pageOf(post) : { status: 404, body: { title: 'Not Found' } };
      },
    },
    {
      method: 'POST',
      pattern: /^\/control\/mentions$/,
      handle(request) {
        const parsed = mentionsSchema.safeParse(parseJson(request.body));
        if (!parsed.success) return invalid(parsed.error);
        const ids = parsed.data.map(({ account, author, text, id = world.newId() }) => {
          world.addMention({ id, account: normalizeHandle(account), author, text, at: new Date().toISOString() });
          return { id };
        });
        return { status: 201, body: ids };
      },
    },
    {
      method: 'POST',
      pattern: /^\/control\/faults$/,
      handle(request) {
        const parsed = faultSchema.safeParse(parseJson(request.body));
        if (!parsed.success) return invalid(parsed.error);
        faults.add(parsed.data);
        return { status: 201, body: faults.list() };
      },
    },
    { method: 'GET', pattern: /^\/control\/faults$/, handle: () => ({ status: 200, body: faults.list() }) },
    {
      method: 'DELETE',
      pattern: /^\/control\/faults$/,
      handle() {
        faults.clear();
        return { status: 200, body: [] };
      },
    },
  ];
}
