import type { ClaimedPlan } from '../../domain/campaign/claim-plan.ts';
import { claimPlan, dropPlan, extendPlanLease } from '../../domain/campaign/claim-plan.ts';
import {
  endCampaign,
  failPlan,
  postponePlan,
  readExhaustion,
  waitForPublications,
} from '../../domain/campaign/fail-plan.ts';
import { BACKOFF_SECONDS } from '../../domain/campaign/plan-bounds.ts';
import type { PlannedTask } from '../../domain/campaign/validate-plan.ts';
import { validatePlan } from '../../domain/campaign/validate-plan.ts';
import { writePlan } from '../../domain/campaign/write-plan.ts';
import type { DomainContext } from '../../domain/context.ts';
import { BudgetExceededError } from '../../domain/errors.ts';
import type { JobPayload } from '../../domain/jobs.ts';
import { holdForBudget } from '../../domain/money/budget-hold.ts';
import type { Reservation, Settlement } from '../../domain/money/reserve.ts';
import { explainRefusal, reserve, TOTAL_DAY } from '../../domain/money/reserve.ts';
import { faultOf } from '../faults/fault-of.ts';
import type { Estimates } from '../governor/estimates.ts';
import { LanguageModelError } from '../models/language-model.ts';
import { planPrompt } from '../models/prompts/plan.ts';
import type { SwarmResources } from '../resources.ts';
import { swarmContext } from '../resources.ts';
import type { PlanContext } from './plan-context.ts';
import { postMicroUsd, readPlanContext } from './plan-context.ts';
import { readFirstTrends } from './poll.ts';

const MAX_TASKS = 500;
/** What one plan may take, and how long its reservation holds. */
const PLAN_TIMEOUT_SECONDS = 150;
const MODEL_TIMEOUT_MS = 120_000;

export interface PlannerRole {
  /** One job: turns a campaign's goals into the next revision of its task graph. */
  perform(job: JobPayload<'plan'>): Promise<void>;
  close(): void;
}

/** What asking the model cost so far, and the reservation it is settled against. */
interface Spending {
  reservation: Reservation;
  microUsd: number;
  model: string;
  /** The end of the reservation or of the claim: no question to the model goes beyond it. */
  until: AbortSignal;
}

const settlementsOf = (spending: Spending): Settlement[] => [
  { reservation: spending.reservation, actualMicroUsd: spending.microUsd, model: spending.model },
];

const shortfallOf = ({ missingPosts, affordablePosts }: PlanContext): string | null =>
  affordablePosts < missingPosts
    ? `The budget carries ${affordablePosts} of ${missingPosts} further posts; raise it, and the rest is planned.`
    : null;

/**
 * The Planner. A plan that does not validate is shown to the model once with everything that is wrong; then the attempt
 * fails, is tried again later, and in the end the campaign is FAILED with the explanation.
 */
