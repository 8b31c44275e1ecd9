import type { Platform } from '../task/task-types.ts';
import { isAscii } from './words.ts';

const LINK = /\bhttps?:\/\/[^\s]+/gi;
const NOT_ASCII = /[\u0080-\uFFFF]+/g;
const TWITTER_LINK_LENGTH = 23;
/** Code points that X counts once; all others count twice (twitter-text configuration v3). */
const SINGLE_WEIGHT = [
  [0, 4351],
  [8192, 8205],
  [8208, 8223],
  [8242, 8247],
] as const;
/** Where none of these is, no cluster of code points counts as one emoji, and the slow segmenter is not asked. */
const MAY_BE_EMOJI = /\p{Extended_Pictographic}|\p{RI}/u;
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * The length of a text as its platform counts it: X weighs code points (an emoji is 2, whatever it is made of; a link
 * is 23), the others count UTF-16 units, which is never less than what a reader sees.
 */
export function platformLength(text: string, platform: Platform | null): number {
  if (platform !== 'TWITTER') return text.length;
  const links = text.includes('://') ? (text.match(LINK)?.length ?? 0) : 0;
  const prose = links === 0 ? text : text.replace(LINK, '');
  return links * TWITTER_LINK_LENGTH + weightedLength(prose);
}

/** ASCII counts once each, and neither belongs to an emoji nor joins two: the rest is looked at run by run. */
function weightedLength(text: string): number {
  if (isAscii(text)) return text.length;
  const plain = text.normalize('NFC');
  return (plain.match(NOT_ASCII) ?? []).reduce(
    (length, run) => length - run.length + (MAY_BE_EMOJI.test(run) ? clusterLength(run) : codePointLength(run)),
    plain.length,
  );
}

function clusterLength(text: string): number {
  let length = 0;
  for (const { segment } of segmenter.segment(text))
    length += /\p{Extended_Pictographic}|\p{RI}\p{RI}/u.test(segment) ? 2 : codePointLength(segment);
  return length;
}

function codePointLength(text: string): number {
  let length = 0;
  for (const character of text) length += weight(character.codePointAt(0) ?? 0);
  return length;
}

function weight(codePoint: number): 1 | 2 {
  return SINGLE_WEIGHT.some(([from, to]) => codePoint >= from && codePoint <= to) ? 1 : 2;
}

/** Text and hashtags as they are published: tags that the text already holds are not repeated. */
export function publishedText(text: string, hashtags: readonly string[]): string {
  const tags = text.includes('#') ? (text.match(/#[\p{L}\p{N}_]+/gu) ?? []) : [];
  const present = new Set(tags.map((tag) => tag.toLowerCase()));
  const missing = hashtags.filter((tag) => !present.has(tag.toLowerCase()));
  return missing.length === 0 ? text : `${text} ${missing.join(' ')}`;
}
