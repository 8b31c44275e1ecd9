import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requestPlan } from '../../../domain/campaign/campaign-row.ts';
import { claimPlan } from '../../../domain/campaign/claim-plan.ts';
import { readUnstarted } from '../../../domain/campaign/publications.ts';
import { replanCampaign } from '../../../domain/campaign/replan-campaign.ts';
import { setCampaignStatus } from '../../../domain/campaign/set-campaign-status.ts';
import type { PlannedTask } from '../../../domain/campaign/validate-plan.ts';
import { writePlan } from '../../../domain/campaign/write-plan.ts';
import { claimTasks } from '../../../domain/task/claim-tasks.ts';
import { giveUp } from '../../../domain/task/fail-attempt.ts';
import { createSeededRandom } from '../../../swarm/models/offline/seeded-random.ts';
import type { SeededTenant } from '../../support/seed.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { Domain } from '../domain-fixture.ts';
import { openDomain } from '../domain-fixture.ts';

const POSTS = 3;

let domain: Domain;
let tenant: SeededTenant;
let holder: pg.Client;
const revisions = new Set<number>();
beforeAll(async () => {
  domain = await openDomain({ poolSize: 20 });
  tenant = await domain.seed.tenant();
  holder = new pg.Client({ connectionString: domain.adminUrl });
  await holder.connect();
});
afterAll(async () => {
  await holder.end();
  await domain.close();
});
const context = () => domain.context(tenant.id);

/** Starts `works` one after the other behind a lock on the campaign's row, each waiting for it, and then lets them go. */
async function queueBehind(campaignId: string, works: readonly (() => Promise<unknown>)[]): Promise<void> {
  await holder.query('BEGIN');
  await holder.query('SELECT 1 FROM "Campaign" WHERE id = $1 FOR UPDATE', [campaignId]);
  const running: Promise<unknown>[] = [];
  for (const work of works) {
    let ended = false;
    const before = await waiting();
    running.push(
      work().finally(() => {
        ended = true;
      }),
    );
    await waitFor(async () => ended || (await waiting()) > before, { message: 'the lock to be waited for' });
  }
  await holder.query('COMMIT');
  await Promise.all(running);
}
const waiting = async (): Promise<number> =>
  (
    await domain.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
  )[0]?.n ?? 0;

const planned = (agentId: string): PlannedTask[] =>
  Array.from({ length: POSTS }, (_, n) => n).flatMap((n): PlannedTask[] => {
    const common = { agentId, priority: 5, scheduledFor: null };
    return [
      {
        ...common,
        key: `d${n}`,
        type: 'GENERATE_POST',
        input: { platform: 'TWITTER', topic: `new ${n}` },
        dependsOn: [],
      },
      { ...common, key: `p${n}`, type: 'POST_CONTENT', input: { platform: 'TWITTER' }, dependsOn: [`d${n}`] },
    ];
  });

