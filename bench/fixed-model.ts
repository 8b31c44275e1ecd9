import { createHash } from 'node:crypto';
import type { LanguageModel } from '../swarm/models/language-model.ts';

/** Small but not zero, so that every attempt and judgement reserves and settles. */
const PRICE_MICRO_USD = 40;
/** So many of a hundred drafts come with a low probability and therefore go to a person. */
const ESCALATED_PERCENT = 10;

const MAKERS = ['My aunt Almaz', 'A weaver in Shiro Meda', 'Two sisters in Arba Minch', 'An old man in Axum'];
const DEEDS = ['warped', 'finished', 'unpicked', 'dyed', 'measured', 'hemmed'];
const PIECES = ['a handwoven netela', 'a Dorze blanket', 'a habesha kemis', 'a tibeb border', 'a cotton gabi'];
const TIMES = ['before the first coffee', 'in eleven weeks', 'while the rain came down', 'by the light of one lamp'];
const ENDINGS = [
  'I asked who taught the pattern, and the answer was a name.',
  'The cloth remembers the hands that made it.',
  'Wear it for ten years and it will still tell the story.',
  'No machine knocks like that shuttle on the loom.',
  'What did it pay? Ask that before you take the photograph.',
];

/** Texts differ from task to task, so that nothing is remembered which a real run would compute anew. */
function draftFor(seed: string) {
  const digest = createHash('sha256').update(seed).digest();
  const pick = <T>(list: readonly T[], at: number): T => list[(digest[at] ?? 0) % list.length] as T;
  return {
    text: `${pick(MAKERS, 0)} ${pick(DEEDS, 1)} ${pick(PIECES, 2)} ${pick(TIMES, 3)}, thread ${digest.readUInt16BE(4)} of the warp. ${pick(ENDINGS, 6)}`,
    hashtags: ['#handwoven', '#ShiroMeda'],
    estimatedEngagement: 0.4,
    reasoning: 'It shows one maker at work.',
    probability: (digest[7] ?? 0) % 100 < ESCALATED_PERCENT ? 0.5 : 0.97,
  };
}

const ASSESSMENT = {
  personaConsistency: 0.97,
  contentSafety: 1,
  brandAlignment: 0.96,
  technicalQuality: 0.97,
  flags: [],
  reasoning: 'Warm, concrete and in the voice of the persona.',
};

/** Answers at once, without reading its prompt: what is left is the platform's own work. */
export const fixedModel: LanguageModel = {
  vendor: 'offline',
  description: 'a model that answers at once',
  modelFor: () => 'fixed',
  estimateMicroUsd: () => PRICE_MICRO_USD,
  async generate(prompt, _input, options = {}) {
    const answer = prompt.name === 'ASSESS' ? ASSESSMENT : draftFor(options.seed ?? '');
    return {
      output: prompt.output.parse(answer),
      vendor: 'offline',
      model: 'fixed',
      usage: { inputTokens: 400, outputTokens: 80 },
      costMicroUsd: PRICE_MICRO_USD / 2,
      durationMs: 0,
    };
  },
};
