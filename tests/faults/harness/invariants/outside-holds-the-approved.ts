import { digestOf } from '../../../../platform/canonical-json.ts';
import type { SandboxPost, World } from '../world.ts';
import type { Violations } from './violations.ts';
import { say } from './violations.ts';

interface EffectRow extends Record<string, unknown> {
  id: string;
  status: string;
  server: string;
  tool: string;
  payload: { account: string; text: string; media_urls?: string[] };
  payloadDigest: string;
  idempotencyKey: string;
  externalId: string | null;
  taskStatus: string;
  posted: string | null;
  /** The texts that the Judge or a person approved of its task. */
  approved: (string | null)[];
}

/** What the outside holds is what the Judge or a person approved: each confirmed effect once, under its key, digest and account, and nothing else. */
export async function outsideHoldsTheApproved(world: World): Promise<Violations> {
  const effects = await world.services.sql<EffectRow>(
    `SELECT e.id, e.status, e.server, e.tool, e.payload, e."payloadDigest", e."idempotencyKey", e."externalId", t.status AS "taskStatus", p."externalId" AS posted,
       array(SELECT coalesce(r."editedContent", r.content)->>'text' FROM "Review" r WHERE r."taskId" = t.id AND r.status IN ('APPROVED', 'EDITED')
         UNION ALL SELECT r.output->>'text' FROM "Result" r WHERE r."taskId" = t.id AND r.verdict = 'APPROVED') AS approved
     FROM "Effect" e JOIN "Task" t ON t.id = e."taskId" LEFT JOIN "Post" p ON p."taskId" = t.id`,
  );
  const unsent = await world.services.sql(
    `SELECT t.id, t.type FROM "Task" t WHERE t.type IN ('POST_CONTENT', 'REPLY_COMMENT') AND t.status = 'COMPLETE' AND NOT EXISTS (SELECT 1 FROM "Effect" e WHERE e."taskId" = t.id AND e.status = 'CONFIRMED')`,
  );
  const posts = await world.posts();
  const byKey = new Map<string, SandboxPost[]>();
  for (const post of posts)
    byKey.set(post.idempotencyKey ?? '', [...(byKey.get(post.idempotencyKey ?? '') ?? []), post]);
  const approved = new Set(
    effects.filter(({ status }) => status === 'CONFIRMED').map(({ idempotencyKey }) => idempotencyKey),
  );
  const wrong = effects.flatMap((effect): unknown[] => {
    const { id, status, server, tool, payload } = effect;
    const held = byKey.get(effect.idempotencyKey) ?? [];
    if (digestOf({ server, tool, payload }) !== effect.payloadDigest)
      return [{ id, problem: 'the payload is not what its digest says' }];
    if (status !== 'CONFIRMED')
      return held.length === 0 ? [] : [{ id, status, problem: 'held outside, and not confirmed' }];
    const [post] = held;
    if (held.length !== 1 || !post) return [{ id, problem: `held ${held.length} times` }];
    if (post.text !== payload.text || post.externalId !== effect.externalId || effect.posted !== effect.externalId)
      return [{ id, problem: 'another text or id than approved', post }];
    if (!effect.approved.includes(post.text)) return [{ id, problem: 'a text that nobody approved', post }];
    if (post.account !== payload.account.replace(/^@/, '').toLowerCase())
      return [{ id, problem: 'under another account than approved', post }];
    if (post.mediaUrls.length !== (payload.media_urls ?? []).length)
      return [{ id, problem: 'with other pictures than approved', post }];
    return effect.taskStatus === 'COMPLETE' ? [] : [{ id, problem: `its task is ${effect.taskStatus}` }];
  });
  return [
    ...say(wrong, 'effects that are not outside as they should'),
    ...say(unsent, 'published by their own account, and never confirmed'),
    ...say(
      posts.filter((post) => !approved.has(post.idempotencyKey ?? '')),
      'posts that nobody approved',
    ),
  ];
}
