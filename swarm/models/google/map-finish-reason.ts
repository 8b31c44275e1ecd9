import type { GenerateContentResponse } from '@google/genai';
import { FinishReason } from '@google/genai';
import type { VendorAnswer } from '../vendor-model.ts';

const REFUSALS: ReadonlySet<string> = new Set([
  FinishReason.SAFETY,
  FinishReason.RECITATION,
  FinishReason.LANGUAGE,
  FinishReason.BLOCKLIST,
  FinishReason.PROHIBITED_CONTENT,
  FinishReason.SPII,
]);

/** Why Gemini stopped, where that leaves no whole answer. A blocked prompt has no candidate at all. */
export function mapFinishReason(response: GenerateContentResponse): VendorAnswer['stopped'] {
  const blocked = response.promptFeedback?.blockReason;
  if (blocked) return { kind: 'REFUSED', message: `refused the prompt: ${blocked}` };
  const reason = response.candidates?.[0]?.finishReason;
  if (reason && REFUSALS.has(reason)) return { kind: 'REFUSED', message: `refused to answer: ${reason}` };
  if (reason === FinishReason.MAX_TOKENS) return { kind: 'TRUNCATED', message: 'the answer was longer than allowed' };
  return null;
}
