import { analyzeTrendInput } from '../../domain/task/task-types.ts';
import { analyzeTrendPrompt } from '../models/prompts/analyze-trend.ts';
import type { Attempt, AttemptOutput } from './attempt.ts';
import { recallMemories } from './recall-memories.ts';

const ARTICLES = 8;

/** Reads what the agent's feeds brought about a topic and says what the persona can add. */
export async function analyzeTrend(attempt: Attempt): Promise<AttemptOutput> {
  const input = analyzeTrendInput.parse(attempt.task.input);
  const where =
    input.trendIds.length > 0 ? { id: { in: input.trendIds } } : { agentId: attempt.task.agentId, suspicious: false };
  const trends = await attempt.context.db.prisma.trend.findMany({
    where,
    orderBy: [{ relevance: 'desc' }, { seenAt: 'desc' }],
    take: ARTICLES,
  });
  const { reasoning, probability, ...output } = await attempt.generate(analyzeTrendPrompt, {
    persona: attempt.agent.persona,
    goals: attempt.goals,
    topic: input.topic,
    articles: trends.map((trend) => ({
      title: trend.topic,
      summary: trend.summary,
      url: trend.url,
      source: trend.source,
    })),
    memories: await recallMemories(attempt, input.topic),
  });
  return { output, reasoning, modelProbability: probability };
}
