import { createAgent } from '../domain/agent/create-agent.ts';
import { claimPlan } from '../domain/campaign/claim-plan.ts';
import { createCampaign } from '../domain/campaign/create-campaign.ts';
import type { PlannedTask } from '../domain/campaign/validate-plan.ts';
import { writePlan } from '../domain/campaign/write-plan.ts';
import type { DomainContext } from '../domain/context.ts';
import { SOUL } from './world.ts';

const AGENTS = 4;
const PLAN_LEASE_SECONDS = 60;
const GOALS = 'Make people curious about handwoven Ethiopian cotton and the weavers of Shiro Meda.';

export interface BenchCampaign {
  campaignId: string;
  agentIds: string[];
}

/** Agents with money enough and one active campaign that is owed its first plan. */
export async function createBenchCampaign(context: DomainContext): Promise<BenchCampaign> {
  const agentIds: string[] = [];
  for (let number = 1; number <= AGENTS; number += 1) {
    const soulMarkdown = SOUL.replace(/^name: .*$/m, `name: Selam ${number}`);
    agentIds.push(
      (
        await createAgent(context, {
          name: `Selam ${number}`,
          soulMarkdown,
          socialHandles: [],
          budgetDailyUsd: '1000',
          activate: true,
        })
      ).id,
    );
  }
  const campaign = await createCampaign(context, {
    agentIds,
    name: 'Cotton',
    goals: GOALS,
    durationDays: 7,
    budgetTotalUsd: '1000',
    activate: true,
  });
  return { campaignId: campaign.id, agentIds };
}

export const POST_INPUT = { platform: 'TWITTER', topic: 'a handwoven netela from Shiro Meda' } as const;

/** The first plan of the campaign: `count` posts that depend on nothing. Written as the Planner writes it. */
export async function planPosts(context: DomainContext, campaign: BenchCampaign, count: number): Promise<void> {
  const claimed = await claimPlan(context, campaign.campaignId, PLAN_LEASE_SECONDS);
  if (!claimed) throw new Error('the campaign is not owed a plan');
  const tasks = Array.from(
    { length: count },
    (_, index): PlannedTask => ({
      key: `post ${index}`,
      agentId: campaign.agentIds[index % campaign.agentIds.length] ?? '',
      type: 'GENERATE_POST',
      input: POST_INPUT,
      dependsOn: [],
      priority: 5,
      scheduledFor: null,
    }),
  );
  const written = await writePlan(context, {
    campaignId: campaign.campaignId,
    claimToken: claimed.claimToken,
    stateVersion: claimed.campaign.stateVersion,
    reason: 'INITIAL',
    note: null,
    request: claimed.campaign.planRequest,
    model: 'fixed',
    settlements: [],
    tasks,
    replaces: [],
    shortfall: null,
  });
  if (written.outcome !== 'written') throw new Error('the plan was refused');
}
