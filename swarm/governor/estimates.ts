import type { SpendCategory } from '../../domain/money/reserve.ts';
import type { TaskType } from '../../domain/task/task-types.ts';
import { TASK_TYPES } from '../../domain/task/task-types.ts';
import { ASSESSED_TYPES } from '../judge/judged.ts';
import type { LanguageModel, Prompt } from '../models/language-model.ts';
import { analyzeTrendPrompt } from '../models/prompts/analyze-trend.ts';
import { assessPrompt } from '../models/prompts/assess.ts';
import { describeImagePrompt } from '../models/prompts/describe-image.ts';
import { planPrompt } from '../models/prompts/plan.ts';
import { writePostPrompt } from '../models/prompts/write-post.ts';
import { writeReplyPrompt } from '../models/prompts/write-reply.ts';

/** What an image costs at most, micro-USD; the server says the real price with the image. */
export const IMAGE_PRICE_MICRO_USD = 100_000;

const LONG = 'x'.repeat(2_000);
const PERSONA = {
  name: LONG.slice(0, 100),
  niche: null,
  region: null,
  backstory: LONG.repeat(3),
  voiceTraits: [LONG.slice(0, 100)],
  coreBeliefs: [LONG.slice(0, 500)],
  directives: [LONG.slice(0, 1000)],
};
const MANY = Array.from({ length: 10 }, () => LONG.slice(0, 500));

export interface Estimates {
  /** What one attempt of a type reserves before it starts, its judgement included: a result made can also be judged. */
  attempt(type: TaskType): { category: SpendCategory; amountMicroUsd: number }[];
  planMicroUsd: number;
  /** Everything one attempt may cost. */
  totalMicroUsd(type: TaskType): number;
}

/**
 * Upper bounds by task type, from the model's own estimate for a large input of each prompt: what the governor reserves
 * before an attempt, a judgement or a plan. What was really spent is settled afterwards.
 */
export function estimateCosts(model: LanguageModel): Estimates {
  const cost = <I, O>(prompt: Prompt<I, O>, input: I): number => Math.ceil(model.estimateMicroUsd(prompt, input));
  const context = { persona: PERSONA, goals: LONG };
  const mention = { author: 'someone', text: LONG };
  const modelCost: Record<TaskType, number> = {
    ANALYZE_TREND: cost(analyzeTrendPrompt, {
      ...context,
      topic: LONG,
      articles: MANY.map((summary) => ({ title: summary, summary, url: null, source: 'x' })),
      memories: MANY,
    }),
    GENERATE_POST: cost(writePostPrompt, {
      ...context,
      platform: 'TWITTER',
      topic: LONG,
      tone: null,
      maxLength: 280,
      trend: null,
      memories: MANY,
      recentPosts: MANY,
      feedback: LONG,
      previousDraft: LONG,
    }),
    GENERATE_IMAGE: cost(describeImagePrompt, { ...context, prompt: LONG, style: 'realistic' }),
    REPLY_COMMENT: cost(writeReplyPrompt, {
      persona: PERSONA,
      platform: 'TWITTER',
      maxLength: 280,
      mention,
      conversation: MANY,
      memories: MANY,
      feedback: LONG,
    }),
    GENERATE_VIDEO: 0,
    POST_CONTENT: 0,
    EXECUTE_TRANSACTION: 0,
  };
  const judgementMicroUsd = cost(assessPrompt, { ...context, taskType: 'GENERATE_POST', content: LONG, mention });
  const planMicroUsd = cost(planPrompt, {
    campaign: {
      name: LONG,
      goals: LONG,
      startsAt: new Date(0).toISOString(),
      endsAt: null,
      priority: 'MEDIUM',
      targetPosts: 10,
    },
    agents: [{ agentId: 'a', persona: PERSONA, platforms: ['TWITTER'] }],
    budgetRemainingUsd: null,
    trends: [],
    mentions: [],
    memories: MANY,
    finished: [],
    reason: 'INITIAL',
    note: LONG,
    maxTasks: 50,
    now: new Date(0).toISOString(),
  });
  const attempt = (type: TaskType): { category: SpendCategory; amountMicroUsd: number }[] => [
    { category: 'MODEL', amountMicroUsd: modelCost[type] },
    ...(ASSESSED_TYPES.has(type) ? [{ category: 'JUDGEMENT' as const, amountMicroUsd: judgementMicroUsd }] : []),
    ...(type === 'GENERATE_IMAGE' ? [{ category: 'MEDIA' as const, amountMicroUsd: IMAGE_PRICE_MICRO_USD }] : []),
  ];
  return {
    attempt,
    planMicroUsd,
    totalMicroUsd: (type) =>
      TASK_TYPES[type].supported ? attempt(type).reduce((sum, part) => sum + part.amountMicroUsd, 0) : 0,
  };
}
