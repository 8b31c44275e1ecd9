import { remember } from './remember.ts';

const WORD = /[\p{L}\p{N}]+(?:['’][\p{L}]+)*/gu;
/** The same in a text of lower-case ASCII. */
const LOWER_ASCII_WORD = /[a-z0-9]+(?:'[a-z]+)*/g;
const NOT_ASCII = /[\u0080-\uFFFF]/;
const LINK = /\bhttps?:\/\/\S+/gi;

/** English function words: they say nothing about what a text is about. */
const STOP_WORDS = new Set(
  `a about above after again all also am an and any are as at be because been before being below between both but by can
  can't could did do does doing don't down during each even every few for from further get got had has have having he her
  here hers him his how i i'd i'll i'm i've if in into is isn't it it's its just let let's like make many me more most much
  my no nor not now of off on once one only or other our ours out over own really same she should so some such than that
  that's the their theirs them then there there's these they they're this those through to too under until up us very was
  wasn't we we're we've were what what's when where which while who why will with won't would you you'll you're you've
  your yours`
    .split(/\s+/u)
    .filter(Boolean),
);

const REMEMBERED = 256;

/** Lower-case words in reading order; links are left out, an apostrophe inside a word stays (as '). */
export const words: (text: string) => readonly string[] = remember(REMEMBERED, (text) => {
  const prose = text.includes('://') ? text.replace(LINK, ' ') : text;
  if (isAscii(prose)) return prose.toLowerCase().match(LOWER_ASCII_WORD) ?? [];
  return (prose.match(WORD) ?? []).map((word) => word.toLowerCase().replaceAll('’', "'"));
});

/** For such a text, as most are, cheaper ways lead to the same. */
export const isAscii = (text: string): boolean => !NOT_ASCII.test(text);

/** It carries meaning: no function word, no single letter, no bare number. */
export function isContentWord(word: string): boolean {
  return word.length > 1 && !STOP_WORDS.has(word) && !(word < ':' && /^\d+$/.test(word));
}

/** The words that carry meaning. */
export const contentWords: (text: string) => readonly string[] = remember(REMEMBERED, (text) =>
  words(text).filter(isContentWord),
);

/** The words with one space before and after each: a phrase of whole words is a part of it. */
export const flatWords: (text: string) => string = remember(REMEMBERED, (text) => ` ${words(text).join(' ')} `);

/** Sentences, split at . ! ? … and line ends; abbreviations are not known. */
export function sentences(text: string): string[] {
  return text
    .split(/(?<=[.!?…]["'”’)]?)\s+|\n+/u)
    .map((sentence) => sentence.trim())
    .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
}

/** True when `phrase` (one or more words) stands in `text` as whole words; a plural s at its end is tolerated. */
export function containsPhrase(text: string, phrase: string): boolean {
  const forms = formsOf(phrase);
  if (forms.length === 0) return false;
  const haystack = flatWords(text);
  return forms.some((form) => haystack.includes(form));
}

/** What is looked for when a phrase is: with a space before and after. */
const formsOf: (phrase: string) => readonly string[] = remember(REMEMBERED, (phrase) => {
  const wanted = words(phrase).join(' ');
  if (wanted === '') return [];
  const stem = wanted.length > 4 && wanted.endsWith('s') ? wanted.slice(0, -1) : wanted;
  return [wanted, stem, `${stem}s`, `${stem}'s`].map((form) => ` ${form} `);
});
