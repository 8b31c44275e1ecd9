import { remember } from '../../../domain/text/remember.ts';
import { styleFeatures } from '../../../domain/text/style-features.ts';
import { containsPhrase } from '../../../domain/text/words.ts';
import type { Flag } from './check.ts';
import { linksOf } from './links.ts';

const VERB =
  '(?:mention(?:ing)?|discuss(?:ing)?|talk(?:ing)? about|speak(?:ing)? (?:of|about)|say(?:ing)?|us(?:e|ing)|promot(?:e|ing)|recommend(?:ing)?|endors(?:e|ing)|nam(?:e|ing)|quot(?:e|ing)|referenc(?:e|ing)|post(?:ing)?(?: about)?|writ(?:e|ing)(?: about)?|comment(?:ing)? on|link(?:ing)? to|includ(?:e|ing))';
const FORBIDDEN = `(?:(?:never|do not|don't|must not)\\s+(?:ever\\s+)?${VERB}|(?:avoid|refrain from|stay out of|steer clear of|(?<=^|[.;]\\s*)no)(?:\\s+${VERB})?)`;
const INTRODUCTION = '(?:the words?\\s+|competitors?(?: brands?)? (?:such as|like)\\s+)?';
const OBJECT = '(.+?)(?:[.;!]|$|\\s(?:unless|except|without|when|if|because|in|on|to|as|at|even|—|–|-)\\s)';
/** What a directive such as "never mention politics" can be checked for; everything else is left to the model. */
const PROHIBITION = new RegExp(`(?<!\\p{L})${FORBIDDEN}\\s+${INTRODUCTION}${OBJECT}`, 'giu');
const REQUIREMENT = /\balways\s+(?:use|include|end with|add|mention|say|tag|write)\s+((?:["“][^"”]*["”]|[^.;!])+)/gi;
const QUOTED = /["“”'‘]([^"“”'‘’]{2,60})["“”'’]/gu;
const MAXIMUM =
  /\b(?:at most|no more than|max(?:imum)?(?: of)?|up to|never more than)\s+(\d+|one|two|three|four|five)\s+(hashtags?|emojis?|sentences?|words?|exclamation marks?)/i;
const NUMBERS: Record<string, number> = { one: 1, two: 2, three: 3, four: 4, five: 5 };

/** Subjects that people name by one word and mean by many. */
const SUBJECTS: readonly (readonly [RegExp, RegExp])[] = [
  [
    /\bpolitic|\belection/i,
    /\b(?:politic(?:s|al|ians?)|elections?|president|senator|parliament|congress|democrats?|republicans?|conservatives?|liberals?|left-wing|right-wing|vote for|gun control|abortion|prime minister)\b/i,
  ],
  [
    /\breligi/i,
    /\b(?:religio(?:n|us)|christian(?:ity)?|islam|muslims?|jesus|allah|church|mosque|bible|quran|hindu|jewish)\b/i,
  ],
  [/\balcohol/i, /\b(?:alcohol(?:ic)?|beer|wine|vodka|whisk(?:e)?y|cocktails?|tequila|champagne|drunk)\b/i],
  [/\bgambl/i, /\b(?:gambl(?:e|ing)|casino|betting|jackpot|poker|odds)\b/i],
  [/\bscores?\b|\bratings?\b/i, /\b\d{1,3}(?:[.,]\d)?\s?(?:\/|out of)\s?(?:5|10|100|five|ten)\b/i],
  [/\bprices?\b/i, /[$€£¥]\s?\d|\b\d[\d.,]*\s?(?:dollars?|euros?|pounds|birr|usd|eur|gbp)\b/i],
  [/\bcrypto/i, /\b(?:crypto\w*|bitcoin|btc|ethereum|token sale|nfts?)\b/i],
];

interface Feature {
  subject: RegExp;
  count: (text: string) => number;
  name: string;
}
const FEATURES: readonly Feature[] = [
  { subject: /^(?:any )?emojis?\b/i, count: (text) => styleFeatures(text).emojis, name: 'emoji' },
  { subject: /^(?:any )?hashtags?\b/i, count: (text) => styleFeatures(text).hashtags.length, name: 'hashtags' },
  {
    subject: /^(?:any )?exclamation (?:marks?|points?)\b/i,
    count: (text) => styleFeatures(text).exclamations,
    name: 'exclamation marks',
  },
  {
    subject: /^(?:all[- ]?caps|shouting|capitals)\b/i,
    count: (text) => styleFeatures(text).shoutedWords,
    name: 'words in capitals',
  },
  { subject: /^(?:any )?(?:external )?links?\b/i, count: (text) => linksOf(text).length, name: 'links' },
];

/** What one directive can be checked for. */
interface ReadDirective {
  /** Each says what a text does that is forbidden, or null. */
  prohibitions: readonly ((text: string) => string | null)[];
  /** Phrases that every text must hold. */
  required: readonly string[];
  maximum: { amount: number; unit: string; count: (text: string) => number } | null;
}

/** Flags what a text does against the persona's directives, read conservatively: prefers to miss one over a false alarm. */
export function findDirectiveViolations(text: string, directives: readonly string[]): Flag[] {
  return directives.flatMap((directive) => {
    const { prohibitions, required, maximum } = readDirective(directive);
    return [
      ...prohibitions.flatMap((does): Flag[] => {
        const what = does(text);
        return what === null ? [] : [violated('MEDIUM', directive, what)];
      }),
      ...missing(text, required).map(
        (phrase): Flag => ({
          code: 'DIRECTIVE_MISSED',
          risk: 'LOW',
          message: `The directive “${directive}” wants “${phrase}”.`,
        }),
      ),
      ...(maximum !== null && maximum.count(text) > maximum.amount
        ? [violated('LOW', directive, `it has ${maximum.count(text)} ${maximum.unit}`)]
        : []),
    ];
  });
}

function violated(risk: Flag['risk'], directive: string, what: string): Flag {
  return { code: 'DIRECTIVE_VIOLATED', risk, message: `Against the directive “${directive}”: ${what}.` };
}

function missing(text: string, required: readonly string[]): readonly string[] {
  if (required.length === 0) return required;
  const lower = text.toLowerCase();
  return required.filter((phrase) => !lower.includes(phrase.toLowerCase()));
}

/** A persona's directives are read once for all of its posts. */
const readDirective: (directive: string) => ReadDirective = remember(512, (directive) => ({
  prohibitions: [...directive.matchAll(PROHIBITION)].map((match) => prohibitionOf(match[1] ?? '')),
  required: requiredBy(directive),
  maximum: maximumOf(directive),
}));

function prohibitionOf(object: string): (text: string) => string | null {
  const feature = FEATURES.find(({ subject }) => subject.test(object));
  if (feature !== undefined) return (text) => (feature.count(text) > 0 ? `it has ${feature.name}` : null);
  const subject = SUBJECTS.find(([named]) => named.test(object))?.[1];
  const quoted = [...object.matchAll(QUOTED)].map((match) => match[1] ?? '');
  const terms =
    quoted.length > 0
      ? quoted
      : object
          .split(/,|\bor\b|\band\b|\bnor\b|\//i)
          .map((term) => term.trim())
          .filter(isTerm);
  return (text) => {
    const said = subject?.exec(text)?.[0] ?? terms.find((term) => containsPhrase(text, term));
    return said === undefined ? null : `it says “${said}”`;
  };
}

/** A name or a noun of up to three words; longer phrases describe behaviour, which is not matched by words. */
function isTerm(candidate: string): boolean {
  const parts = candidate.split(/\s+/u);
  return (
    candidate.length >= 3 &&
    parts.length <= 3 &&
    !/^(?:a|an|the|any|it|them|anything|anyone|anybody|ever|never|always|all|please|more|be|being|give|make|claim|your|our|my)\b/i.test(
      candidate,
    )
  );
}

/** Only what is quoted or a hashtag can be looked for. */
function requiredBy(directive: string): string[] {
  return [...directive.matchAll(REQUIREMENT)].flatMap((match) => {
    const object = match[1] ?? '';
    return [
      ...[...object.matchAll(QUOTED)].map((quote) => quote[1] ?? ''),
      ...(object.match(/#[\p{L}\p{N}_]+/gu) ?? []),
    ];
  });
}

function maximumOf(directive: string): ReadDirective['maximum'] {
  const match = MAXIMUM.exec(directive);
  if (match === null) return null;
  const [, amount = '', unit = ''] = match;
  const counted = COUNTED.find(({ start }) => unit.toLowerCase().startsWith(start));
  if (counted === undefined) return null;
  return { amount: NUMBERS[amount.toLowerCase()] ?? Number(amount), unit, count: counted.count };
}

/** What MAXIMUM can limit, by how it is called. */
const COUNTED: readonly { start: string; count: (text: string) => number }[] = [
  { start: 'h', count: (text) => styleFeatures(text).hashtags.length },
  { start: 'em', count: (text) => styleFeatures(text).emojis },
  { start: 's', count: (text) => styleFeatures(text).sentences },
  { start: 'w', count: (text) => styleFeatures(text).words },
  { start: 'ex', count: (text) => styleFeatures(text).exclamations },
];
