import type Anthropic from '@anthropic-ai/sdk';
import type { TokenUsage } from '../language-model.ts';

/** Cached input counts in full: nothing here asks for caching, and a price too high is the safe side. */
export function mapUsage(usage: Anthropic.Usage): TokenUsage {
  return {
    inputTokens: usage.input_tokens + (usage.cache_creation_input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0),
    outputTokens: usage.output_tokens,
  };
}
