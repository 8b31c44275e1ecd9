import { z } from 'zod';
import { generateImageInput } from '../../../domain/task/task-types.ts';
import { composeSystemPrompt } from '../../../domain/trust/instruction-hierarchy.ts';
import { wrapUntrusted } from '../../../domain/trust/untrusted-text.ts';
import { definePrompt } from '../language-model.ts';
import { personaContext, selfAssessment } from './shared-fields.ts';

export const describeImagePromptInput = z.object({
  ...personaContext,
  prompt: z.string(),
  style: generateImageInput.shape.style.unwrap(),
});
export type DescribeImagePromptInput = z.infer<typeof describeImagePromptInput>;

export const describeImagePromptOutput = z.object({
  prompt: z.string().trim().min(1).max(1000).describe('For the image model: subject, setting, light, composition.'),
  altText: z.string().trim().min(1).max(500).describe('For people who cannot see the image. No "image of".'),
  ...selfAssessment,
});
export type DescribeImagePromptOutput = z.infer<typeof describeImagePromptOutput>;

export const describeImagePrompt = definePrompt<DescribeImagePromptInput, DescribeImagePromptOutput>({
  name: 'DESCRIBE_IMAGE',
  version: '1',
  tier: 'FAST',
  input: describeImagePromptInput,
  output: describeImagePromptOutput,
  maxOutputTokens: 800,
  render: (input) => ({
    system: composeSystemPrompt({
      task: `Turn the idea into a prompt for an image model, style ${input.style}, that suits the persona.`,
      rules: [
        'No real, recognisable people, no brands, no text inside the image.',
        'altText describes what will be seen.',
      ],
      personas: [{ heading: 'PERSONA', persona: input.persona }],
      goals: input.goals,
    }),
    user: `Idea:\n${wrapUntrusted('idea', input.prompt)}`,
  }),
});
