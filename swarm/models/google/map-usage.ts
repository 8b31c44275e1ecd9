import type { GenerateContentResponseUsageMetadata } from '@google/genai';
import type { TokenUsage } from '../language-model.ts';

/** promptTokenCount includes the cached tokens; thinking is billed as output. */
export function mapUsage(usage: GenerateContentResponseUsageMetadata | undefined): TokenUsage {
  return {
    inputTokens: usage?.promptTokenCount ?? 0,
    outputTokens: (usage?.candidatesTokenCount ?? 0) + (usage?.thoughtsTokenCount ?? 0),
  };
}
