import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { setAgentStatus } from '../../../domain/agent/set-agent-status.ts';
import { askAboutUnknownEffect } from '../../../domain/effect/ask-about-effect.ts';
import { claimEffect, claimUnknownEffect } from '../../../domain/effect/claim-effect.ts';
import { effectCall } from '../../../domain/effect/effect-call.ts';
import { leaveUnknown } from '../../../domain/effect/finish-effect.ts';
import { approveReview } from '../../../domain/review/decide-review.ts';
import type { McpCallContext } from '../../../mcp/host/mcp-host-types.ts';
import { McpToolError } from '../../../mcp/host/mcp-tool-error.ts';
import { newId } from '../../../platform/ids.ts';
import { createLogger } from '../../../platform/logger.ts';
import { createEffects } from '../../../swarm/effects/execute-effect.ts';
import type { SwarmResources } from '../../../swarm/resources.ts';
import type { Domain } from '../../domain/domain-fixture.ts';
import { openDomain } from '../../domain/domain-fixture.ts';
import type { SeededAgent, SeededTenant } from '../../support/seed.ts';

const POST = { platform: 'TWITTER', text: 'fog', mediaUrls: [], disclosure: 'AUTOMATED' };
const QUESTION = { account: 'mira', text: 'fog', why: 'no answer' };

type Tool = (signal: AbortSignal | undefined) => unknown;
interface Platform {
  find_tweet: Tool;
  post_tweet: Tool;
}

/** Refuses before anything is sent, as the host does while a breaker is open. */
const refuse = (): never => {
  const at = { server: 'twitter', tool: 'any', outcome: 'NOT_APPLIED' } as const;
  throw new McpToolError({ code: 'CIRCUIT_OPEN', message: 'the breaker is open', ...at });
};
const posted = () => ({ tweet_id: newId(), tweet_url: 'https://x/1', posted_at: new Date().toISOString() });
const shown = () => ({ found: true, certain: true, ...posted() });
const past = () => new Date(Date.now() - 1_000);

describe('an effect that a person has sent again although nobody can tell what became of it', () => {
  let domain: Domain;
  let tenant: SeededTenant;
  let agent: SeededAgent;
  beforeAll(async () => {
    domain = await openDomain();
    tenant = await domain.seed.tenant();
  });
  beforeEach(async () => {
    agent = await tenant.agent();
  });
  afterAll(() => domain.close());
  const context = () => domain.context(tenant.id);

  /** An executor, and how often it had something sent to the platform it meets. */
  function executorFor(platform: Platform) {
    const counts = { sent: 0 };
    const call = async (
      _server: string,
      tool: keyof Platform,
      _args: unknown,
      output: { parse(value: unknown): unknown },
      { signal }: McpCallContext,
    ) => {
      if (signal?.aborted) refuse();
      const value = await platform[tool](signal);
      if (tool === 'post_tweet') counts.sent += 1;
      return { value: output.parse(value), durationMs: 1 };
    };
    const effects = createEffects({
      database: domain.database,
      clock: context().clock,
      domainSettings: context().settings,
      logger: createLogger({ level: 'silent', name: 'test' }),
      settings: { leaseSeconds: 30 },
      shortTermMemory: { remember: async () => undefined },
      memory: { store: async () => undefined },
      scheduleLookUp: async () => undefined,
      mcp: { call },
    } as unknown as SwarmResources);
    const perform = (effectId: string) => effects.perform({ tenantId: tenant.id, effectId, traceId: 'test' });
    return { effects, counts, perform };
  }

  async function approvedByPerson(): Promise<string> {
    const campaign = await tenant.campaign([agent]);
    const task = await agent.task({ status: 'APPLYING', type: 'POST_CONTENT', campaignId: campaign.id, output: POST });
    const id = newId();
    const call = effectCall({ tenantId: tenant.id, id: task.id, type: 'POST_CONTENT', account: 'mira' }, POST);
    const row = { id, tenantId: tenant.id, taskId: task.id, agentId: agent.id, approvedBy: 'judge' };
    await domain.seed.insert('Effect', { ...row, ...call });
    const sent = await claimEffect(context(), id, 30);
    if (sent) await leaveUnknown(context(), sent, past(), { name: 'TIMEOUT', message: 'no answer' });
    const lookUp = await claimUnknownEffect(context(), id, 30);
    if (lookUp) await askAboutUnknownEffect(context(), lookUp, past(), QUESTION);
    const [review] = await domain.sql<{ id: string }>('SELECT id FROM "Review" WHERE "taskId" = $1', [task.id]);
    const reviewer = domain.context(tenant.id, { userId: (await tenant.user('CONTENT_REVIEWER')).id });
    await approveReview(reviewer, { id: review?.id, expectedVersion: 1 });
    return id;
  }
  /** Its time has come: that of the next try, or of the next look. */
  const makeDue = (id: string) =>
    domain.sql(
      `UPDATE "Effect" SET "notBefore" = $2::timestamptz, "leaseExpiresAt" = CASE WHEN status = 'SENT' THEN $2::timestamptz END WHERE id = $1`,
      [id, past()],
    );

  it('is looked up again after the platform refused, also for what was sent first', async () => {
    const id = await approvedByPerson();
    await executorFor({ find_tweet: refuse, post_tweet: refuse }).perform(id);
    await makeDue(id);
    const { perform, counts } = executorFor({ find_tweet: shown, post_tweet: posted });
    await perform(id);
    expect(counts.sent).toBe(0);
    expect(await domain.row('Effect', id)).toMatchObject({ status: 'CONFIRMED' });
  });

  it('is sent by the next try once it certainly is not there', async () => {
    const id = await approvedByPerson();
    await executorFor({ find_tweet: refuse, post_tweet: refuse }).perform(id);
    const { perform, counts } = executorFor({
      find_tweet: () => ({ found: false, certain: true }),
      post_tweet: posted,
    });
    for (let job = 0; job < 2; job += 1) {
      await makeDue(id);
      await perform(id);
    }
    expect(counts.sent).toBe(1);
    expect(await domain.row('Effect', id)).toMatchObject({ status: 'CONFIRMED' });
  });

  it('is not sent when it was found, also when that could not be written down', async () => {
    const id = await approvedByPerson();
    const there = shown();
    const other = await agent.task({ status: 'COMPLETE', type: 'POST_CONTENT' });
    // The database refuses: this tweet is another task's.
    await domain.sql(
      `INSERT INTO "Post" (id, "tenantId", "agentId", "taskId", platform, "externalId", "mediaUrls", disclosure, "publishedAt") VALUES ($1, $2, $3, $4, 'TWITTER', $5, '{}', 'AUTOMATED', now())`,
      [newId(), tenant.id, agent.id, other.id, there.tweet_id],
    );
    const { perform, counts } = executorFor({ find_tweet: () => there, post_tweet: posted });
    await perform(id);
    expect(counts.sent).toBe(0);
    expect(await domain.row('Effect', id)).toMatchObject({ status: 'SENT', externalId: null });
  });

  it('is not sent when the agent is stopped while it is looked for', async () => {
    const id = await approvedByPerson();
    const { effects, perform, counts } = executorFor({
      async find_tweet() {
        await setAgentStatus(context(), { id: agent.id, status: 'EMERGENCY_STOPPED' });
        effects.abortAgents(new Set([agent.id]));
        return { found: false, certain: true };
      },
      post_tweet: posted,
    });
    await perform(id);
    await makeDue(id);
    await perform(id);
    expect(counts.sent).toBe(0);
    expect(await domain.row('Effect', id)).toMatchObject({ status: 'CANCELLED' });
  });
});
