import { remember } from './remember.ts';
import { isAscii, sentences, words } from './words.ts';

const EMOJI =
  /\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})*(?:\u200D\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})*)*|\p{RI}\p{RI}/gu;
const LETTER = /\p{L}/u;
const CAPITAL = /\p{Lu}/u;
const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

export interface StyleFeatures {
  words: number;
  sentences: number;
  wordsPerSentence: number;
  emojis: number;
  exclamations: number;
  hashtags: string[];
  /** Handles without their @. */
  mentions: string[];
  /** Words of four letters or more in capitals, hashtags apart; shorter ones are mostly abbreviations. */
  shoutedWords: number;
  /** Share of the letters that are upper case, 0..1. */
  capsRatio: number;
  /** Flesch reading ease: 60–70 is plain English, below 30 hard to read, above 90 very easy; may leave 0..100. */
  readingEase: number;
}

const REMEMBERED = 64;

/** What can be counted about how a text is written. */
export const styleFeatures: (text: string) => Readonly<StyleFeatures> = remember(REMEMBERED, countFeatures);

function countFeatures(text: string): StyleFeatures {
  const plain = text.includes('://') ? text.replace(/https?:\/\/\S+/gi, ' ') : text;
  const withoutTags = /[#@]/.test(plain) ? plain.replace(/[#@][\p{L}\p{N}_]+/gu, ' ') : plain;
  const tokens = words(withoutTags);
  const sentenceCount = Math.max(1, sentences(plain).length);
  const { letters, capitals } = countLetters(withoutTags);
  const wordsPerSentence = tokens.length / sentenceCount;
  const syllablesPerWord =
    tokens.length === 0 ? 0 : tokens.reduce((sum, word) => sum + syllables(word), 0) / tokens.length;
  return {
    words: tokens.length,
    sentences: sentenceCount,
    wordsPerSentence,
    emojis: isAscii(plain) ? 0 : count(plain, EMOJI),
    exclamations: plain.includes('!') ? count(plain, /!/g) : 0,
    hashtags: plain.includes('#') ? (plain.match(/#[\p{L}\p{N}_]+/gu) ?? []) : [],
    mentions: plain.includes('@')
      ? [...plain.matchAll(/(?<![\p{L}\p{N}_])@([\p{L}\p{N}_]{1,30})/gu)].map((match) => match[1] ?? '')
      : [],
    shoutedWords: capitals < 4 ? 0 : count(withoutTags, /(?<![\p{L}\p{N}])\p{Lu}{4,}(?![\p{L}\p{N}])/gu),
    capsRatio: letters === 0 ? 0 : capitals / letters,
    readingEase: tokens.length === 0 ? 100 : 206.835 - 1.015 * wordsPerSentence - 84.6 * syllablesPerWord,
  };
}

function countLetters(text: string): { letters: number; capitals: number } {
  let letters = 0;
  let capitals = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 97 && unit <= 122) letters++;
    else if (unit >= 65 && unit <= 90) {
      letters++;
      capitals++;
    } else if (unit > 127) {
      const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
      if (LETTER.test(character)) letters++;
      if (CAPITAL.test(character)) capitals++;
      at += character.length - 1;
    }
  }
  return { letters, capitals };
}

/** Syllables of an English word by its vowel groups, a silent ending apart; good to about one in ten. */
function syllables(word: string): number {
  const spoken = SILENT_END.test(word) ? word.length - 2 : word.length;
  let groups = 0;
  let inVowels = false;
  for (let at = 0; at < spoken; at++) {
    const vowel = isVowel(word.charCodeAt(at));
    if (vowel && !inVowels) groups++;
    inVowels = vowel;
  }
  return Math.max(1, groups);
}

const SILENT_END = /(?:[^l]e|es|ed)$/;
const VOWELS = new Set([...'aeiouy'].map((vowel) => vowel.charCodeAt(0)));
const isVowel = (unit: number): boolean => VOWELS.has(unit);
