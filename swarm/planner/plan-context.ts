import type { CampaignRow } from '../../domain/campaign/campaign-row.ts';
import { countReplacedPosts, isRepair } from '../../domain/campaign/write-plan.ts';
import type { DomainContext } from '../../domain/context.ts';
import { isPublishable } from '../../domain/effect/effect-call.ts';
import { microUsdToDecimal } from '../../domain/money/money.ts';
import { TOTAL_DAY } from '../../domain/money/reserve.ts';
import type { Platform } from '../../domain/task/task-types.ts';
import { PLATFORM_TEXT_LIMITS } from '../../domain/task/task-types.ts';
import type { PlanPromptInput } from '../models/prompts/plan.ts';
import type { SwarmResources } from '../resources.ts';

const PUBLISHABLE = (Object.keys(PLATFORM_TEXT_LIMITS) as Platform[]).filter(isPublishable);
const LIVE_OR_DONE = ['PENDING', 'QUEUED', 'IN_PROGRESS', 'IN_REVIEW', 'ESCALATED', 'APPLYING', 'COMPLETE'] as const;

export interface PlanContext {
  input: PlanPromptInput;
  /** Publications the campaign still lacks, those under way counted; 0 means there is nothing to plan. */
  missingPosts: number;
  remainingMicroUsd: number | null;
}

async function remainingBudget(context: DomainContext, campaign: CampaignRow): Promise<number | null> {
  if (campaign.budgetTotalMicroUsd === null) return null;
  const [row] = await context.db.query<{ used: number }>(
    'SELECT "spentMicroUsd" + "reservedMicroUsd" AS used FROM "BudgetAccount" WHERE "scopeId" = $1 AND day = $2::date',
    [campaign.id, TOTAL_DAY],
  );
  return Math.max(0, campaign.budgetTotalMicroUsd - (row?.used ?? 0));
}

/** What the Planner knows when it plans: budget left, agents, trends, mentions, memories, and what is done already. */
export async function readPlanContext(
  resources: SwarmResources,
  context: DomainContext,
  campaign: CampaignRow,
  maxTasks: number,
): Promise<PlanContext> {
  const { prisma } = context.db;
  const agents = await prisma.agent.findMany({
    where: { campaigns: { some: { campaignId: campaign.id } }, status: { in: ['ACTIVE', 'PAUSED', 'ERROR'] } },
    include: { socialHandles: true },
  });
  const agentIds = agents.map((agent) => agent.id);
  const [trends, mentions, tasks, remainingMicroUsd, memories] = await Promise.all([
    prisma.trend.findMany({
      where: { agentId: { in: agentIds }, suspicious: false },
      orderBy: [{ relevance: 'desc' }, { seenAt: 'desc' }],
      take: 20,
    }),
    prisma.mention.findMany({
      where: { agentId: { in: agentIds }, suspicious: false },
      orderBy: { receivedAt: 'desc' },
      take: 10,
    }),
    prisma.task.findMany({
      where: { campaignId: campaign.id, type: { not: 'REPLY_COMMENT' } },
      orderBy: { createdAt: 'desc' },
      take: 500,
      select: { type: true, status: true, feedback: true, errorMessage: true, output: true },
    }),
    remainingBudget(context, campaign),
    Promise.all(
      agentIds
        .slice(0, 5)
        .map((agentId) =>
          resources.memory
            .search({ tenantId: context.tenantId, agentId }, { query: campaign.goals.slice(0, 500), limit: 3 })
            .catch(() => []),
        ),
    ),
  ]);
  const reason = campaign.planDueReason ?? 'HUMAN';
  const published = tasks.filter(
    (task) => task.type === 'POST_CONTENT' && (LIVE_OR_DONE as readonly string[]).includes(task.status),
  ).length;
  const replaced = isRepair(reason) ? 0 : await countReplacedPosts(context.db, campaign.id);
  const missingPosts = Math.max(0, campaign.estimatedPosts - published + replaced);
  const finished = tasks.filter((task) => ['COMPLETE', 'REJECTED', 'FAILED'].includes(task.status)).slice(0, 40);
  const listed = finished.filter((task) => task.type === 'POST_CONTENT' && task.status === 'COMPLETE').length;
  return {
    missingPosts,
    remainingMicroUsd,
    input: {
      campaign: {
        name: campaign.name,
        goals: campaign.goals,
        startsAt: campaign.startsAt.toISOString(),
        endsAt: campaign.endsAt?.toISOString() ?? null,
        priority: campaign.priority,
        // What is missing and the finished ones that the model is shown, which it subtracts; not those it is not shown.
        targetPosts: missingPosts + listed,
      },
      agents: agents.map(
        ({ id, name, niche, region, backstory, voiceTraits, coreBeliefs, directives, socialHandles }) => ({
          agentId: id,
          persona: { name, niche, region, backstory, voiceTraits, coreBeliefs, directives },
          platforms:
            socialHandles.map((handle) => handle.platform).filter(isPublishable).length > 0
              ? socialHandles.map((handle) => handle.platform).filter(isPublishable)
              : PUBLISHABLE,
        }),
      ),
      budgetRemainingUsd: remainingMicroUsd === null ? null : microUsdToDecimal(remainingMicroUsd),
      trends: trends.map((trend) => ({
        trendId: trend.id,
        agentId: trend.agentId,
        topic: trend.topic,
        summary: trend.summary,
        source: trend.source,
      })),
      mentions: mentions.map((mention) => ({
        mentionId: mention.id,
        agentId: mention.agentId,
        author: mention.author,
        text: mention.text,
      })),
      memories: memories.flat().map((memory) => memory.content.slice(0, 300)),
      finished: finished.map((task) => ({ type: task.type, status: task.status, summary: summarise(task) })),
      reason,
      note: campaign.planDueNote,
      maxTasks,
      now: context.clock.now().toISOString(),
    },
  };
}

function summarise(task: { output: unknown; feedback: string | null; errorMessage: string | null }): string {
  const output = task.output as { text?: string; topic?: string; altText?: string } | null;
  return (task.feedback ?? task.errorMessage ?? output?.text ?? output?.topic ?? output?.altText ?? '').slice(0, 200);
}
