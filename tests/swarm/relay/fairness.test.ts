import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ScheduledJob } from '../../../domain/jobs.ts';
import { recordEvents } from '../../../domain/outbox.ts';
import type { TaskChange } from '../../../domain/task/cancel-tasks.ts';
import { TASK_CHANGE_COLUMNS, taskEvent } from '../../../domain/task/cancel-tasks.ts';
import { systemClock } from '../../../platform/clock.ts';
import { newId } from '../../../platform/ids.ts';
import type { Queues } from '../../../swarm/queues.ts';
import { reconcile } from '../../../swarm/relay/reconcile.ts';
import { createScriptedModel, SURE } from '../../support/scripted-model.ts';
import type { TestSwarm } from '../../support/swarm.ts';
import { startTestSwarm } from '../../support/swarm.ts';
import { createTestAgent } from '../../support/swarm-run.ts';
import { waitFor } from '../../support/wait-for.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const SLOTS = 8;
const FLOOD = 10_000;
/** Of the flood, what was in hand or about to be when the single task came: not the flood. */
const FEW = SLOTS * 8;
const INPUT = { platform: 'TWITTER', topic: 'a handwoven netela from Shiro Meda' };

describe('a flood of 10,000 tasks of one agent', () => {
  let swarm: TestSwarm;
  let flooding: string;
  let other: string;
  beforeAll(async () => {
    swarm = await startTestSwarm({ model: createScriptedModel({ ...SURE }), settings: { workerConcurrency: SLOTS } });
    const named = (name: string) =>
      createTestAgent(swarm, { name, socialHandles: [{ platform: 'TWITTER', username: name.toLowerCase() }] });
    [flooding, other] = [await named('Flooding'), await named('Other')];
    await queue(flooding, FLOOD, 5);
    await waitFor(async () => ((await taskQueue())?.waiting ?? 0) > FLOOD * 0.9, { timeoutMs: 30_000 });
  });
  afterAll(() => swarm.stop());

  const taskQueue = async () => (await swarm.queues.stats()).find(({ name }) => name === 'task');

  /** Tasks that become due now, with their events, as whatever queues tasks does. */
  async function queue(agentId: string, count: number, priority: number): Promise<string[]> {
    const { db, tenantId, traceId } = swarm.context();
    return db.transaction(async (sql) => {
      const tasks = await sql.query<TaskChange>(
        `INSERT INTO "Task" AS t (id, "tenantId", "agentId", type, status, priority, input, "traceId")
         SELECT id, $2, $3, 'GENERATE_POST', 'QUEUED', $4, $5, $6 FROM unnest($1::uuid[]) AS id RETURNING ${TASK_CHANGE_COLUMNS}`,
        [Array.from({ length: count }, newId), tenantId, agentId, priority, INPUT, traceId],
      );
      await recordEvents(
        sql,
        tenantId,
        traceId,
        tasks.map((task) => taskEvent(task, 'CREATED')),
      );
      return tasks.map(({ id }) => id);
    });
  }

  /** How many tasks of the flood were started between the queueing of a task and its own start. */
  async function overtakenBy(id: string): Promise<number> {
    await waitFor(
      async () => (await swarm.context().db.prisma.task.findUniqueOrThrow({ where: { id } })).startedAt !== null,
      { timeoutMs: 30_000 },
    );
    const [row] = await swarm.context().db.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM "Task" t, "Task" single WHERE single.id = $1 AND t.id <> single.id
         AND t."startedAt" BETWEEN single."createdAt" AND single."startedAt"`,
      [id],
    );
    return row?.count ?? Number.NaN;
  }

  it('does not hold up another agent’s single task', async () => {
    const [single] = await queue(other, 1, 1);
    expect(await overtakenBy(single ?? '')).toBeLessThan(FEW);
  });

  it('does not hold up a more urgent task of the same agent', async () => {
    const [urgent] = await queue(flooding, 1, 6);
    expect(await overtakenBy(urgent ?? '')).toBeLessThan(FEW);
  });

  it('is compared with the queues by the reconciler, not added to them again', async () => {
    await swarm.halt();
    const added: ScheduledJob[] = [];
    const queues: Queues = { ...swarm.queues, schedule: async (jobs) => void added.push(...jobs) };
    const due = await reconcile(swarm.relayDatabase, queues, systemClock);
    expect(due.task).toBeGreaterThan(FLOOD / 2);
    expect(added.length).toBeLessThan(FEW);
  });
});
