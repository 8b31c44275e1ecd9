import { digestOf } from '../../platform/canonical-json.ts';
import { ValidationError } from '../errors.ts';
import type { Platform, TaskType } from '../task/task-types.ts';
import { postContentOutput, replyCommentOutput } from '../task/task-types.ts';

/** The MCP server that publishes on a platform. A platform without one is refused when a plan is validated. */
const PUBLISHING_SERVERS: Partial<Record<Platform, string>> = { TWITTER: 'twitter' };

export const isPublishable = (platform: Platform): boolean => PUBLISHING_SERVERS[platform] !== undefined;

/** The one outside call that an approved output becomes. */
export interface EffectCall {
  server: string;
  tool: string;
  payload: Record<string, unknown>;
  payloadDigest: string;
  idempotencyKey: string;
}

function toolCall(
  type: TaskType,
  output: unknown,
  account: string,
): { platform: Platform; tool: string; payload: Record<string, unknown> } {
  switch (type) {
    case 'POST_CONTENT': {
      const post = postContentOutput.parse(output);
      return {
        platform: post.platform,
        tool: 'post_tweet',
        payload: { account, text: post.text, media_urls: post.mediaUrls, disclosure: post.disclosure },
      };
    }
    case 'REPLY_COMMENT': {
      const reply = replyCommentOutput.parse(output);
      return {
        platform: reply.platform,
        tool: 'reply_to_mention',
        payload: { account, mention_id: reply.inReplyTo, text: reply.text, disclosure: reply.disclosure },
      };
    }
    default:
      throw new ValidationError([{ path: ['type'], message: `${type} has no effect outside` }]);
  }
}

/**
 * The call for exactly this approved output, with a digest that the executor checks before it sends, and a key derived
 * from the business intent (tenant/task/digest): sending it again is the same intent.
 */
export function effectCall(
  task: { tenantId: string; id: string; type: TaskType; account: string },
  output: unknown,
): EffectCall {
  const { platform, tool, payload } = toolCall(task.type, output, task.account);
  const server = PUBLISHING_SERVERS[platform];
  if (!server) throw new ValidationError([{ path: ['platform'], message: `no MCP server publishes on ${platform}` }]);
  const payloadDigest = digestOf({ server, tool, payload });
  return { server, tool, payload, payloadDigest, idempotencyKey: `${task.tenantId}/${task.id}/${payloadDigest}` };
}

/** The account an agent publishes under: its handle on the platform, else its name as a handle. */
export const accountOf = (agentName: string, handle: string | null): string =>
  handle ??
  (agentName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 30) ||
    'agent');
