import type { Persona } from '../../../domain/agent/persona.ts';
import { cosineSimilarity } from '../../../domain/memory/embedding.ts';
import { rememberOf } from '../../../domain/text/remember.ts';
import { contentWords } from '../../../domain/text/words.ts';
import type { Check, Flag, Judged } from './check.ts';
import { isProse } from './check.ts';
import { findDirectiveViolations } from './directives.ts';
import { interpolate, makeCheck, scoreOfFlags } from './scoring.ts';
import { vectorOf } from './vectors.ts';
import { compareVoice } from './voice.ts';

/**
 * What a cosine between a post and a persona means. The local embedding counts shared words and word parts: posts of a
 * persona lie at 0.05–0.45 (median 0.18), those of strangers at 0–0.26 (median 0.05), so it is a hint, not a proof, and
 * the model's opinion weighs more. Monotone: a closer text is never judged further away.
 */
export const PERSONA_CURVE = [
  [0, 0.4],
  [0.05, 0.7],
  [0.1, 0.85],
  [0.18, 0.94],
  [0.3, 0.98],
  [0.5, 1],
] as const;

/** A short text says little about who wrote it: with fewer content words the curve counts for less, this for the rest. */
const ENOUGH_WORDS = 8;
const SHORT_TEXT_SCORE = 0.88;
/** Of a long backstory the beginning says enough, and the check stays fast. */
const PROFILE_CHARACTERS = 4000;
const MODEL_WEIGHT = 0.7;
const DRIFT_BELOW = 0.5;
const STRONG_DRIFT_BELOW = 0.25;

const ASKS_IF_AI =
  /\b(?:are (?:you|u)|is this(?: account)?|you're|am i talking to) (?:really |actually |just |even )?(?:an? |the )?(?:real|human|person|bot|robot|ai|a\.i\.|machine|computer|chatgpt|automated|virtual)\b/i;
const CLAIMS_HUMAN =
  /\b(?:i(?:'| a)?m|as) (?:really |actually |just |definitely |100% )?(?:a |an )?(?:real |actual |living |normal )?(?:human(?: being)?|real (?:person|woman|man|girl|guy))\b|\bi(?:'| a)?m not (?:a |an )?(?:bot|ai|robot|machine)\b/i;
const SAYS_AI = /\b(?:ai|a\.i\.|artificial|virtual|automated|bot|digital|not (?:a )?(?:human|real person))\b/i;

/**
 * Persona consistency: closeness to the persona's voice, beliefs and niche, the model's opinion, voice traits that can be
 * counted, directives, and honesty about being artificial. Score = (0.3 curve + 0.7 model, or the curve alone) × voice ×
 * flags. Media and other output without prose has the model's opinion alone.
 */
export function checkPersona(judged: Judged): Check {
  const text = judged.text?.trim() ?? '';
  if (text === '' || !isProse(judged.taskType)) {
    const opinion = judged.assessment?.personaConsistency ?? 1;
    return makeCheck('PERSONA', opinion, driftFlags(opinion), 'There is no prose to compare.');
  }
  const cosine = personaCosine(text, judged.persona);
  const voice = compareVoice(text, judged.persona.voiceTraits);
  const closeness = personaScore(cosine, contentWords(text).length, judged.assessment?.personaConsistency ?? null);
  const flags = [
    ...driftFlags(closeness),
    ...voice.flags,
    ...findDirectiveViolations(fullText(judged, text), judged.persona.directives),
    ...honestyFlags(judged, text),
  ];
  const counted = flags.filter((flag) => flag.code !== 'PERSONA_DRIFT');
  const remarks = voice.remarks.length === 0 ? '' : ` The text ${voice.remarks.join(', ')}.`;
  const model =
    judged.assessment === null
      ? 'no model opinion'
      : `the model says ${judged.assessment.personaConsistency.toFixed(2)}`;
  return makeCheck(
    'PERSONA',
    closeness * voice.factor * scoreOfFlags(counted),
    flags,
    `Similarity ${cosine.toFixed(2)}, ${model}.${remarks}`,
  );
}

/** The documented calibration: cosine, amount of evidence and the model's opinion (null: none) to 0..1, monotone in each of cosine and opinion. */
export function personaScore(cosine: number, contentWordCount: number, modelOpinion: number | null): number {
  const evidence = Math.min(1, contentWordCount / ENOUGH_WORDS);
  const curve = evidence * interpolate(PERSONA_CURVE, cosine) + (1 - evidence) * SHORT_TEXT_SCORE;
  return modelOpinion === null ? curve : (1 - MODEL_WEIGHT) * curve + MODEL_WEIGHT * modelOpinion;
}

/** The text against everything that the persona stands for, -1..1. */
export function personaCosine(text: string, persona: Persona): number {
  return cosineSimilarity(vectorOf(text), personaVectorOf(persona));
}

const personaVectorOf = rememberOf(({ niche, region, voiceTraits, coreBeliefs, backstory }: Persona) => {
  const profile = [niche, region, ...voiceTraits, ...coreBeliefs, backstory.slice(0, PROFILE_CHARACTERS)];
  return vectorOf(profile.filter((part) => part !== null).join('. '));
});

function fullText(judged: Judged, text: string): string {
  return [text, ...judged.hashtags].join(' ');
}

function driftFlags(closeness: number): Flag[] {
  if (closeness < STRONG_DRIFT_BELOW)
    return [
      { code: 'PERSONA_DRIFT', risk: 'HIGH', message: 'This is not the persona: voice and subject are foreign to it.' },
    ];
  if (closeness < DRIFT_BELOW)
    return [{ code: 'PERSONA_DRIFT', risk: 'MEDIUM', message: 'This hardly sounds like the persona.' }];
  return [];
}

/** A persona is artificial and may not deny it: asked sincerely it says so. */
function honestyFlags({ mention, disclosure, persona }: Judged, text: string): Flag[] {
  const flags: Flag[] = [];
  if (CLAIMS_HUMAN.test(text)) flags.push({ code: 'CLAIMS_HUMAN', risk: 'HIGH', message: 'Claims to be human.' });
  else if (mention !== null && ASKS_IF_AI.test(mention.text) && !SAYS_AI.test(text)) {
    flags.push({
      code: 'AI_NOT_DISCLOSED',
      risk: 'MEDIUM',
      message: 'Was asked whether it is artificial and does not say so.',
    });
  }
  if (
    disclosure === 'NONE' &&
    persona.directives.some(
      (directive) =>
        /\b(?:disclos\w+|label\w*)\b/i.test(directive) && !/\b(?:never|don't|do not|without)\b/i.test(directive),
    )
  ) {
    flags.push({
      code: 'DISCLOSURE_MISSING',
      risk: 'MEDIUM',
      message: 'The directives want AI disclosed, but the disclosure is NONE.',
    });
  }
  return flags;
}
