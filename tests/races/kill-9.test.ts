import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestSwarm } from '../support/swarm.ts';
import { startTestSwarm } from '../support/swarm.ts';
import {
  createTestAgent,
  createTestCampaign,
  expectEventsGapFree,
  expectLedgerConsistent,
  expectPublishedExactlyOnce,
  settleApproving,
} from '../support/swarm-run.ts';
import { waitFor } from '../support/wait-for.ts';

const POSTS = 18;
const SEED = 20261120;
const KILLS = 3;

/** mulberry32: the same moments in every run. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('a swarm that is killed', () => {
  let swarm: TestSwarm;
  let running: ChildProcess | null = null;
  const home = mkdtempSync(path.join(os.tmpdir(), 'chimera-killed-'));
  beforeAll(async () => {
    swarm = await startTestSwarm();
    await swarm.halt(); // only its database, its key prefix and its sandbox are wanted
  });
  afterAll(async () => {
    if (running) await kill(running);
    await swarm.stop();
    rmSync(home, { recursive: true, force: true });
  });

  function start(): ChildProcess {
    const child = spawn(process.execPath, ['--import', 'tsx', 'tests/support/swarm-process.ts'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env.PATH,
        CHIMERA_HOME: home,
        DATABASE_URL: swarm.testDatabase.adminUrl,
        REDIS_URL: swarm.redisUrl,
        REDIS_PREFIX: swarm.prefix,
        SANDBOX_URL: swarm.sandboxUrl,
        LEASE_SECONDS: '2',
        RECONCILE_SECONDS: '1',
      },
    });
    running = child;
    return child;
  }

  async function kill(child: ChildProcess): Promise<void> {
    running = null;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Leases and reservations run out, and no tweet is on its way any more: a quarter of an hour passes while nobody runs. */
  async function letTimePass(): Promise<void> {
    await swarm.relayDatabase.query(
      `UPDATE "Effect" SET "leaseExpiresAt" = now(), "sentAt" = "sentAt" - interval '15 minutes' WHERE status = 'SENT'`,
    );
    await swarm.relayDatabase.query(`UPDATE "SpendEntry" SET "expiresAt" = now() WHERE status = 'RESERVED'`);
    await swarm.relayDatabase.query(
      `UPDATE "Campaign" SET "planLeaseExpiresAt" = now() WHERE "planLeaseExpiresAt" IS NOT NULL`,
    );
  }

  it('and started again, at any moment, publishes every approved payload exactly once and leaves nothing open', async () => {
    const random = seededRandom(SEED);
    const agentId = await createTestAgent(swarm);
    const campaignId = await createTestCampaign(swarm, agentId, POSTS, { budgetTotalUsd: '0.95' });
    const { prisma } = swarm.context().db;
    const finished = async () =>
      (await prisma.result.count({ where: { task: { campaignId } } })) + (await prisma.post.count());
    const total = POSTS * 3; // a draft, an assembled post, a publication each
    for (let killed = 0; killed < KILLS; killed += 1) {
      const moment = Math.floor(((killed + random()) / KILLS) * total * 0.9);
      const child = start();
      await waitFor(async () => child.exitCode !== null || (await finished()) >= moment, {
        intervalMs: 2,
        timeoutMs: 60_000,
        message: `${moment} steps`,
      });
      expect(child.exitCode, 'the swarm ended by itself').toBeNull();
      await kill(child);
      await letTimePass();
    }
    start();
    await settleApproving(swarm, campaignId, 60_000);
    await expectPublishedExactlyOnce(swarm);
    expect((await swarm.posts()).map((post) => post.account)).toEqual(Array(POSTS).fill('selam'));
    await waitFor(async () => {
      const [outbox] = await swarm.relayDatabase.query<{ n: number }>('SELECT count(*)::int AS n FROM "Outbox"');
      return outbox?.n === 0;
    });
    await expectEventsGapFree(swarm);
    expect(await expectLedgerConsistent(swarm)).toBeGreaterThan(0);
  }, 180_000);
});
