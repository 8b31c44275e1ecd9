import { z } from 'zod';
import { generatePostOutput, platformSchema } from '../../../domain/task/task-types.ts';
import { composeSystemPrompt } from '../../../domain/trust/instruction-hierarchy.ts';
import { wrapUntrusted } from '../../../domain/trust/untrusted-text.ts';
import { definePrompt } from '../language-model.ts';
import { listOrNone } from './render-list.ts';
import { personaContext, selfAssessment } from './shared-fields.ts';

export const writePostPromptInput = z.object({
  ...personaContext,
  platform: platformSchema,
  topic: z.string(),
  tone: z.string().nullable(),
  /** Characters of text and hashtags together, each hashtag counted with one space before it. */
  maxLength: z.number().int().min(20).max(5000),
  /** Untrusted: made from outside articles. */
  trend: z.object({ topic: z.string(), summary: z.string(), angle: z.string() }).nullable(),
  memories: z.array(z.string()),
  /** Not to be repeated. */
  recentPosts: z.array(z.string()),
  /** Why the last draft was sent back. */
  feedback: z.string().nullable(),
  previousDraft: z.string().nullable(),
});
export type WritePostPromptInput = z.infer<typeof writePostPromptInput>;

export const writePostPromptOutput = generatePostOutput.extend(selfAssessment);
export type WritePostPromptOutput = z.infer<typeof writePostPromptOutput>;

export const writePostPrompt = definePrompt<WritePostPromptInput, WritePostPromptOutput>({
  name: 'WRITE_POST',
  version: '1',
  tier: 'FAST',
  input: writePostPromptInput,
  output: writePostPromptOutput,
  maxOutputTokens: 2500,
  render: (input) => ({
    system: composeSystemPrompt({
      task: `Write one post for ${input.platform} in the persona's voice.`,
      rules: [
        `text plus hashtags stay within ${input.maxLength} characters; put no hashtags into text.`,
        'hashtags: at most three, each starts with #, letters, digits and _ only.',
        'Say one thing, concretely. No greeting, no "as a …", no list of adjectives, no @mentions.',
        'Do not repeat the recent posts in wording or idea.',
        'estimatedEngagement: 0 to 1, compared with a usual post of this persona.',
        ...(input.tone ? [`Tone: ${input.tone}`] : []),
      ],
      personas: [{ heading: 'PERSONA', persona: input.persona }],
      goals: input.goals,
    }),
    user: [
      `Topic:\n${wrapUntrusted('topic', input.topic)}`,
      input.trend
        ? `Trend:\n${wrapUntrusted('trend', `${input.trend.topic}\n${input.trend.summary}\nPossible angle: ${input.trend.angle}`)}`
        : 'Trend: (none)',
      `What the persona remembers:\n${wrapUntrusted('memories', listOrNone(input.memories))}`,
      `Recent posts, not to be repeated:\n${wrapUntrusted('recent posts', listOrNone(input.recentPosts))}`,
      ...(input.previousDraft
        ? [`Your last draft, which was sent back:\n${wrapUntrusted('draft', input.previousDraft)}`]
        : []),
      ...(input.feedback ? [`What the editor said about it; the new post must answer it:\n${input.feedback}`] : []),
    ].join('\n\n'),
  }),
});
