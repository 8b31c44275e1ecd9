import { normaliseText } from '../../../domain/trust/untrusted-text.ts';
import type { Assessment, Check, Flag, Judged } from './check.ts';
import { findLinkFlags } from './links.ts';
import { findPersonalData } from './personal-data.ts';
import type { Profanity } from './profanity.ts';
import { findProfanity } from './profanity.ts';
import { SAFETY_RULES } from './safety-rules.ts';
import { makeCheck, scoreOfFlags } from './scoring.ts';

/** At or below: the model calls it unsafe (HIGH), or doubtful (MEDIUM). */
const UNSAFE_AT = 0.3;
const DOUBTFUL_AT = 0.7;
const PROFANITY_CODES = { SLUR: 'HATE_SPEECH', SEXUAL: 'SEXUAL', PROFANITY: 'PROFANITY' } as const;

/**
 * Content safety (E1006): swear words and slurs, threats, hate, self-harm, sexual content, harassment, medical and
 * financial advice, personal data, links. Score: the lower of the rules' and the model's; 1 for text without a finding.
 * What is not published (ANALYZE_TREND) may speak of bad things: only its HIGH findings count, the post made from it is
 * checked again.
 */
export function checkSafety(judged: Judged): Check {
  const raw = [judged.text ?? '', judged.hashtags.join(' ')].join(' ').trim();
  const findings = [
    ...findUnsafeText(raw),
    ...findLinkFlags(raw, () => contextOf(judged)),
    ...assessmentFlags(judged.assessment),
  ];
  const flags = judged.taskType === 'ANALYZE_TREND' ? findings.filter((flag) => flag.risk === 'HIGH') : findings;
  const score = Math.min(scoreOfFlags(flags), judged.assessment?.contentSafety ?? 1);
  const detail =
    flags.length === 0
      ? 'Nothing unsafe was found.'
      : `Found: ${[...new Set(flags.map((flag) => flag.code))].join(', ')}.`;
  return makeCheck('SAFETY', score, flags, detail);
}

/** The rules' findings alone, without a model. */
export function findUnsafeText(text: string): Flag[] {
  // Rules are written with straight quotes and one space.
  const readable = normaliseText(text).replace(/[‘’]/gu, "'").replace(/\s+/gu, ' ');
  return [
    ...findProfanity(readable).map(profanityFlag),
    ...SAFETY_RULES.filter((rule) => rule.pattern.test(readable)).map(({ code, risk, message }) => ({
      code,
      risk,
      message,
    })),
    ...findPersonalData(readable),
  ];
}

function profanityFlag({ word, kind, risk }: Profanity): Flag {
  const first = `${word.slice(0, 1)}${'*'.repeat(word.length - 1)}`;
  const what = { SLUR: 'a slur', SEXUAL: 'a sexual word', PROFANITY: 'a swear word' }[kind];
  return { code: PROFANITY_CODES[kind], risk, message: `Contains ${what} (${first}).` };
}

function assessmentFlags(assessment: Assessment | null): Flag[] {
  if (assessment === null) return [];
  const { contentSafety, flags, reasoning } = assessment;
  const risk = contentSafety <= UNSAFE_AT ? 'HIGH' : contentSafety <= DOUBTFUL_AT ? 'MEDIUM' : 'LOW';
  const named = flags.map((flag): Flag => ({ code: 'MODEL_FLAG', risk, message: `The assessing model says: ${flag}` }));
  if (named.length > 0 || risk === 'LOW') return named;
  return [
    {
      code: 'MODEL_FLAG',
      risk,
      message: `The assessing model finds it unsafe (${contentSafety.toFixed(2)}): ${reasoning.slice(0, 300)}`,
    },
  ];
}

/** Who and what the campaign itself names: a link to it is expected. */
function contextOf({ goals, topic, persona }: Judged): string {
  return [goals, topic, persona.backstory, ...persona.directives].filter((part) => part !== null).join('\n');
}
