import { DataSet, englishDataset, englishRecommendedTransformers, parseRawPattern, RegExpMatcher } from 'obscenity';
import { isAscii } from '../../../domain/text/words.ts';
import type { Risk } from './check.ts';
import { createTermScanner } from './term-scanner.ts';

export interface Profanity {
  /** The dictionary's word, not the spelling found. */
  word: string;
  kind: 'SLUR' | 'SEXUAL' | 'PROFANITY';
  risk: Risk;
}

const list = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/u));
const SLURS = list(
  `africoon abeed arabush boonga chingchong chink dyke fag kike nigger retard spastic tranny spic wetback gook raghead
  towelhead paki shemale`,
);
const EXPLICIT = list(
  `bestiality blowjob buttplug cum deepthroat dildo doggystyle ejaculate felch fellatio fisting gangbang handjob hentai
  jizz lubejob masturbate orgasm porn semen milf horny`,
);
/** Often harmless or another language: a person decides. */
const AMBIGUOUS = list('abo negro anal anus boob hooker orgy penis sex tit vagina balls scat');
/** Can be reported on in earnest. */
const GRAVE = list('rape incest');
const STRONG = list('fuck cunt bitch pussy whore slut cock dick twat skank cuck');

/** Whole words that the dictionary lacks. */
const ADDED: Readonly<Record<string, readonly string[]>> = {
  spic: ['spic', 'spics'],
  wetback: ['wetback', 'wetbacks'],
  gook: ['gook', 'gooks'],
  raghead: ['raghead', 'ragheads'],
  towelhead: ['towelhead', 'towelheads'],
  paki: ['paki', 'pakis'],
  shemale: ['shemale'],
  milf: ['milf'],
  horny: ['horny'],
  skank: ['skank', 'skanks', 'skanky'],
  fuck: ['phuck', 'stfu', 'gtfo'],
  wtf: ['wtf', 'lmfao', 'omfg'],
};
/** Longer words and phrases in which a dictionary word means something else. */
const INNOCENT = [
  'cockpit',
  'cocktail',
  'cockatoo',
  'cockerel',
  'peacock',
  'hancock',
  'dickinson',
  'dickson',
  'moby dick',
  'scat singing',
  'rapeseed',
  'retardant',
  'shiitake',
  'pissaladi',
  'pussycat',
  'pussy willow',
  'penistone',
  'fagioli',
  'booby trap',
  'vandyke',
  'niggardly',
  'spasticity',
  'same sex',
  'same-sex',
  'opposite sex',
  'sex education',
  'negroni',
  'rio negro',
  'cum laude',
  'dickey',
  'crochet hook',
  'rug hook',
  'chink in',
  'chinks in',
  'tit for tat',
  'blue tit',
  'great tit',
];

const dataset = new DataSet<{ originalWord: string }>().addAll(englishDataset);
for (const [originalWord, spellings] of Object.entries(ADDED)) {
  dataset.addPhrase((phrase) =>
    spellings.reduce(
      (entry, word) => entry.addPattern(parseRawPattern(`|${word}|`)),
      phrase.setMetadata({ originalWord }),
    ),
  );
}
const terms = dataset.build();
const options = {
  ...englishRecommendedTransformers,
  ...terms,
  whitelistedTerms: [...(terms.whitelistedTerms ?? []), ...INNOCENT],
};
const matcher = new RegExpMatcher(options);
const holdsTerms = createTermScanner(options);

/**
 * Swear words, slurs and sexual words of the text, each once; leet spelling, look-alike letters, stretched, starred
 * ("f**k") and spaced ("f u c k") spellings are seen through. Plain numbers are not read as leet.
 */
export function findProfanity(text: string): Profanity[] {
  const readable = unmask(isAscii(text) ? text : text.normalize('NFKC'));
  if (!holdsTerms(readable)) return [];
  const found = new Map<string, Profanity>();
  for (const match of matcher.getAllMatches(readable)) {
    if (!/\p{L}/u.test(readable.slice(match.startIndex, match.endIndex + 1))) continue;
    const word = dataset.getPayloadWithPhraseMetadata(match).phraseMetadata?.originalWord;
    if (word !== undefined) found.set(word, classify(word));
  }
  return [...found.values()];
}

function classify(word: string): Profanity {
  if (SLURS.has(word)) return { word, kind: 'SLUR', risk: 'HIGH' };
  if (EXPLICIT.has(word)) return { word, kind: 'SEXUAL', risk: 'HIGH' };
  if (GRAVE.has(word)) return { word, kind: 'SEXUAL', risk: 'MEDIUM' };
  if (AMBIGUOUS.has(word)) return { word, kind: 'SEXUAL', risk: 'LOW' };
  if (word === 'wtf') return { word, kind: 'PROFANITY', risk: 'LOW' };
  return { word, kind: 'PROFANITY', risk: STRONG.has(word) ? 'HIGH' : 'MEDIUM' };
}

const MASKED: readonly (readonly [RegExp, string])[] = [
  [/\bf[*#@%!_-]{1,3}(?:c?k(?=ing?\b|ed?\b|er?s?\b|s?\b))/gi, 'fuck'],
  [/\bs[*#@%!_-]{1,2}t\b/gi, 'shit'],
  [/\bb[*#@%!_-]{2,3}h\b/gi, 'bitch'],
  [/\bc[*#@%!_-]{1,2}t\b/gi, 'cunt'],
  [/\bn[*#@%!_-]{2,4}r\b/gi, 'nigger'],
];
const MAY_BE_MASKED = /[fsbcn][*#@%!_-]/i;
/** Three or more single letters with the same separators between them. */
const SPACED = /(?<![\p{L}\p{N}])\p{L}(?:[\s.*_-]{1,2}\p{L}(?![\p{L}\p{N}])){2,}/gu;

function unmask(text: string): string {
  const joined = text.replace(SPACED, (run) => run.replace(/[^\p{L}]/gu, ''));
  if (!MAY_BE_MASKED.test(joined)) return joined;
  return MASKED.reduce((masked, [pattern, word]) => masked.replace(pattern, word), joined);
}
