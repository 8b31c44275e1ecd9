import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';

/** The run's Redis with a key prefix of one's own (for BullMQ's `prefix`, keys and channels alike): no file sees another's. */
export function createTestRedis(): { url: string; prefix: string } {
  return { url: inject('redisUrl'), prefix: `test-${randomBytes(8).toString('hex')}` };
}
