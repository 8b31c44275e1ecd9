import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { effectCall } from '../../../domain/effect/effect-call.ts';
import { recordEvents } from '../../../domain/outbox.ts';
import { approveReview } from '../../../domain/review/decide-review.ts';
import { applyApprovals } from '../../../domain/task/apply-approval.ts';
import { newId } from '../../../platform/ids.ts';
import type { TestSwarm } from '../../support/swarm.ts';
import { startTestSwarm } from '../../support/swarm.ts';
import { createTestAgent, expectPublishedExactlyOnce } from '../../support/swarm-run.ts';
import { waitFor } from '../../support/wait-for.ts';

/** The promise of a scheduled post: not before its time, and at most this long after it. */
const PRECISION_MS = 2_000;
const LOOK_MS = 20;

describe('a scheduled post', () => {
  let swarm: TestSwarm;
  beforeAll(async () => {
    swarm = await startTestSwarm();
  });
  afterAll(() => swarm.stop());
  const prisma = () => swarm.context().db.prisma;

  /** A post approved for this moment, as the Judge approves it. */
  async function scheduleFor(account: string, scheduledFor: Date): Promise<string> {
    const agentId = await createTestAgent(swarm, {
      name: account,
      socialHandles: [{ platform: 'TWITTER', username: account }],
    });
    const context = swarm.context();
    const { tenantId } = context;
    const taskId = newId();
    const output = { platform: 'TWITTER', text: `On time, says ${account}.`, mediaUrls: [], disclosure: 'AUTOMATED' };
    const effect = effectCall({ tenantId, id: taskId, type: 'POST_CONTENT', account }, output);
    await context.db.transaction(async (sql) => {
      await sql.query(
        `INSERT INTO "Task" (id, "tenantId", "agentId", type, status, input, attempt, "scheduledFor", "traceId")
         VALUES ($1, $2, $3, 'POST_CONTENT', 'IN_REVIEW', '{"platform":"TWITTER"}', 1, $4, 'test')`,
        [taskId, tenantId, agentId, scheduledFor],
      );
      const approval = {
        taskId,
        attempt: 1,
        stateVersion: 1,
        output,
        effect,
        approvedByUserId: null,
        approvedBy: 'judge',
      };
      const approved = await applyApprovals(sql, tenantId, 'IN_REVIEW', [approval]);
      await recordEvents(sql, tenantId, context.traceId, approved.events);
    });
    return taskId;
  }
  const postOf = async (account: string) => (await swarm.posts()).find((post) => post.account === account);
  const inMs = (ms: number) => new Date(Date.now() + ms);

  /** Waits for the publication; the longest pause between two looks says how long this machine stood still. */
  async function watch(account: string): Promise<{ lateMs: (due: Date) => number; stalledMs: number }> {
    let stalledMs = 0;
    let lookedAt = performance.now();
    const post = await waitFor(
      async () => {
        const found = await postOf(account);
        const now = performance.now();
        stalledMs = Math.max(stalledMs, now - lookedAt);
        lookedAt = now;
        return found;
      },
      { intervalMs: LOOK_MS, timeoutMs: 20_000, message: 'the publication' },
    );
    return { lateMs: (due) => Date.parse(post.at) - due.getTime(), stalledMs };
  }

  async function expectPunctual(account: string, due: Date): Promise<void> {
    const { lateMs, stalledMs } = await watch(account);
    expect(lateMs(due)).toBeGreaterThanOrEqual(0);
    expect(lateMs(due)).toBeLessThanOrEqual(PRECISION_MS + stalledMs);
  }
  const published = (taskId: string) =>
    waitFor(() => prisma().task.findFirst({ where: { id: taskId, status: 'COMPLETE' } }), { message: 'published' });

  it('is published at its time', async () => {
    const due = inMs(2_000);
    await scheduleFor('punctual', due);
    await expectPunctual('punctual', due);
  });

  it('is published at its time also when Redis has lost its job', async () => {
    const due = inMs(5_000);
    await scheduleFor('forgotten', due);
    const keys = await waitFor(async () => {
      const found = await swarm.redis.keys(`*${swarm.prefix}-effect-*`);
      return found.some((key) => key.endsWith(':delayed')) ? found : null;
    });
    await swarm.redis.del(keys);
    expect(Date.now()).toBeLessThan(due.getTime());
    await expectPunctual('forgotten', due);
  });

  it('whose time passed while everything was down is published late within the grace, and goes to a person beyond it', async () => {
    await swarm.halt();
    const [soon, past] = [inMs(500), inMs(-3_600_000)];
    const within = await scheduleFor('soon', soon);
    const beyond = await scheduleFor('late', past);
    await waitFor(() => Date.now() > soon.getTime());
    expect(await swarm.posts()).toHaveLength(2);
    swarm.resume();
    await published(within);
    const review = await waitFor(() => prisma().review.findFirst({ where: { taskId: beyond } }));
    expect(review.reasons[0]).toContain(past.toISOString());
    expect(review.reasons[0]).toContain('more than the grace of 900 s');
    expect(await postOf('late')).toBeUndefined();
    await approveReview(swarm.context(), { id: review.id, expectedVersion: review.version });
    await published(beyond);
    await expectPublishedExactlyOnce(swarm);
  });
});
