import type { Platform } from '../../../domain/task/task-types.ts';
import type { PlannedTask, PlanPromptInput, PlanPromptOutput } from '../prompts/plan.ts';
import { clamp } from './overlap.ts';
import { publicationTimes } from './plan-times.ts';
import type { PlanTopic } from './plan-topics.ts';
import { choosePlanTopics } from './plan-topics.ts';
import type { SeededRandom } from './seeded-random.ts';

const DONE = /^(?:COMPLETE|APPLYING|IN_REVIEW|ESCALATED|IN_PROGRESS|QUEUED|PENDING)$/u;
const PRIORITY = { HIGH: 8, MEDIUM: 5, LOW: 3 } as const;
/** Below this an image would eat what the posts need. */
const IMAGE_BUDGET_USD = 1;
/** A post with its analysis, drafts and judgement costs well below this with any listed model. */
const POST_BUDGET_USD = 0.05;

type Agent = PlanPromptInput['agents'][number];

/** Posts in turn for each agent and platform, trends first, spread over the campaign; as many as still are missing. */
export function plan(input: PlanPromptInput, random: SeededRandom): PlanPromptOutput {
  const agents = input.agents.filter((agent) => agent.platforms.length > 0);
  const published = input.finished.filter((task) => task.type === 'POST_CONTENT' && DONE.test(task.status)).length;
  const missing = Math.max(0, input.campaign.targetPosts - published);
  const budget = input.budgetRemainingUsd === null ? Number.POSITIVE_INFINITY : Number(input.budgetRemainingUsd);
  const affordable = Number.isNaN(budget) ? missing : Math.max(0, Math.floor(budget / POST_BUDGET_USD));
  const postCount = agents.length === 0 ? 0 : Math.min(missing, affordable, Math.floor(input.maxTasks / 2));
  const wishes = readNote(input);
  const withImages = budget >= IMAGE_BUDGET_USD && input.reason !== 'BUDGET' && !wishes.withoutImages;
  const topics = new Map(
    agents.map((agent) => [agent.agentId, choosePlanTopics(input, agent, postCount, random.fork(agent.agentId))]),
  );
  const times = publicationTimes(input, postCount, random.fork('times'));

  const tasks: PlannedTask[] = [];
  for (let number = 0; number < postCount; number++) {
    const agent = agents[number % agents.length] as Agent;
    const round = Math.floor(number / agents.length);
    const platform = agent.platforms[round % agent.platforms.length] as Platform;
    const topic = topics.get(agent.agentId)?.[round];
    if (!topic) continue;
    // Every post still to come needs two tasks at least; what is left over pays for analyses and images.
    const spare = input.maxTasks - tasks.length - 2 * (postCount - number);
    const wantsAnalysis = topic.trendId !== null && spare >= 1;
    const wantsImage =
      withImages &&
      spare >= (wantsAnalysis ? 2 : 1) &&
      (platform === 'INSTAGRAM' || (platform !== 'YOUTUBE' && random.chance(0.2)));
    tasks.push(
      ...planPost({
        input,
        agent,
        platform,
        topic,
        number: number + 1,
        wantsAnalysis,
        wantsImage,
        scheduledFor: times[number] ?? null,
        random,
      }),
    );
  }
  return {
    tasks,
    reasoning: explain(input, postCount, missing, published, agents.length, withImages),
    probability: confidence(input, tasks, missing, random),
  };
}

interface PostPlan {
  input: PlanPromptInput;
  agent: Agent;
  platform: Platform;
  topic: PlanTopic;
  number: number;
  wantsAnalysis: boolean;
  wantsImage: boolean;
  scheduledFor: string | null;
  random: SeededRandom;
}

function planPost({
  input,
  agent,
  platform,
  topic,
  number,
  wantsAnalysis,
  wantsImage,
  scheduledFor,
  random,
}: PostPlan): PlannedTask[] {
  const priority = Math.min(10, PRIORITY[input.campaign.priority] + (number === 1 ? 1 : 0));
  const shared = { agentId: agent.agentId, scheduledFor: null };
  const keys = {
    trend: `trend-${number}`,
    post: `post-${number}`,
    image: `image-${number}`,
    publish: `publish-${number}`,
  };
  const tasks: PlannedTask[] = [];
  if (wantsAnalysis) {
    tasks.push({
      ...shared,
      key: keys.trend,
      priority,
      dependsOn: [],
      type: 'ANALYZE_TREND',
      input: { topic: topic.text.slice(0, 200), trendIds: topic.trendId ? [topic.trendId] : [] },
    });
  }
  const tone = random.pick(agent.persona.voiceTraits).slice(0, 100);
  tasks.push({
    ...shared,
    key: keys.post,
    priority,
    dependsOn: wantsAnalysis ? [keys.trend] : [],
    type: 'GENERATE_POST',
    input: { platform, topic: topic.text.slice(0, 300), tone },
  });
  if (wantsImage) {
    const prompt = `${topic.text}${agent.persona.niche ? `, ${agent.persona.niche}` : ''}`.slice(0, 1000);
    const aspectRatio = platform === 'TWITTER' ? '16:9' : platform === 'TIKTOK' ? '9:16' : '4:5';
    tasks.push({
      ...shared,
      key: keys.image,
      priority: Math.max(1, priority - 1),
      dependsOn: [],
      type: 'GENERATE_IMAGE',
      input: { prompt, style: 'realistic', aspectRatio },
    });
  }
  tasks.push({
    ...shared,
    key: keys.publish,
    priority,
    dependsOn: wantsImage ? [keys.post, keys.image] : [keys.post],
    scheduledFor,
    type: 'POST_CONTENT',
    input: { platform },
  });
  return tasks;
}

function readNote(input: PlanPromptInput): { withoutImages: boolean } {
  const isOrder = input.reason === 'HUMAN' && input.note !== null;
  return {
    withoutImages:
      isOrder && /\b(?:no|without|stop|drop)\b[^.\n]{0,20}\b(?:images?|pictures?|photos?)\b/iu.test(input.note ?? ''),
  };
}

function explain(
  input: PlanPromptInput,
  planned: number,
  missing: number,
  published: number,
  agents: number,
  withImages: boolean,
): string {
  const parts = [
    `${published} of ${input.campaign.targetPosts} posts are done or under way; ${planned} more are planned for ${agents} agent${agents === 1 ? '' : 's'}.`,
  ];
  if (input.reason !== 'INITIAL') parts.push(`New plan because of ${input.reason.toLowerCase().replaceAll('_', ' ')}.`);
  if (agents === 0) parts.push('No agent has a platform to post on.');
  else if (planned < missing) parts.push('Budget or task limit leaves room for no more.');
  if (!withImages) parts.push('No images.');
  return parts.join(' ');
}

function confidence(
  input: PlanPromptInput,
  tasks: readonly PlannedTask[],
  missing: number,
  random: SeededRandom,
): number {
  const none = tasks.length === 0 && missing > 0 ? 0.3 : 0;
  const again = input.reason === 'RESULT_REJECTED' || input.reason === 'TASK_FAILED' ? 0.03 : 0;
  return clamp(0.95 - none - again + (random.fork('probability').next() - 0.5) * 0.02);
}
