import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { floodAgents, floodReviews, floodTasks } from './harness/floods.ts';
import type { Run } from './harness/run.ts';
import { startRun, violated } from './harness/run.ts';

/** `FLOOD=full` takes what a large installation may meet, and half an hour at most. */
const FULL = process.env.FLOOD === 'full';
const [TASKS, REVIEWS, AGENTS] = FULL ? [20_000, 10_000, 1_000] : [800, 1_000, 100];
const TIMEOUT_MS = FULL ? 1_800_000 : 240_000;

describe('a flood', () => {
  let run: Run;
  beforeAll(async () => {
    run = await startRun({ reconcileSeconds: 3, agentsATenant: 1 });
  }, 180_000);
  afterAll(() => run?.close());

  it(
    `of ${AGENTS} agents and of ${TASKS} tasks at once is worked off, and of each agent something soon`,
    async () => {
      await floodAgents(run, AGENTS);
      await floodTasks(run, TASKS);
      expect(violated(await run.check())).toEqual([]);
      const [row] = await run.world.services.sql<{ n: number }>(
        `SELECT count(*)::int AS n FROM "Task" WHERE type = 'GENERATE_POST' AND status = 'COMPLETE' AND "campaignId" IS NULL`,
      );
      expect(row?.n).toBeGreaterThan(TASKS * 0.9);
    },
    TIMEOUT_MS,
  );

  it(
    `of ${REVIEWS} reviews is shown and decided page by page`,
    async () => {
      await run.reviewer.stop();
      const [agent] = run.agents;
      if (!agent) throw new Error('there is no agent');
      await floodReviews(run, agent, REVIEWS);
      let after: string | null = null;
      let shown = 0;
      do {
        const { reviewQueue } = await agent.tenant.ask(
          'query ($after: String) { reviewQueue(first: 100, after: $after, filter: { status: [PENDING] }) { nodes { id version } pageInfo { hasNextPage endCursor } } }',
          { after },
        );
        shown += reviewQueue.nodes.length;
        after = reviewQueue.pageInfo.hasNextPage ? reviewQueue.pageInfo.endCursor : null;
      } while (after);
      expect(shown).toBeGreaterThanOrEqual(REVIEWS);
    },
    TIMEOUT_MS,
  );
});
