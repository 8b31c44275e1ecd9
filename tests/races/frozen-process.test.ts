import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { effectCall } from '../../domain/effect/effect-call.ts';
import { effectJob, taskJob } from '../../domain/jobs.ts';
import { applyApprovals } from '../../domain/task/apply-approval.ts';
import { newId } from '../../platform/ids.ts';
import type { TestSwarm } from '../support/swarm.ts';
import { startTestSwarm } from '../support/swarm.ts';
import { createTestAgent, expectPublishedExactlyOnce } from '../support/swarm-run.ts';
import { waitFor } from '../support/wait-for.ts';

/** An executor whose call could outlast its lease (35 s, the call 30 s) must not begin it. */
const EXECUTOR_SLACK_MS = 5_000;

describe('a process that froze and came back after somebody else took over', () => {
  let swarm: TestSwarm;
  let child: ChildProcess | null = null;
  let said = '';
  const home = mkdtempSync(path.join(os.tmpdir(), 'chimera-frozen-'));
  beforeAll(async () => {
    swarm = await startTestSwarm({ reconcileSeconds: 1 });
    await swarm.halt();
  });
  afterEach(async () => {
    if (child && child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    await swarm.halt();
  });
  afterAll(async () => {
    await swarm.stop();
    rmSync(home, { recursive: true, force: true });
  });
  const prisma = () => swarm.context().db.prisma;

  /** Starts the process alone, and resolves when it has frozen itself. */
  async function startUntilFrozen(stall: string): Promise<ChildProcess> {
    said = '';
    const started = spawn(process.execPath, ['--import', 'tsx', 'tests/support/stalling-process.ts'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        CHIMERA_HOME: home,
        DATABASE_URL: swarm.testDatabase.adminUrl,
        REDIS_URL: swarm.redisUrl,
        REDIS_PREFIX: swarm.prefix,
        SANDBOX_URL: swarm.sandboxUrl,
        LEASE_SECONDS: '2',
        LOG_LEVEL: 'warn',
        STALL: stall,
      },
    });
    child = started;
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
    await waitFor(() => said.includes('frozen\n') || started.exitCode !== null, {
      timeoutMs: 40_000,
      message: 'the process to freeze',
    });
    expect(started.exitCode, said).toBeNull();
    return started;
  }
  /** Thaws it, and resolves when it says that its report, or its call, was refused. */
  async function thaw(frozen: ChildProcess, refusal: RegExp): Promise<void> {
    frozen.kill('SIGCONT');
    await waitFor(() => refusal.test(said), { timeoutMs: 20_000, message: String(refusal) });
  }

  async function makePost(account: string) {
    const agentId = await createTestAgent(swarm, {
      name: account,
      socialHandles: [{ platform: 'TWITTER', username: account }],
    });
    const { tenantId } = swarm;
    const taskId = newId();
    const output = { platform: 'TWITTER', text: `Frozen, says ${account}.`, mediaUrls: [], disclosure: 'AUTOMATED' };
    const effect = effectCall({ tenantId, id: taskId, type: 'POST_CONTENT', account }, output);
    await swarm.context().db.transaction(async (sql) => {
      await sql.query(
        `INSERT INTO "Task" (id, "tenantId", "agentId", type, status, input, attempt, "traceId")
         VALUES ($1, $2, $3, 'POST_CONTENT', 'IN_REVIEW', '{"platform":"TWITTER"}', 1, 'test')`,
        [taskId, tenantId, agentId],
      );
      await applyApprovals(sql, tenantId, 'IN_REVIEW', [
        { taskId, attempt: 1, stateVersion: 1, output, effect, approvedByUserId: null, approvedBy: 'judge' },
      ]);
    });
    const { id } = await prisma().effect.findFirstOrThrow({ where: { taskId } });
    const job = { tenantId, id, agentId, attempt: 0, notBefore: null, traceId: 'test' };
    await swarm.queues.schedule([effectJob(job, Date.now())]);
    return { taskId, effectId: id };
  }
  /** Time passes: the lease of the frozen executor is over. */
  const endLease = (effectId: string) =>
    swarm.relayDatabase.query(`UPDATE "Effect" SET "leaseExpiresAt" = now() WHERE id = $1`, [effectId]);
  const confirmed = (effectId: string) =>
    waitFor(() => prisma().effect.findFirst({ where: { id: effectId, status: 'CONFIRMED' } }), {
      timeoutMs: 30_000,
      message: 'another executor to confirm it',
    });

  it('as a Worker can no longer write: its late result is refused', async () => {
    const agentId = await createTestAgent(swarm, { name: 'loom' });
    const [row] = await swarm.relayDatabase.query<{ id: string }>(
      `INSERT INTO "Task" (id, "tenantId", "agentId", type, status, input, "traceId")
       VALUES (gen_random_uuid(), $1, $2, 'GENERATE_POST', 'QUEUED', '{"platform":"TWITTER","topic":"handwoven cotton"}', 'test') RETURNING id`,
      [swarm.tenantId, agentId],
    );
    const id = row?.id ?? '';
    const { tenantId } = swarm;
    await swarm.queues.schedule([
      taskJob({ tenantId, id, agentId, attempt: 0, notBefore: null, traceId: 'test' }, Date.now()),
    ]);
    const frozen = await startUntilFrozen('in the model');
    swarm.resume();
    const done = await waitFor(
      () => prisma().task.findFirst({ where: { id, status: { in: ['COMPLETE', 'ESCALATED'] } } }),
      { timeoutMs: 30_000, message: 'another Worker to take over' },
    );
    expect(done.attempt).toBe(2);
    await thaw(frozen, /report refused: the claim was lost|"outcome":"LOST"/);
    expect(await prisma().task.findUnique({ where: { id } })).toEqual(done);
    const results = await prisma().result.findMany({ where: { taskId: id }, orderBy: { attempt: 'asc' } });
    expect(results.map(({ attempt, workerId, errorCode }) => [attempt, workerId === 'test', errorCode])).toEqual([
      [1, false, 'WORKER_TIMEOUT'],
      [2, true, null],
    ]);
  }, 120_000);

  it('as an executor cannot record what another has already learnt', async () => {
    const { effectId, taskId } = await makePost('answered');
    const frozen = await startUntilFrozen('after the answer');
    expect(await prisma().effect.findUnique({ where: { id: effectId } })).toMatchObject({ status: 'SENT' });
    await endLease(effectId);
    swarm.resume();
    const known = await confirmed(effectId);
    await thaw(frozen, /confirmation refused: the claim was lost/);
    expect(await prisma().effect.findUnique({ where: { id: effectId } })).toEqual(known);
    expect(await prisma().post.count({ where: { taskId } })).toBe(1);
    await expectPublishedExactlyOnce(swarm);
  }, 120_000);

  it('as an executor that had not called yet does not call any more', async () => {
    const { effectId } = await makePost('unsent');
    const frozen = await startUntilFrozen('before the call');
    const frozenAt = performance.now();
    expect((await swarm.posts()).map(({ account }) => account)).not.toContain('unsent');
    await endLease(effectId);
    swarm.resume();
    const known = await confirmed(effectId);
    await waitFor(() => performance.now() - frozenAt > EXECUTOR_SLACK_MS);
    await thaw(frozen, /not sent: the executor slept through its lease/);
    expect(await prisma().effect.findUnique({ where: { id: effectId } })).toEqual(known);
    await expectPublishedExactlyOnce(swarm);
  }, 120_000);
});
