import { createHash } from 'node:crypto';
import { estimateTokens } from '../count-tokens.ts';
import type { GenerateOptions, Generation, LanguageModel, Prompt } from '../language-model.ts';
import { LanguageModelError } from '../language-model.ts';
import type { AnalyzeTrendPromptInput } from '../prompts/analyze-trend.ts';
import { analyzeTrendPrompt } from '../prompts/analyze-trend.ts';
import type { AssessPromptInput } from '../prompts/assess.ts';
import { assessPrompt } from '../prompts/assess.ts';
import type { DescribeImagePromptInput } from '../prompts/describe-image.ts';
import { describeImagePrompt } from '../prompts/describe-image.ts';
import type { PlanPromptInput } from '../prompts/plan.ts';
import { planPrompt } from '../prompts/plan.ts';
import type { WritePostPromptInput } from '../prompts/write-post.ts';
import { writePostPrompt } from '../prompts/write-post.ts';
import type { WriteReplyPromptInput } from '../prompts/write-reply.ts';
import { writeReplyPrompt } from '../prompts/write-reply.ts';
import { analyzeTrend } from './analyze-trend.ts';
import { assess } from './assess.ts';
import { describeImage } from './describe-image.ts';
import { plan } from './plan.ts';
import type { SeededRandom } from './seeded-random.ts';
import { createSeededRandom } from './seeded-random.ts';
import { writePost } from './write-post.ts';
import { writeReply } from './write-reply.ts';

const OFFLINE_DESCRIPTION = 'offline model (no ANTHROPIC_API_KEY or GOOGLE_API_KEY set)';

/**
 * Answers every prompt without a network: a grammar over the persona and the data, and judgements by what can be
 * counted. The same (offlineSeed, options.seed, prompt, input) gives the same answer, on every machine. Costs nothing.
 */
export function createOfflineModel(offlineSeed: string): LanguageModel {
  return {
    vendor: 'offline',
    description: OFFLINE_DESCRIPTION,
    modelFor: () => 'offline',
    estimateMicroUsd: () => 0,
    generate: async (prompt, input, options) => generate(offlineSeed, prompt, input, options ?? {}),
  };
}

function generate<I, O>(
  offlineSeed: string,
  prompt: Prompt<I, O>,
  rawInput: I,
  options: GenerateOptions,
): Generation<O> {
  const startedAt = performance.now();
  if (options.signal?.aborted) throw new LanguageModelError('ABORTED', 'aborted by the caller');
  const input = prompt.input.parse(rawInput);
  const digest = createHash('sha256').update(JSON.stringify(input)).digest('hex');
  const random = createSeededRandom(offlineSeed, options.seed ?? '', prompt.name, digest);
  const parsed = prompt.output.safeParse(answer(prompt, input, random));
  if (!parsed.success)
    throw new LanguageModelError('MALFORMED_OUTPUT', `offline, ${prompt.name}: ${parsed.error.message}`);
  const { system, user } = prompt.render(input);
  return {
    output: parsed.data,
    vendor: 'offline',
    model: 'offline',
    usage: { inputTokens: estimateTokens(system + user), outputTokens: estimateTokens(JSON.stringify(parsed.data)) },
    costMicroUsd: 0,
    durationMs: Math.round(performance.now() - startedAt),
  };
}

/** The composer of each prompt. The input has been parsed by the prompt's own schema, which the name stands for. */
function answer(
  prompt: { readonly name: Prompt<unknown, unknown>['name'] },
  input: unknown,
  random: SeededRandom,
): unknown {
  switch (prompt.name) {
    case 'PLAN':
      return plan(planPrompt.input.parse(input) satisfies PlanPromptInput, random);
    case 'ANALYZE_TREND':
      return analyzeTrend(analyzeTrendPrompt.input.parse(input) satisfies AnalyzeTrendPromptInput, random);
    case 'WRITE_POST':
      return writePost(writePostPrompt.input.parse(input) satisfies WritePostPromptInput, random);
    case 'WRITE_REPLY':
      return writeReply(writeReplyPrompt.input.parse(input) satisfies WriteReplyPromptInput, random);
    case 'DESCRIBE_IMAGE':
      return describeImage(describeImagePrompt.input.parse(input) satisfies DescribeImagePromptInput, random);
    case 'ASSESS':
      return assess(assessPrompt.input.parse(input) satisfies AssessPromptInput);
  }
}
