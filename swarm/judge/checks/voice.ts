import { remember } from '../../../domain/text/remember.ts';
import type { StyleFeatures } from '../../../domain/text/style-features.ts';
import { styleFeatures } from '../../../domain/text/style-features.ts';
import { words } from '../../../domain/text/words.ts';
import type { Flag } from './check.ts';

const SLANG = new Set(
  "lol lmao omg omfg wtf gonna wanna gotta yolo bruh bro sis lit fam y'all ain't u ur idk tbh ngl fr pls thx slay yass".split(
    ' ',
  ),
);

interface VoiceRule {
  /** A voice trait that asks for it. */
  trait: RegExp;
  broken: (style: StyleFeatures, text: string) => boolean;
  message: string;
  /** A trait that forbids is flagged when broken; one that describes only lowers the score. */
  forbids: boolean;
}

const slangIn = (text: string): boolean => words(text).some((word) => SLANG.has(word));
const VOICE_RULES: readonly VoiceRule[] = [
  {
    trait: /\b(?:no|never|without|zero) emojis?\b|\bemoji[- ]free\b/i,
    broken: ({ emojis }) => emojis > 0,
    message: 'uses emoji',
    forbids: true,
  },
  {
    trait: /\b(?:no|never) hashtags?\b/i,
    broken: ({ hashtags }) => hashtags.length > 0,
    message: 'uses hashtags',
    forbids: true,
  },
  {
    trait: /\b(?:no|never) exclamation/i,
    broken: ({ exclamations }) => exclamations > 0,
    message: 'exclaims',
    forbids: true,
  },
  {
    trait: /\b(?:no|never|without) (?:all[- ])?caps\b|\bnever shouts?\b/i,
    broken: ({ shoutedWords }) => shoutedWords > 1,
    message: 'shouts in capitals',
    forbids: true,
  },
  {
    trait: /\ball[- ]lower[- ]?case\b|\blower[- ]?case only\b|\bonly lower[- ]?case\b|\bwrites in lower[- ]?case\b/i,
    broken: ({ capsRatio }) => capsRatio > 0.03,
    message: 'uses capital letters',
    forbids: true,
  },
  { trait: /\b(?:no|never) slang\b/i, broken: (_style, text) => slangIn(text), message: 'uses slang', forbids: true },
  {
    trait: /\b(?:formal|professional|academic|scholarly|authoritative)\b(?<!\b(?:in|not |non-)formal)/i,
    broken: ({ shoutedWords, exclamations }, text) => slangIn(text) || shoutedWords > 1 || exclamations > 2,
    message: 'is not formal',
    forbids: false,
  },
  {
    trait: /\b(?:calm|gentle|soothing|understated|dry|deadpan|measured|serene|soft-spoken)\b/i,
    broken: ({ shoutedWords, exclamations }) => shoutedWords > 1 || exclamations > 2,
    message: 'is loud',
    forbids: false,
  },
  {
    trait: /\b(?:concise|brief|terse|succinct|short sentences|punchy)\b/i,
    broken: ({ wordsPerSentence }) => wordsPerSentence > 30,
    message: 'has long sentences',
    forbids: false,
  },
  {
    trait: /\b(?:plain|simple|accessible|down[- ]to[- ]earth|easy to read)\b/i,
    broken: ({ readingEase, words: count }) => count >= 15 && readingEase < 10,
    message: 'is hard to read',
    forbids: false,
  },
];

/** The rules that a trait asks for; a persona's traits are read for each of its posts. */
const rulesOf: (trait: string) => readonly VoiceRule[] = remember(512, (trait) =>
  VOICE_RULES.filter((rule) => rule.trait.test(trait)),
);

/** A described trait that the text does not keep leaves this much of the score. */
const SOFT_PENALTY = 0.9;

/** How far a text keeps to the voice traits that can be counted: flags for what is forbidden, `factor` 0..1 for the rest. */
export function compareVoice(
  text: string,
  voiceTraits: readonly string[],
): { flags: Flag[]; factor: number; remarks: string[] } {
  const style = styleFeatures(text);
  const asked = voiceTraits.map(rulesOf);
  const broken = VOICE_RULES.flatMap((rule) => {
    const trait = voiceTraits[asked.findIndex((rules) => rules.includes(rule))];
    return trait !== undefined && rule.broken(style, text) ? [{ rule, trait }] : [];
  });
  const flags = broken
    .filter(({ rule }) => rule.forbids)
    .map(
      ({ rule, trait }): Flag => ({
        code: 'VOICE_MISMATCH',
        risk: 'LOW',
        message: `The voice is “${trait}”, but the text ${rule.message}.`,
      }),
    );
  return { flags, factor: SOFT_PENALTY ** broken.length, remarks: broken.map(({ rule }) => rule.message) };
}
