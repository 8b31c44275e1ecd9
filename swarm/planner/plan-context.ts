import type { CampaignRow } from '../../domain/campaign/campaign-row.ts';
import { isRepair } from '../../domain/campaign/plan-bounds.ts';
import type { Unstarted } from '../../domain/campaign/publications.ts';
import { countPublications, readUnstarted } from '../../domain/campaign/publications.ts';
import type { DomainContext } from '../../domain/context.ts';
import { isPublishable } from '../../domain/effect/effect-call.ts';
import { microUsdToDecimal } from '../../domain/money/money.ts';
import { TOTAL_DAY } from '../../domain/money/reserve.ts';
import type { Platform } from '../../domain/task/task-types.ts';
import { PLATFORM_TEXT_LIMITS } from '../../domain/task/task-types.ts';
import type { Estimates } from '../governor/estimates.ts';
import type { PlanPromptInput } from '../models/prompts/plan.ts';
import type { SwarmResources } from '../resources.ts';

const PUBLISHABLE = (Object.keys(PLATFORM_TEXT_LIMITS) as Platform[]).filter(isPublishable);
const FINISHED: readonly string[] = ['COMPLETE', 'REJECTED', 'FAILED'];

/** What is to be planned: the arithmetic of a campaign's publications and its money. */
interface PlanNeed {
  /** Publications the campaign still lacks, those under way counted; 0 means there is nothing to plan. */
  missingPosts: number;
  /** As many of them as the money left carries. */
  affordablePosts: number;
  /** What the campaign's total still grants to the new tasks, after the plan itself and the work that stays. */
  remainingMicroUsd: number | null;
  /** Tasks to be cancelled if they have not started when the plan is written. */
  replaces: string[];
}

export interface PlanContext extends PlanNeed {
  input: PlanPromptInput;
}

async function remainingBudget(context: DomainContext, campaign: CampaignRow): Promise<number | null> {
  if (campaign.budgetTotalMicroUsd === null) return null;
  const [row] = await context.db.query<{ used: number }>(
    'SELECT "spentMicroUsd" + "reservedMicroUsd" AS used FROM "BudgetAccount" WHERE "scopeId" = $1 AND day = $2::date',
    [campaign.id, TOTAL_DAY],
  );
  return Math.max(0, campaign.budgetTotalMicroUsd - (row?.used ?? 0));
}

/** The cheapest publication: a draft and its post. */
export const postMicroUsd = (estimates: Estimates): number =>
  estimates.totalMicroUsd('GENERATE_POST') + estimates.totalMicroUsd('POST_CONTENT');

/** A repair keeps what has not started; any other reason replaces it, and so does a budget that cannot carry it. */
async function readNeed(context: DomainContext, campaign: CampaignRow, estimates: Estimates): Promise<PlanNeed> {
  const [{ complete, open }, unstarted, left] = await Promise.all([
    countPublications(context.db, campaign.id),
    readUnstarted(context.db, campaign.id),
    remainingBudget(context, campaign),
  ]);
  const costOf = (groups: Unstarted['groups']) =>
    groups.reduce((sum, group) => sum + group.count * estimates.totalMicroUsd(group.type), 0);
  const budget = left === null ? null : left - estimates.planMicroUsd * 2;
  const reason = campaign.planDueReason ?? 'HUMAN';
  const replace = !isRepair(reason) || (reason === 'BUDGET' && budget !== null && costOf(unstarted.groups) > budget);
  const staying = replace ? unstarted.groups.filter((group) => !group.replaced) : unstarted.groups;
  const remaining = budget === null ? null : Math.max(0, budget - costOf(staying));
  const replacedPosts = replace
    ? unstarted.groups.find((group) => group.replaced && group.type === 'POST_CONTENT')
    : undefined;
  return {
    missingPosts: Math.max(0, campaign.estimatedPosts - complete - open + (replacedPosts?.count ?? 0)),
    affordablePosts:
      remaining === null ? Number.POSITIVE_INFINITY : Math.floor(remaining / Math.max(1, postMicroUsd(estimates))),
    remainingMicroUsd: remaining,
    replaces: replace ? unstarted.taskIds : [],
  };
}

/** What the Planner knows when it plans: budget left, agents, trends, mentions, memories, and what is done already. */
export async function readPlanContext(
  resources: SwarmResources,
  context: DomainContext,
  campaign: CampaignRow,
  maxTasks: number,
  estimates: Estimates,
): Promise<PlanContext> {
  const { prisma } = context.db;
  const agents = await prisma.agent.findMany({
    where: { campaigns: { some: { campaignId: campaign.id } }, status: { in: ['ACTIVE', 'PAUSED', 'ERROR'] } },
    include: { socialHandles: true },
  });
  const agentIds = agents.map((agent) => agent.id);
  const [trends, mentions, tasks, need, memories] = await Promise.all([
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
      select: { id: true, type: true, status: true, feedback: true, errorMessage: true, output: true, input: true },
    }),
    readNeed(context, campaign, estimates),
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
  const { remainingMicroUsd } = need;
  const finished = tasks.filter((task) => FINISHED.includes(task.status)).slice(0, 40);
  const underWay = tasks
    .filter((task) => task.type === 'GENERATE_POST' && !FINISHED.includes(task.status) && task.status !== 'CANCELLED')
    .filter((task) => !need.replaces.includes(task.id))
    .slice(0, 20);
  const listed = finished.filter((task) => task.type === 'POST_CONTENT' && task.status === 'COMPLETE').length;
  return {
    ...need,
    input: {
      campaign: {
        name: campaign.name,
        goals: campaign.goals,
        startsAt: campaign.startsAt.toISOString(),
        endsAt: campaign.endsAt?.toISOString() ?? null,
        priority: campaign.priority,
        // What is missing and the finished ones that the model is shown, which it subtracts; not those it is not shown.
        targetPosts: Math.min(need.missingPosts, need.affordablePosts) + listed,
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
      finished: [...finished, ...underWay].map((task) => ({
        type: task.type,
        status: task.status,
        summary: summarise(task),
      })),
      reason: campaign.planDueReason ?? 'HUMAN',
      note: campaign.planDueNote,
      maxTasks,
      now: context.clock.now().toISOString(),
    },
  };
}

function summarise(task: {
  input: unknown;
  output: unknown;
  feedback: string | null;
  errorMessage: string | null;
}): string {
  const output = task.output as { text?: string; topic?: string; altText?: string } | null;
  const { topic } = task.input as { topic?: string };
  const said = task.feedback ?? task.errorMessage;
  return (
    said ? [topic, said].filter(Boolean).join(': ') : (output?.text ?? output?.topic ?? output?.altText ?? topic ?? '')
  ).slice(0, 200);
}
