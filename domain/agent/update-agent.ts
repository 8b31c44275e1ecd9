import { z } from 'zod';
import type { Sql } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import { requirePermission } from '../access.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { CampaignRow } from '../campaign/campaign-row.ts';
import { campaignEvent, requestPlan } from '../campaign/campaign-row.ts';
import { commitVersioned, rowOrThrow } from '../commit.ts';
import type { DomainContext } from '../context.ts';
import { InvalidStateError } from '../errors.ts';
import { reviewBudgetHold } from '../money/budget-hold.ts';
import { recordEvents } from '../outbox.ts';
import { budgetSchema, idSchema, parseInput, textSchema, versionSchema } from '../parse-input.ts';
import type { AgentRow } from './agent-row.ts';
import { agentEvent } from './agent-row.ts';
import { personaFromSoul, socialHandlesSchema } from './create-agent.ts';

export const updateAgentInput = z.object({
  id: idSchema,
  expectedVersion: versionSchema,
  name: textSchema(1, 100).nullish(),
  bio: textSchema(0, 500).nullish(),
  niche: textSchema(1, 100).nullish(),
  region: textSchema(1, 100).nullish(),
  soulMarkdown: z.string().min(1, 'must not be empty').max(100_000, 'must have at most 100,000 characters').nullish(),
  socialHandles: socialHandlesSchema.nullish(),
  budgetDailyUsd: budgetSchema.nullish(),
  /** Null takes the limit away; left out, it stays. */
  budgetTotalUsd: budgetSchema.nullish(),
});

const BUDGETS: ReadonlySet<string> = new Set(['budgetDailyUsd', 'budgetTotalUsd']);

/**
 * Edits an agent. A changed persona makes work in flight stale: the agent's active campaigns get a new stateVersion and a
 * plan request. Its campaigns that were paused for its budget (E1001) go on in the same transaction when the new one covers
 * what they waited for. Errors: ValidationError, NotFoundError, ConflictError, InvalidStateError (archived), ForbiddenError
 * (write:agents; a budget alone needs write:campaigns).
 */
export async function updateAgent(context: DomainContext, rawInput: unknown): Promise<{ id: string }> {
  const input = parseInput(updateAgentInput, rawInput);
  const { id, expectedVersion, ...changes } = input;
  const changed = Object.entries(changes)
    .filter(([field, value]) => value !== undefined && (value !== null || field === 'budgetTotalUsd'))
    .map(([field]) => field);
  requirePermission(context, changed.every((field) => BUDGETS.has(field)) ? 'write:campaigns' : 'write:agents');
  const soul = input.soulMarkdown ? personaFromSoul(input.soulMarkdown) : null;
  await context.db.transaction(async (sql) => {
    const agent = rowOrThrow(
      'agent',
      id,
      await commitVersioned<AgentRow>(
        sql,
        'agent',
        { id, expectedVersion },
        `name = coalesce($3, name), bio = coalesce($4, bio), niche = coalesce($5, niche), region = coalesce($6, region), "budgetDailyMicroUsd" = coalesce($7, "budgetDailyMicroUsd"),
         "soulMarkdown" = coalesce($8, "soulMarkdown"), backstory = coalesce($9, backstory), "voiceTraits" = coalesce($10, "voiceTraits"),
         "coreBeliefs" = coalesce($11, "coreBeliefs"), directives = coalesce($12, directives), "budgetTotalMicroUsd" = CASE WHEN $13 THEN $14 ELSE "budgetTotalMicroUsd" END`,
        [
          input.name ?? null,
          input.bio ?? null,
          input.niche ?? null,
          input.region ?? null,
          input.budgetDailyUsd ?? null,
          soul?.soulMarkdown ?? null,
          soul?.persona.backstory ?? null,
          soul?.persona.voiceTraits ?? null,
          soul?.persona.coreBeliefs ?? null,
          soul?.persona.directives ?? null,
          input.budgetTotalUsd !== undefined,
          input.budgetTotalUsd ?? null,
        ],
      ),
    );
    if (agent.status === 'ARCHIVED') throw new InvalidStateError('An archived agent cannot be edited.', agent.status);
    if (input.socialHandles) {
      await sql.query('DELETE FROM "SocialHandle" WHERE "agentId" = $1', [id]);
      for (const handle of input.socialHandles) {
        await sql.query(
          'INSERT INTO "SocialHandle" (id, "tenantId", "agentId", platform, username) VALUES ($1, $2, $3, $4::"Platform", $5)',
          [newId(), context.tenantId, id, handle.platform, handle.username],
        );
      }
    }
    const campaigns = soul ? await replanCampaignsOf(sql, id) : [];
    await recordEvents(sql, context.tenantId, context.traceId, [
      agentEvent(agent, 'UPDATED'),
      ...campaigns.map((campaign) => campaignEvent(campaign, 'UPDATED')),
    ]);
    if (changed.some((field) => BUDGETS.has(field))) await reviewHoldsOf(sql, context, id);
    await recordAudit(sql, context, [
      { action: 'agent.updated', subjectType: 'Agent', subjectId: id, data: { changed } },
    ]);
  });
  return { id };
}

/** A changed persona makes work in flight stale, and every active campaign of the agent is planned anew (one that waits for money, then). */
async function replanCampaignsOf(sql: Sql, agentId: string): Promise<CampaignRow[]> {
  const rows = await sql.query<{ campaignId: string }>(
    'SELECT "campaignId" FROM "CampaignAgent" WHERE "agentId" = $1 ORDER BY "campaignId"',
    [agentId],
  );
  const campaigns: CampaignRow[] = [];
  for (const { campaignId } of rows) {
    const request = { reason: 'HUMAN', note: 'The persona was changed.', movesState: true } as const;
    const campaign = await requestPlan(sql, campaignId, request);
    if (campaign) campaigns.push(campaign);
  }
  return campaigns;
}

/**
 * Campaigns that wait for this agent's money, one after the other: it may not be enough for all of them. All are locked
 * before the first resumption takes the head of the audit chain, which a Judge that holds the second would wait for.
 */
async function reviewHoldsOf(sql: Sql, context: DomainContext, agentId: string): Promise<void> {
  const held = await sql.query<{ id: string }>(
    'SELECT id FROM "Campaign" WHERE "budgetHoldScopeId" = $1 ORDER BY id FOR NO KEY UPDATE',
    [agentId],
  );
  for (const { id } of held) await reviewBudgetHold(sql, context, id);
}
