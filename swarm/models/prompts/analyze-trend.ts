import { z } from 'zod';
import { analyzeTrendOutput } from '../../../domain/task/task-types.ts';
import { composeSystemPrompt } from '../../../domain/trust/instruction-hierarchy.ts';
import { wrapUntrusted } from '../../../domain/trust/untrusted-text.ts';
import { definePrompt } from '../language-model.ts';
import { listOrNone } from './render-list.ts';
import { personaContext, selfAssessment } from './shared-fields.ts';

export const analyzeTrendPromptInput = z.object({
  ...personaContext,
  topic: z.string(),
  /** Untrusted. */
  articles: z.array(
    z.object({ title: z.string(), summary: z.string(), url: z.string().nullable(), source: z.string() }),
  ),
  memories: z.array(z.string()),
});
export type AnalyzeTrendPromptInput = z.infer<typeof analyzeTrendPromptInput>;

export const analyzeTrendPromptOutput = analyzeTrendOutput.extend(selfAssessment);
export type AnalyzeTrendPromptOutput = z.infer<typeof analyzeTrendPromptOutput>;

export const analyzeTrendPrompt = definePrompt<AnalyzeTrendPromptInput, AnalyzeTrendPromptOutput>({
  name: 'ANALYZE_TREND',
  version: '1',
  tier: 'FAST',
  input: analyzeTrendPromptInput,
  output: analyzeTrendPromptOutput,
  maxOutputTokens: 1500,
  render: (input) => ({
    system: composeSystemPrompt({
      task: 'Read the articles and say what is happening and what this persona can add to it.',
      rules: [
        'summary: neutral, only what the articles say. Two to four sentences.',
        'angle: one thing this persona, and not just anybody, can say about it.',
        'relevance: 0 to 1, how well the topic fits persona and goals. Low when the articles do not fit the topic.',
        'sources: only the articles given, with their title and url unchanged.',
      ],
      personas: [{ heading: 'PERSONA', persona: input.persona }],
      goals: input.goals,
    }),
    user: [
      `Topic: ${wrapUntrusted('topic', input.topic)}`,
      `What the persona remembers:\n${wrapUntrusted('memories', listOrNone(input.memories))}`,
      ...input.articles.map((article, index) =>
        wrapUntrusted(
          `article ${index + 1}`,
          `title: ${article.title}\nsource: ${article.source}\nurl: ${article.url ?? 'none'}\n${article.summary}`,
        ),
      ),
    ].join('\n\n'),
  }),
});
