import { z } from 'zod';
import { newId } from '../../platform/ids.ts';
import type { Redis } from '../../platform/redis.ts';
import type { MemoryScope } from './memory-store.ts';

const KEPT_MS = 3_600_000;
const MAX_ITEMS = 100;
/** Short-term memory is a convenience: nobody waits longer for it. */
const ANSWER_WITHIN_MS = 500;

const itemSchema = z.object({
  kind: z.string(),
  content: z.string(),
  conversationId: z.string().optional(),
  at: z.coerce.date(),
});
export type ShortTermItem = z.infer<typeof itemSchema>;

export interface ShortTermMemory {
  /** Newest first. Empty when Redis cannot be reached or does not answer within half a second. */
  recall(scope: MemoryScope, options: { limit: number; conversationId?: string }): Promise<ShortTermItem[]>;
  /** Lost without a word when Redis cannot be reached. */
  remember(scope: MemoryScope, item: Omit<ShortTermItem, 'at'> & { at?: Date }): Promise<void>;
}

/** What an agent did and heard in the last hour, 100 items at most. Never throws: an agent works without it. */
export function createShortTermMemory(options: {
  redis: Redis;
  /** Before every key. */
  prefix: string;
  onError?: (error: unknown) => void;
}): ShortTermMemory {
  const { redis, prefix, onError = () => undefined } = options;
  const keyOf = ({ tenantId, agentId }: MemoryScope): string => `${prefix}:short-term:${tenantId}:${agentId}`;

  async function survive<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('short-term memory did not answer')), ANSWER_WITHIN_MS);
    });
    try {
      return await Promise.race([work(), late]);
    } catch (error) {
      onError(error);
      return otherwise;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    remember(scope, { at = new Date(), ...item }) {
      const key = keyOf(scope);
      // The id keeps two equal items of one millisecond apart: members of a sorted set are unique.
      const member = JSON.stringify({ ...item, at, id: newId() });
      return survive(async () => {
        const answers = await redis
          .multi()
          .zadd(key, at.getTime(), member)
          .zremrangebyscore(key, '-inf', Date.now() - KEPT_MS)
          .zremrangebyrank(key, 0, -MAX_ITEMS - 1)
          .pexpire(key, KEPT_MS)
          .exec();
        const failed = answers?.find(([error]) => error)?.[0];
        if (failed) throw failed;
      }, undefined);
    },
    recall(scope, { limit, conversationId }) {
      return survive(async () => {
        const members = await redis.zrevrangebyscore(keyOf(scope), '+inf', Date.now() - KEPT_MS);
        return members
          .map((member) => itemSchema.parse(JSON.parse(member)))
          .filter((item) => conversationId === undefined || item.conversationId === conversationId)
          .slice(0, limit);
      }, []);
    },
  };
}
