import type { SandboxPost } from '../world.ts';
import type { Scene } from './look-at-planted.ts';
import type { Plants } from './plants.ts';
import { one, PUBLISHED, sql, tell, unshown } from './plants.ts';

const EFFECT = one('Effect', `status = 'CONFIRMED'`);
/** The outside holds one post otherwise than it does. */
const held = (change: Partial<SandboxPost>) => (scene: Scene) => {
  const { posts } = scene.world;
  scene.world = {
    ...scene.world,
    posts: async () => (await posts()).map((post, index) => (index === 0 ? { ...post, ...change } : post)),
  };
};
/** Something arrives outside that the product did not send. */
const posted =
  (choose: (first: SandboxPost) => { text?: string; account?: string; key?: string | null; reply?: string }) =>
  async ({ world }: Scene) => {
    const [first] = await world.posts();
    if (!first) throw new Error('nothing was published');
    const { text = first.text, account = first.account, key = 'a key of its own', reply } = choose(first);
    const response = await fetch(`http://127.0.0.1:${world.role('effects').proxies.sandbox.port}/2/tweets`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: 'Bearer anybody',
        'x-account': account,
        ...(key ? { 'idempotency-key': key } : {}),
      },
      body: JSON.stringify({ text, ...(reply ? { reply: { in_reply_to_tweet_id: reply } } : {}) }),
    });
    if (response.status !== 201) throw new Error(`the outside refuses it: ${await response.text()}`);
  };

/** The outside holds exactly the approved payloads, each once. */
export const outsidePlants: Plants = {
  'a post of its own': { says: 'posts that nobody approved', plant: posted(() => ({ text: 'Buy now!' })) },
  'a post without a key': { says: 'posts that nobody approved', plant: posted(() => ({ text: 'Buy!', key: null })) },
  'an approved text once more under another key': {
    says: 'posts that nobody approved',
    plant: posted(({ externalId }) => ({ key: 'again', reply: externalId })),
  },
  'an approved text once more under its key': {
    says: 'held 2 times',
    plant: posted(({ idempotencyKey }) => ({ key: idempotencyKey, account: 'somebody' })),
  },
  'a post that got lost': {
    says: 'held 0 times',
    plant: (scene) => {
      const { posts } = scene.world;
      scene.world = { ...scene.world, posts: async () => (await posts()).slice(1) };
    },
  },
  'a post that was not confirmed': {
    says: 'held outside, and not confirmed',
    plant: sql(`UPDATE "Effect" SET status = 'FAILED', "confirmedAt" = NULL WHERE id = ${EFFECT}`),
  },
  'a publication that never went out': {
    says: 'never confirmed',
    plant: async (scene) => {
      const { posts, services } = scene.world;
      const [gone] = await services.sql(`DELETE FROM "Effect" WHERE id = ${EFFECT} RETURNING "externalId"`);
      scene.world = {
        ...scene.world,
        posts: async () => (await posts()).filter((post) => post.externalId !== gone?.externalId),
      };
    },
  },
  'a payload that was changed': {
    says: 'not what its digest says',
    plant: sql(`UPDATE "Effect" SET payload = jsonb_set(payload, '{text}', '"Buy!"') WHERE id = ${EFFECT}`),
  },
  'another text': {
    says: 'another text or id',
    plant: held({ text: 'Buy!' }),
  },
  'another id': {
    says: 'another text or id',
    plant: sql(`UPDATE "Effect" SET "externalId" = '1' WHERE id = ${EFFECT}`),
  },
  'another id that the API shows': {
    says: 'another text or id',
    plant: sql(`UPDATE "Post" SET "externalId" = '1' WHERE "taskId" = ${PUBLISHED}`),
  },
  'another account': { says: 'another account', plant: held({ account: 'somebody' }) },
  'another picture': { says: 'other pictures', plant: held({ mediaUrls: ['http://x'] }) },
  'a verdict that was none': {
    says: 'a text that nobody approved',
    plant: sql(`UPDATE "Result" SET verdict = 'REJECTED' WHERE "taskId" = ${PUBLISHED} AND verdict = 'APPROVED'`),
  },
  'a verdict about another text': {
    says: 'a text that nobody approved',
    plant: sql(`UPDATE "Result" SET output = jsonb_set(output, '{text}', '"Buy!"') WHERE "taskId" = ${PUBLISHED}`),
  },
  'a post of a task that was cancelled': {
    says: 'its task is CANCELLED',
    plant: unshown(
      sql(tell('task', PUBLISHED, 'CANCELLED'), `UPDATE "Task" SET status = 'CANCELLED' WHERE id = ${PUBLISHED}`),
    ),
  },
};