test.each(Array.from({ length: 12 }, (_, seed) => seed))(
  'a re-plan among a commit, a pause, wishes, a failure and claims leaves one consistent revision (order %i)',
  async (seed) => {
    const agent = await tenant.agent();
    const past = new Date(Date.now() - 1_000);
    const campaign = await tenant.campaign([agent], { planDueReason: 'HUMAN', planDueAt: past, planRevision: 1 });
    const plan = await campaign.plan(1);
    const common = { campaignId: campaign.id, planId: plan.id };
    const topics = ['running', 'queued 1', 'queued 2'];
    const drafts = [];
    for (const topic of topics) {
      const status = topic === 'running' ? 'IN_PROGRESS' : 'QUEUED';
      const draft = await agent.task({ ...common, status, input: { platform: 'TWITTER', topic } });
      const publication = { type: 'POST_CONTENT', status: 'PENDING', openDependencies: 1 } as const;
      await (await agent.task({ ...common, ...publication })).dependsOn(draft.id);
      drafts.push(draft);
    }
    const { taskIds } = await readUnstarted(context().db, campaign.id);
    const claims = [await claimPlan(context(), campaign.id, 60)];
    await domain.sql('UPDATE "Campaign" SET "planLeaseExpiresAt" = NULL WHERE id = $1', [campaign.id]);
    claims.push(await claimPlan(context(), campaign.id, 60));
    const write = (claim: (typeof claims)[number]) => async () =>
      claim &&
      writePlan(context(), {
        campaignId: campaign.id,
        claimToken: claim.claimToken,
        stateVersion: claim.campaign.stateVersion,
        reason: 'HUMAN',
        note: claim.campaign.planDueNote,
        request: claim.campaign.planRequest,
        model: 'offline',
        settlements: [],
        tasks: planned(agent.id),
        replaces: taskIds,
        shortfall: null,
      });
    const [running] = drafts;
    const random = createSeededRandom(`race ${seed}`);
    const others = [
      () => setCampaignStatus(context(), { id: campaign.id, status: 'PAUSED' }),
      () => replanCampaign(context(), { id: campaign.id, note: 'Less fog.' }).catch(() => 'paused by then'),
      () =>
        context().db.transaction((sql) =>
          requestPlan(sql, campaign.id, { reason: 'HUMAN', note: 'The persona was changed.', movesState: true }),
        ),
      () => claimTasks(context(), [agent.id, agent.id], { workerId: 'w', leaseSeconds: 60, estimate: () => [] }),
      () =>
        context().db.transaction(async (sql) => {
          await sql.query(
            `UPDATE "Task" SET status = 'FAILED', "claimToken" = NULL, "leaseExpiresAt" = NULL, "errorCode" = 'WORKER_TIMEOUT', "completedAt" = now() WHERE id = $1 AND status = 'IN_PROGRESS'`,
            [running?.id],
          );
          const failed = { id: running?.id ?? '', campaignId: campaign.id, type: 'GENERATE_POST' };
          await giveUp(sql, failed, 'TASK_FAILED', 'no answer');
        }),
    ];
    await queueBehind(campaign.id, random.shuffle([...claims.map(write), ...random.shuffle(others).slice(0, 3)]));
    const row = await domain.row<{ status: string; stateVersion: number; planRevision: number; planDueReason: string }>(
      'Campaign',
      campaign.id,
    );
    const plans = await domain.sql<{ revision: number }>(
      'SELECT revision FROM "Plan" WHERE "campaignId" = $1 ORDER BY revision',
      [campaign.id],
    );
    expect(plans.map(({ revision }) => revision)).toEqual(Array.from({ length: row.planRevision }, (_, n) => n + 1));
    expect(row.planRevision).toBeLessThanOrEqual(2);
    revisions.add(row.planRevision);
    const open = await domain.sql<{
      type: string;
      status: string;
      stateVersion: number;
      topic: string;
      planId: string;
    }>(
      `SELECT type, status, "stateVersion", input->>'topic' AS topic, "planId" FROM "Task" WHERE "campaignId" = $1 AND status NOT IN ('COMPLETE', 'REJECTED', 'FAILED', 'CANCELLED')`,
      [campaign.id],
    );
    expect(open.filter((task) => task.type === 'POST_CONTENT').length).toBeLessThanOrEqual(POSTS);
    if (row.planRevision === 2) {
      expect(open.filter((task) => task.planId === plan.id && task.status === 'QUEUED')).toEqual([]);
    }
    // Whatever can start belongs to the campaign's state; anything else waits for a plan that is owed, or for a person.
    if (row.status === 'ACTIVE' && row.planDueReason === null)
      expect(open.filter((task) => task.stateVersion !== row.stateVersion)).toEqual([]);
  },
);

test('the orders were of both kinds: some let the plan through, some did not', () => {
  expect([...revisions].toSorted()).toEqual([1, 2]);
});
