import { z } from 'zod';
import { newId } from '../../platform/ids.ts';
import { requirePermission } from '../access.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { CampaignRow } from '../campaign/campaign-row.ts';
import { campaignEvent } from '../campaign/campaign-row.ts';
import { commitVersioned, rowOrThrow } from '../commit.ts';
import type { DomainContext } from '../context.ts';
import { InvalidStateError } from '../errors.ts';
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
});

/**
 * Edits an agent. A changed persona makes work in flight stale: the agent's active campaigns get a new stateVersion and a
 * plan request. Errors: ValidationError, NotFoundError, ConflictError, InvalidStateError (archived), ForbiddenError
 * (write:agents; a budget alone needs write:campaigns).
 */
export async function updateAgent(context: DomainContext, rawInput: unknown): Promise<{ id: string }> {
  const input = parseInput(updateAgentInput, rawInput);
  const { id, expectedVersion, ...changes } = input;
  const changed = Object.entries(changes)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([field]) => field);
  requirePermission(context, changed.every((field) => field === 'budgetDailyUsd') ? 'write:campaigns' : 'write:agents');
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
         "coreBeliefs" = coalesce($11, "coreBeliefs"), directives = coalesce($12, directives)`,
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
    const campaigns = soul
      ? await sql.query<CampaignRow>(
          `UPDATE "Campaign" SET "stateVersion" = "stateVersion" + 1, version = version + 1, "updatedAt" = now(), "planDueReason" = coalesce("planDueReason", 'HUMAN'),
             "planDueAt" = coalesce("planDueAt", now()), "planDueNote" = 'The persona was changed.'
           WHERE status = 'ACTIVE' AND id IN (SELECT "campaignId" FROM "CampaignAgent" WHERE "agentId" = $1) RETURNING *`,
          [id],
        )
      : [];
    await recordEvents(sql, context.tenantId, context.traceId, [
      agentEvent(agent, 'UPDATED'),
      ...campaigns.map((campaign) => campaignEvent(campaign, 'UPDATED')),
    ]);
    await recordAudit(sql, context, [
      { action: 'agent.updated', subjectType: 'Agent', subjectId: id, data: { changed } },
    ]);
  });
  return { id };
}