export function createPlanner(resources: SwarmResources, estimates: Estimates): PlannerRole {
  const stopping = new AbortController();

  async function ask(plan: PlanContext, campaignId: string, attempt: string, spending: Spending): Promise<unknown[]> {
    const generation = await resources.model.generate(planPrompt, plan.input, {
      signal: AbortSignal.any([stopping.signal, spending.until]),
      timeoutMs: MODEL_TIMEOUT_MS,
      seed: `${campaignId}/${attempt}`,
    });
    spending.microUsd += generation.costMicroUsd;
    spending.model = generation.model;
    return generation.output.tasks;
  }

  async function propose(
    plan: PlanContext,
    claim: ClaimedPlan,
    spending: Spending,
  ): Promise<{ tasks: PlannedTask[] } | { problems: string[] }> {
    const { campaign } = claim;
    const rules = {
      agentIds: plan.input.agents.map((agent) => agent.agentId),
      maxTasks: MAX_TASKS,
      maxPublications: plan.missingPosts,
      endsAt: campaign.endsAt,
      remainingMicroUsd: plan.remainingMicroUsd,
      estimateMicroUsd: estimates.totalMicroUsd,
    };
    const seed = `${campaign.planRevision}/${campaign.planFailures}`;
    const first = validatePlan(await ask(plan, campaign.id, seed, spending), rules);
    if (first.tasks) return { tasks: first.tasks };
    const note = [plan.input.note, `Your last plan was refused: ${first.problems.slice(0, 20).join('; ')}`]
      .filter(Boolean)
      .join('\n')
      .slice(0, 4000);
    const second = validatePlan(
      await ask({ ...plan, input: { ...plan.input, note } }, campaign.id, `${seed}/again`, spending),
      rules,
    );
    return second.tasks ? { tasks: second.tasks } : { problems: second.problems };
  }

  /** `lost` aborts what is asked for a claim that is no longer ours. */
  async function plan(context: DomainContext, claim: ClaimedPlan, lost: AbortSignal): Promise<void> {
    const { campaign } = claim;
    const exhausted = await readExhaustion(context, campaign);
    if (exhausted) return endCampaign(context, claim, exhausted);
    const agentIds = (
      await context.db.query<{ agentId: string }>('SELECT "agentId" FROM "CampaignAgent" WHERE "campaignId" = $1', [
        campaign.id,
      ])
    ).map((row) => row.agentId);
    await readFirstTrends(resources, context, agentIds, stopping.signal);
    const planContext = await readPlanContext(resources, context, campaign, MAX_TASKS, estimates);
    if (planContext.missingPosts === 0) {
      if (!(await dropPlan(context, claim, planContext.replaces))) await postponePlan(context, claim, 0, null);
      return;
    }
    const [agent] = planContext.input.agents;
    if (!agent)
      return failPlan(context, claim, { message: 'none of its agents can work any more.', kind: 'HOPELESS' }, []);
    if (planContext.affordablePosts === 0) {
      const short = await explainRefusal(context.db, {
        scopeId: campaign.id,
        day: TOTAL_DAY,
        amount: estimates.planMicroUsd * 2 + postMicroUsd(estimates),
      });
      if (await waitForPublications(context, claim, `the budget left carries no further post. ${short.message}`))
        return;
      throw short;
    }
    const now = context.clock.now();
    const [reservation] = await context.db.transaction((sql) =>
      reserve(
        sql,
        context.tenantId,
        [
          {
            agentId: agent.agentId,
            campaignId: campaign.id,
            taskId: null,
            attempt: null,
            category: 'MODEL',
            amountMicroUsd: estimates.planMicroUsd * 2,
          },
        ],
        now,
        new Date(now.getTime() + PLAN_TIMEOUT_SECONDS * 1_000),
      ),
    );
    const spending: Spending = {
      reservation: reservation as Reservation,
      microUsd: 0,
      model: resources.model.modelFor('STRONG'),
      until: AbortSignal.any([lost, AbortSignal.timeout(PLAN_TIMEOUT_SECONDS * 1_000)]),
    };
    try {
      const proposal = await propose(planContext, claim, spending);
      if ('problems' in proposal)
        return await failPlan(
          context,
          claim,
          { message: proposal.problems.slice(0, 5).join('; '), kind: 'INVALID' },
          settlementsOf(spending),
        );
      const written = await writePlan(context, {
        campaignId: campaign.id,
        claimToken: claim.claimToken,
        stateVersion: campaign.stateVersion,
        reason: campaign.planDueReason ?? 'HUMAN',
        note: campaign.planDueNote,
        request: campaign.planRequest,
        model: spending.model,
        settlements: settlementsOf(spending),
        tasks: proposal.tasks,
        replaces: planContext.replaces,
        shortfall: shortfallOf(planContext),
      });
      if (written.outcome === 'stale') await postponePlan(context, claim, 0, null);
    } catch (error) {
      if (error instanceof LanguageModelError) spending.microUsd += error.costMicroUsd;
      if (stopping.signal.aborted) return await postponePlan(context, claim, 0, null, settlementsOf(spending));
      const { action, message, retryAfterMs } = faultOf(error);
      // For the Planner itself, what goes back to the planner or to a person is an answer of no use.
      const kind = action === 'PLANNER' || action === 'PERSON' ? 'INVALID' : 'FAULT';
      await failPlan(context, claim, { message, kind, retryAfterMs }, settlementsOf(spending));
      if (!(error instanceof LanguageModelError)) throw error;
    }
  }

  return {
    async perform(job) {
      const context = swarmContext(resources, 'planner', job.tenantId, job.traceId);
      const { leaseSeconds } = resources.settings;
      const claim = await claimPlan(context, job.campaignId, leaseSeconds);
      if (!claim) return;
      const lost = new AbortController();
      // A Planner that dies, or cannot reach the database, frees the campaign with its lease.
      const heartbeat = setInterval(
        () =>
          void extendPlanLease(context, claim, leaseSeconds).then(
            (kept) => kept || lost.abort(new Error('the claim was lost')),
            (error: unknown) => resources.logger.warn({ err: error }, 'heartbeat of a plan failed'),
          ),
        (leaseSeconds * 1000) / 3,
      );
      try {
        await plan(context, claim, lost.signal);
      } catch (error) {
        if (!(error instanceof BudgetExceededError)) {
          // Not left to the lease: tried again soon, and in the end FAILED with the explanation.
          await failPlan(context, claim, { message: String(error), kind: 'FAULT' }, []);
          throw error;
        }
        const refused = { campaignId: job.campaignId, agentId: null, taskId: null };
        await holdForBudget(context, refused, error);
        await postponePlan(context, claim, BACKOFF_SECONDS, null);
      } finally {
        clearInterval(heartbeat);
      }
    },
    close: () => stopping.abort(new Error('the Planner is stopping')),
  };
}
