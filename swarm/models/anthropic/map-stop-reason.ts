import type Anthropic from '@anthropic-ai/sdk';
import type { VendorAnswer } from '../vendor-model.ts';

/** Why Claude stopped, where that leaves no whole answer. */
export function mapStopReason(reason: Anthropic.StopReason | null): VendorAnswer['stopped'] {
  switch (reason) {
    case 'refusal':
      return { kind: 'REFUSED', message: 'refused to answer' };
    case 'max_tokens':
      return { kind: 'TRUNCATED', message: 'the answer was longer than allowed' };
    case 'model_context_window_exceeded':
      return { kind: 'TRUNCATED', message: 'prompt and answer exceed the context window' };
    default:
      return null;
  }
}
