import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, newTraceId } from '../../platform/ids.ts';
import { openQueues } from '../../swarm/queues.ts';
import { waitFor } from '../support/wait-for.ts';
import { floodReviews } from './harness/floods.ts';
import { startReviewer } from './harness/reviewer.ts';
import type { Run } from './harness/run.ts';
import { startRun, violated } from './harness/run.ts';
import { settle } from './harness/settle.ts';

const WRITERS = 50;
const POSTS = 8;
/** So many that a stop comes in their middle. */
const APPROVALS = 160;

const rawId = (globalId: string): string => Buffer.from(globalId, 'base64').toString().split(':')[1] ?? '';
const countOf = (names: readonly string[]) =>
  Object.fromEntries([...new Set(names)].map((name) => [name, names.filter((other) => other === name).length]));

/** Two of every role that could get in its own way. */
describe('races between processes', () => {
  let run: Run;
  let tenant: Run['agents'][number]['tenant'];
  let agents: Run['agents'];
  beforeAll(async () => {
    run = await startRun({ more: ['planner', 'worker', 'judge', 'effects', 'relay'], escalatedPercent: 0 });
    tenant = run.agents[0]?.tenant as typeof tenant;
    agents = run.agents.filter((agent) => agent.tenant === tenant);
  }, 180_000);
  afterAll(() => run?.close());

  const versionOf = async (id: string): Promise<number> =>
    (await tenant.ask('query ($id: ID!) { node(id: $id) { ... on Campaign { version } } }', { id })).node.version;
  const setStatus = (id: string, status: string) =>
    tenant.ask('mutation ($input: SetCampaignStatusInput!) { setCampaignStatus(input: $input) { __typename } }', {
      input: { id, status },
    });
  const setAgent = (id: string, status: string) =>
    tenant.ask('mutation ($input: SetAgentStatusInput!) { setAgentStatus(input: $input) { __typename } }', {
      input: { id, status },
    });

  it(`of ${WRITERS} writers on one version one wins, and the others are told`, async () => {
    const id = await tenant.createCampaign([agents[0]?.id ?? ''], 1);
    await settle(run.world);
    const expectedVersion = await versionOf(id);
    const answers = await Promise.all(
      Array.from({ length: WRITERS }, (_, index) =>
        tenant.ask('mutation ($input: UpdateCampaignInput!) { updateCampaign(input: $input) { __typename } }', {
          input: { id, expectedVersion, name: `writer ${index}` },
        }),
      ),
    );
    expect(countOf(answers.map(({ updateCampaign }) => updateCampaign.__typename))).toEqual({
      UpdateCampaignSuccess: 1,
      ConflictError: WRITERS - 1,
    });
    expect(await versionOf(id)).toBe(expectedVersion + 1);
  }, 120_000);

  it('of two reviewers on one item one decides', async () => {
    await run.reviewer.stop();
    run.world.model.options.escalatedPercent = 100;
    const id = await tenant.createCampaign([agents[0]?.id ?? ''], POSTS);
    await settle(run.world, { reviewed: false });
    const reviews = await run.world.services.sql<{ id: string; version: number }>(
      `SELECT id, version FROM "Review" WHERE status = 'PENDING' AND "campaignId" = $1`,
      [rawId(id)],
    );
    expect(reviews.length).toBeGreaterThanOrEqual(POSTS);
    const answers = await Promise.all(
      reviews.flatMap((review) =>
        ['approveReview', 'rejectReview'].map(async (field) => {
          const input = {
            id: Buffer.from(`Review:${review.id}`).toString('base64'),
            expectedVersion: review.version,
            feedback: 'x',
          };
          const answer = await tenant.ask(
            `mutation ($input: DecideReviewInput!) { ${field}(input: $input) { __typename } }`,
            { input },
          );
          return { id: review.id, type: answer[field].__typename as string };
        }),
      ),
    );
    for (const { id: reviewId } of reviews)
      expect(answers.filter((answer) => answer.id === reviewId && answer.type.endsWith('Success'))).toHaveLength(1);
    await setStatus(id, 'CANCELLED'); // its rejected drafts would be replaced and wait again
    run.world.model.options.escalatedPercent = 0;
  }, 120_000);

  it('an agent that is stopped while its work is approved sends nothing after the stop', async () => {
    const agent = agents[1] as Run['agents'][number];
    const id = await tenant.createCampaign([agent.id], POSTS * 3);
    await waitFor(async () => (await run.world.posts()).filter((post) => post.account === agent.handle).length >= 2, {
      timeoutMs: 30_000,
    });
    await setAgent(agent.id, 'EMERGENCY_STOPPED');
    const [{ stoppedAt } = { stoppedAt: null }] = await run.world.services.sql<{ stoppedAt: Date }>(
      'SELECT clock_timestamp() AS "stoppedAt"',
    );
    await settle(run.world, { reviewed: false });
    expect(
      await run.world.services.sql(`SELECT id FROM "Effect" WHERE "agentId" = $1 AND "sentAt" > $2`, [
        rawId(agent.id),
        stoppedAt,
      ]),
    ).toEqual([]);
    expect(
      await run.world.services.sql(
        `SELECT id, status FROM "Task" WHERE "agentId" = $1 AND status NOT IN ('COMPLETE', 'REJECTED', 'FAILED', 'CANCELLED')`,
        [rawId(agent.id)],
      ),
    ).toEqual([]);
    await setStatus(id, 'CANCELLED');
    await setAgent(agent.id, 'ACTIVE');
  }, 120_000);

  it('of a whole tenant that is stopped while a person approves, nothing is approved or sent after the stop', async () => {
    await run.reviewer.stop();
    const { services } = run.world;
    for (const agent of agents) await floodReviews(run, agent, APPROVALS / agents.length, 'POST_CONTENT');
    const reviews = await services.sql<{ id: string; version: number }>(
      `SELECT id, version FROM "Review" WHERE status = 'PENDING' AND "taskType" = 'POST_CONTENT' AND "tenantId" = $1 ORDER BY random()`,
      [tenant.id],
    );
    expect(reviews.length).toBeGreaterThanOrEqual(APPROVALS);
    const before = (await run.world.posts()).length;
    let stopAnsweredAt = Number.POSITIVE_INFINITY;
    const approvals: { type: string; late: boolean }[] = [];
    const person = async () => {
      for (let review = reviews.pop(); review; review = reviews.pop()) {
        const late = performance.now() > stopAnsweredAt;
        const { approveReview } = await tenant.ask(
          'mutation ($input: DecideReviewInput!) { approveReview(input: $input) { __typename } }',
          { input: { id: Buffer.from(`Review:${review.id}`).toString('base64'), expectedVersion: review.version } },
        );
        approvals.push({ type: approveReview.__typename, late });
      }
    };
    const people = Promise.all([person(), person(), person()]);
    await waitFor(async () => (await run.world.posts()).length >= before + 5, { message: 'a flow of posts' });
    const { emergencyStop } = await tenant.ask(
      'mutation ($input: EmergencyStopInput!) { emergencyStop(input: $input) { __typename ... on EmergencyStopSuccess { agents { id } } } }',
      { input: { reason: 'They run wild.' } },
    );
    stopAnsweredAt = performance.now();
    const answeredAt = Date.now();
    const [{ stoppedAt } = { stoppedAt: null }] = await services.sql<{ stoppedAt: Date }>(
      'SELECT clock_timestamp() AS "stoppedAt"',
    );
    expect(emergencyStop.agents.map(({ id }: { id: string }) => id).sort()).toEqual(agents.map(({ id }) => id).sort());
    await people;
    expect(approvals.filter(({ late }) => late).length, 'approvals after the stop').toBeGreaterThan(0);
    expect(approvals.filter(({ type, late }) => late && type === 'ApproveReviewSuccess')).toEqual([]);
    await settle(run.world, { reviewed: false });
    const ids = agents.map(({ id }) => rawId(id));
    const effects = await services.sql<{ idempotencyKey: string; onItsWay: boolean }>(
      `SELECT "idempotencyKey", "sentAt" <= $2 AS "onItsWay" FROM "Effect" WHERE "agentId" = ANY($1::uuid[]) AND "sentAt" IS NOT NULL`,
      [ids, stoppedAt],
    );
    expect(effects.filter(({ onItsWay }) => !onItsWay)).toEqual([]);
    const sent = new Set(effects.map(({ idempotencyKey }) => idempotencyKey));
    const own = (await run.world.posts()).filter((post) => agents.some(({ handle }) => handle === post.account));
    expect(own.filter((post) => Date.parse(post.at) > answeredAt && !sent.has(post.idempotencyKey ?? ''))).toEqual([]);
    expect(
      await services.sql(
        `SELECT id, status FROM "Task" WHERE "agentId" = ANY($1::uuid[]) AND status NOT IN ('COMPLETE', 'REJECTED', 'FAILED', 'CANCELLED')`,
        [ids],
      ),
    ).toEqual([]);
    for (const { id } of agents) await setAgent(id, 'ACTIVE');
  }, 120_000);

  it('a campaign paused and resumed in the middle of its commits loses nothing', async () => {
    const id = await tenant.createCampaign([agents[0]?.id ?? ''], POSTS * 2);
    for (let times = 0; times < 3; times += 1) {
      const before = (await run.world.posts()).length;
      await waitFor(async () => (await run.world.posts()).length > before, { timeoutMs: 60_000, message: 'a post' });
      await setStatus(id, 'PAUSED');
      await setStatus(id, 'ACTIVE');
    }
    await settle(run.world, { reviewed: false });
    // A draft too like another waits for a person, and its publication with it.
    const [row] = await run.world.services.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM "Task" WHERE "campaignId" = $1 AND type = 'POST_CONTENT' AND status IN ('COMPLETE', 'PENDING', 'ESCALATED')`,
      [rawId(id)],
    );
    expect(row?.n).toBe(POSTS * 2);
  }, 120_000);

  it('two planners on one campaign make one plan', async () => {
    const { services } = run.world;
    const queues = openQueues({
      redisUrl: `redis://127.0.0.1:${services.redisPort}`,
      prefix: 'chimera',
      onError: () => {},
    });
    const id = await tenant.createCampaign([agents[0]?.id ?? ''], POSTS);
    const payload = { tenantId: tenant.id, campaignId: rawId(id), traceId: newTraceId() };
    await queues.schedule(
      Array.from({ length: 20 }, () => ({
        name: 'plan' as const,
        jobId: `twice-${newId()}`,
        payload,
        delayMs: 0,
        priority: 0,
      })),
    );
    await settle(run.world, { reviewed: false });
    await queues.close();
    // A draft that is refused for good is replaced by a repair: a later revision, of its own reason.
    expect(
      await services.sql(`SELECT revision FROM "Plan" WHERE "campaignId" = $1 AND reason = 'INITIAL'`, [rawId(id)]),
    ).toEqual([{ revision: 1 }]);
    expect(
      await services.sql(
        `SELECT count(*)::int AS n FROM "Task" WHERE "campaignId" = $1 AND type = 'POST_CONTENT' AND status IN ('COMPLETE', 'PENDING', 'ESCALATED')`,
        [rawId(id)],
      ),
    ).toEqual([{ n: POSTS }]);
  }, 120_000);

  it('of two relays the second takes over, also from one that still believes it leads', async () => {
    await run.load(POSTS);
    const relays = run.world.roles.filter(({ role }) => role === 'relay');
    for (const relay of relays) {
      relay.proxies.postgres.drop(); // its lock is gone; it may not know yet
      await run.load(2);
    }
    await relays[0]?.kill();
    await run.load(2);
    await run.revive(['relay']);
    await run.load(2);
  }, 120_000);

  it('leave every invariant standing', async () => {
    run.reviewer = startReviewer(run.world);
    expect(violated(await run.check())).toEqual([]);
  }, 240_000);
});
