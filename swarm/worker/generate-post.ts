import {
  analyzeTrendOutput,
  generatePostInput,
  generatePostOutput,
  PLATFORM_TEXT_LIMITS,
} from '../../domain/task/task-types.ts';
import { writePostPrompt } from '../models/prompts/write-post.ts';
import type { Attempt, AttemptOutput } from './attempt.ts';
import { recallMemories } from './recall-memories.ts';

async function previousDraft(attempt: Attempt): Promise<string | null> {
  if (attempt.task.attempt === 1) return null;
  const last = await attempt.context.db.prisma.result.findFirst({
    where: { taskId: attempt.task.id, verdict: { not: null } },
    orderBy: { attempt: 'desc' },
    select: { output: true },
  });
  const parsed = generatePostOutput.safeParse(last?.output);
  return parsed.success ? parsed.data.text : null;
}

/** Writes one post from the persona, the goals, the trend analysis it depends on and what the agent remembers. */
export async function generatePost(attempt: Attempt): Promise<AttemptOutput> {
  const input = generatePostInput.parse(attempt.task.input);
  const analysis = attempt.task.dependencies.find((dependency) => dependency.type === 'ANALYZE_TREND');
  const trend = analyzeTrendOutput.safeParse(analysis?.output);
  const [memories, recentPosts, draft] = await Promise.all([
    recallMemories(attempt, input.topic),
    attempt.agents.recentDrafts(attempt.context.db, attempt.task.agentId),
    previousDraft(attempt),
  ]);
  const { reasoning, probability, ...output } = await attempt.generate(writePostPrompt, {
    persona: attempt.agent.persona,
    goals: attempt.goals,
    platform: input.platform,
    topic: input.topic,
    tone: input.tone ?? null,
    maxLength: Math.min(input.maxLength ?? Number.POSITIVE_INFINITY, PLATFORM_TEXT_LIMITS[input.platform]),
    trend: trend.success ? { topic: trend.data.topic, summary: trend.data.summary, angle: trend.data.angle } : null,
    memories,
    recentPosts,
    feedback: attempt.task.feedback,
    previousDraft: draft,
  });
  return { output, reasoning, modelProbability: probability };
}
