import { remember } from './remember.ts';
import { sentences, words } from './words.ts';

const EMOJI =
  /\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})*(?:\u200D\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})*)*|\p{RI}\p{RI}/gu;
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
  const plain = text.replace(/https?:\/\/\S+/gi, ' ');
  const withoutTags = plain.replace(/[#@][\p{L}\p{N}_]+/gu, ' ');
  const tokens = words(withoutTags);
  const sentenceCount = Math.max(1, sentences(plain).length);
  const letters = count(withoutTags, /\p{L}/gu);
  const wordsPerSentence = tokens.length / sentenceCount;
  const syllablesPerWord =
    tokens.length === 0 ? 0 : tokens.reduce((sum, word) => sum + syllables(word), 0) / tokens.length;
  return {
    words: tokens.length,
    sentences: sentenceCount,
    wordsPerSentence,
    emojis: count(plain, EMOJI),
    exclamations: count(plain, /!/gu),
    hashtags: plain.match(/#[\p{L}\p{N}_]+/gu) ?? [],
    mentions: [...plain.matchAll(/(?<![\p{L}\p{N}_])@([\p{L}\p{N}_]{1,30})/gu)].map((match) => match[1] ?? ''),
    shoutedWords: count(withoutTags, /(?<![\p{L}\p{N}])\p{Lu}{4,}(?![\p{L}\p{N}])/gu),
    capsRatio: letters === 0 ? 0 : count(withoutTags, /\p{Lu}/gu) / letters,
    readingEase: tokens.length === 0 ? 100 : 206.835 - 1.015 * wordsPerSentence - 84.6 * syllablesPerWord,
  };
}

/** Syllables of an English word by its vowel groups; good to about one in ten. */
function syllables(word: string): number {
  const groups = word.replace(/(?:[^l]e|es|ed)$/u, '').match(/[aeiouy]+/gu);
  return Math.max(1, groups?.length ?? 1);
}
