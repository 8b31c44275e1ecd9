import { scanForInjection } from '../../../domain/trust/untrusted-text.ts';
import type { WritePostPromptInput } from '../prompts/write-post.ts';
import { languageOf } from './language.ts';
import { clamp, overlapShare, personaStems, stems } from './overlap.ts';
import type { SeededRandom } from './seeded-random.ts';
import { findSensitiveTopics } from './sensitive-topics.ts';

/** A post as it is written, with the names of the parts it was put together from. */
export interface Draft {
  text: string;
  hashtags: string[];
  parts: string[];
}

/** What a careful editor would weigh: fit of subject and persona, thin or odd sources, repetition, delicate subjects. */
export function estimateProbability(
  input: WritePostPromptInput,
  draft: Draft,
  repetition: number,
  random: SeededRandom,
): number {
  const persona = personaStems(input.persona, input.goals);
  const source = `${input.topic}\n${input.trend?.summary ?? ''}`;
  let probability = 0.965;
  const subjectFit = overlapShare(source, persona);
  probability -= subjectFit >= 0.5 ? 0 : subjectFit >= 0.25 ? 0.05 : 0.12;
  if (input.trend && input.trend.summary.length < 60) probability -= 0.06;
  if (scanForInjection(source).suspicious) probability -= 0.4;
  probability -= Math.min(0.3, findSensitiveTopics(`${source}\n${draft.text}`).length * 0.15);
  if (languageOf(source) !== 'English') probability -= 0.1;
  if (input.trend && !draft.parts.includes('fact')) probability -= 0.03;
  if (!draft.parts.includes('argument')) probability -= 0.03;
  if (overlapShare(draft.text, stems(source)) < 0.5) probability -= 0.04;
  if (new Set(draft.parts).size < 2) probability -= 0.07;
  probability -= repetition > 0.5 ? 0.2 : repetition > 0.35 ? 0.06 : 0;
  if (/\d+(?:[.,]\d+)?\s?(?:%|percent|million|billion)|[$€£]\s?\d/iu.test(draft.text)) probability -= 0.05;
  if (input.feedback) probability -= 0.02;
  if (input.maxLength < 80) probability -= 0.06;
  return clamp(probability + (random.fork('probability').next() - 0.5) * 0.04, 0.2, 0.98);
}

/** Against a usual post of this persona: questions, stories and news draw more answers. */
export function estimateEngagement(input: WritePostPromptInput, draft: Draft): number {
  const asks = /\?/u.test(draft.text) ? 0.15 : 0;
  const told = draft.parts.includes('personal') ? 0.12 : 0;
  const timely = input.trend ? 0.1 : 0;
  return clamp(0.3 + asks + told + timely + 0.2 * overlapShare(input.topic, personaStems(input.persona, input.goals)));
}
