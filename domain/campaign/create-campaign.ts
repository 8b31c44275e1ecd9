import { z } from 'zod';
import { newId } from '../../platform/ids.ts';
import { requirePermission } from '../access.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { DomainContext } from '../context.ts';
import { InvalidStateError, NotFoundError, ValidationError } from '../errors.ts';
import { recordEvents } from '../outbox.ts';
import { budgetSchema, idSchema, parseInput, textSchema } from '../parse-input.ts';
import type { CampaignRow } from './campaign-row.ts';
import { campaignEvent } from './campaign-row.ts';
import { estimatePosts } from './estimate-posts.ts';

const DAY_MS = 86_400_000;

export const goalsSchema = textSchema(1, 10_000);
export const prioritySchema = z.enum(['HIGH', 'MEDIUM', 'LOW']);

export const createCampaignInput = z
  .object({
    agentIds: z.array(idSchema).min(1, 'needs at least one agent').max(50, 'must have at most 50 agents'),
    name: textSchema(1, 200),
    description: textSchema(0, 5_000).nullish(),
    goals: goalsSchema,
    startsAt: z.date().nullish(),
    endsAt: z.date().nullish(),
    durationDays: z.int().min(1, 'must be at least 1').max(3650, 'must be at most 3650').nullish(),
    priority: prioritySchema.nullish(),
    budgetDailyUsd: budgetSchema.nullish(),
    budgetTotalUsd: budgetSchema.nullish(),
    activate: z.boolean().nullish(),
  })
  .refine((input) => !(input.endsAt && input.durationDays), {
    path: ['durationDays'],
    message: 'give endsAt or durationDays, not both',
  });

/**
 * Creates a campaign, ACTIVE unless `activate` is false, and owes it its first plan; returns at once, the Planner follows.
 * Errors: ValidationError, NotFoundError (an agent), InvalidStateError (an archived agent), ForbiddenError (write:campaigns).
 */
export async function createCampaign(context: DomainContext, rawInput: unknown): Promise<{ id: string }> {
  requirePermission(context, 'write:campaigns');
  const input = parseInput(createCampaignInput, rawInput);
  const now = context.clock.now();
  const startsAt = input.startsAt ?? now;
  const endsAt =
    input.endsAt ?? (input.durationDays ? new Date(startsAt.getTime() + input.durationDays * DAY_MS) : null);
  if (endsAt && endsAt <= startsAt)
    throw new ValidationError([{ path: ['endsAt'], message: 'must be after startsAt' }]);
  if (endsAt && endsAt <= now) throw new ValidationError([{ path: ['endsAt'], message: 'must be in the future' }]);
  const id = newId();
  const active = input.activate ?? true;
  const agentIds = [...new Set(input.agentIds)];
  await context.db.transaction(async (sql) => {
    const agents = await sql.query<{ id: string; status: string }>(
      'SELECT id, status FROM "Agent" WHERE id = ANY($1::uuid[]) FOR SHARE',
      [agentIds],
    );
    const missing = agentIds.find((agentId) => !agents.some((agent) => agent.id === agentId));
    if (missing) throw new NotFoundError('agent', missing);
    const archived = agents.find((agent) => agent.status === 'ARCHIVED');
    if (archived) throw new InvalidStateError(`The agent ${archived.id} is archived.`, 'ARCHIVED');
    const [campaign] = await sql.query<CampaignRow>(
      `INSERT INTO "Campaign" (id, "tenantId", name, description, goals, priority, status, "startsAt", "endsAt", "budgetDailyMicroUsd", "budgetTotalMicroUsd",
         "estimatedPosts", "planDueReason", "planDueAt")
       VALUES ($1, $2, $3, $4, $5, $6::"Priority", $7::"CampaignStatus", $8, $9, $10, $11, $12, $13::"PlanReason", $14) RETURNING *`,
      [
        id,
        context.tenantId,
        input.name,
        input.description || null,
        input.goals,
        input.priority ?? 'MEDIUM',
        active ? 'ACTIVE' : 'DRAFT',
        startsAt,
        endsAt,
        input.budgetDailyUsd ?? null,
        input.budgetTotalUsd ?? null,
        estimatePosts(input.goals, startsAt, endsAt),
        active ? 'INITIAL' : null,
        active ? (startsAt > now ? startsAt : now) : null,
      ],
    );
    await sql.query(
      'INSERT INTO "CampaignAgent" ("tenantId", "campaignId", "agentId") SELECT $1, $2, unnest($3::uuid[])',
      [context.tenantId, id, agentIds],
    );
    if (campaign) await recordEvents(sql, context.tenantId, context.traceId, [campaignEvent(campaign, 'CREATED')]);
    await recordAudit(sql, context, [
      { action: 'campaign.created', subjectType: 'Campaign', subjectId: id, data: { name: input.name, agentIds } },
    ]);
  });
  return { id };
}
