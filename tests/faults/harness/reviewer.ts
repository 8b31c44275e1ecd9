import { setTimeout as delay } from 'node:timers/promises';
import type { World } from './world.ts';

const PAUSE_MS = 100;
const AT_ONCE = 8;
const REJECTED_EVERY = 10;

/** People who decide whatever waits for them, through the gateway: one of ten is rejected. */
export interface Reviewer {
  decided(): number;
  stop(): Promise<void>;
}

export function startReviewer(world: World): Reviewer {
  let stopped = false;
  let decided = 0;

  async function decide(review: { id: string; tenantId: string; version: number }): Promise<void> {
    const tenant = world.tenants.find(({ id }) => id === review.tenantId);
    const field = Number.parseInt(review.id.slice(-4), 16) % REJECTED_EVERY === 0 ? 'rejectReview' : 'approveReview';
    const answer = await tenant?.ask(
      `mutation ($input: DecideReviewInput!) { ${field}(input: $input) { __typename } }`,
      {
        input: {
          id: Buffer.from(`Review:${review.id}`).toString('base64'),
          expectedVersion: review.version,
          feedback: 'Say something else.',
        },
      },
    );
    if (answer?.[field].__typename.endsWith('Success')) decided += 1;
  }

  async function run(): Promise<void> {
    while (!stopped) {
      const waiting = await world.services
        .sql<{ id: string; tenantId: string; version: number }>(
          `SELECT id, "tenantId", version FROM "Review" WHERE status = 'PENDING' ORDER BY "createdAt" LIMIT $1`,
          [AT_ONCE],
        )
        .catch(() => []);
      // A gateway that is away, a lost race, a paused campaign: it is looked at again.
      await Promise.allSettled(waiting.map(decide));
      await delay(PAUSE_MS);
    }
  }
  const running = run();
  return {
    decided: () => decided,
    async stop() {
      stopped = true;
      await running;
    },
  };
}
