import { englishDataset, englishRecommendedTransformers, RegExpMatcher } from 'obscenity';
import { styleFeatures } from '../../../domain/text/style-features.ts';
import { contentWords, sentences } from '../../../domain/text/words.ts';

const profanity = new RegExpMatcher({ ...englishDataset.build(), ...englishRecommendedTransformers });
const CENSORED = /\b(?:f|s|b|a)[*#@]{2,}\w*|\b(?:stfu|wtf|lmfao)\b/iu;
const HOSTILE =
  /\b(?:hate (?:you|them|those)|kill (?:you|them|all)|idiots?|morons?|scum|vermin|disgusting people|shut up|go back to|deserves? to (?:die|suffer)|subhuman|losers?)\b/iu;
const PERSONAL_DATA = /\b[\w.+-]+@[\w-]+\.\w{2,}\b|(?<!\d)\+?\d[\d ()-]{8,}\d(?!\d)|\b\d{3}-\d{2}-\d{4}\b/u;
const FIGURES = /\d+(?:[.,]\d+)?\s?(?:%|percent\b|times\b|x\b|million\b|billion\b)|[$€£]\s?\d/iu;
const CLAIMS =
  /\b(?:studies show|research (?:shows|proves)|scientifically proven|proven to|guaranteed?|100 ?%|clinically|experts agree|everyone knows|the only|number one|world['’]s (?:first|best|largest)|best in the world|cures?|never fails|risk[- ]free)\b|#1\b/iu;

export function hasProfanity(text: string): boolean {
  return profanity.hasMatch(text) || CENSORED.test(text);
}

export function isHostile(text: string): boolean {
  return HOSTILE.test(text);
}

export function hasPersonalData(text: string): boolean {
  return PERSONAL_DATA.test(text);
}

/** Signs of a statement that would need a source: 0, 1 or 2 kinds. */
export function countClaims(text: string): number {
  return (FIGURES.test(text) ? 1 : 0) + (CLAIMS.test(text) ? 1 : 0);
}

const DEFECTS: readonly [string, RegExp][] = [
  ['doubled punctuation', /[,;:]{2,}|[!?]{3,}|\.{4,}|(?<!\.)\.\.(?!\.)|[,;:][.!?]/u],
  ['doubled word', /(?<![\p{L}\p{N}])(\p{L}{2,}) \1(?![\p{L}\p{N}])/iu],
  ['space before a mark', / [,.;!?](?:\s|$)/u],
  [
    'markup or placeholder',
    /<\/?[a-z][^>]*>|\{\{|\}\}|\[(?:insert|your|name|link)[^\]]*\]|\bundefined\b|\bnull\b|\blorem ipsum\b|\*\*/iu,
  ],
  ['breaks off', /(?:[,;:–—-]|\b(?:and|or|but|the|a|an|of|to|with|for|in))\s*$/iu],
  ['unbalanced quotation', /^[^“]*”|“[^”]*$/u],
  ['handles in a row', /(?:@[\p{L}\p{N}_]+[ ,]*){3,}/u],
];

/** Names of what is wrong with how a text is written. */
export function findDefects(text: string): string[] {
  const found = DEFECTS.filter(([, pattern]) => pattern.test(text)).map(([name]) => name);
  const style = styleFeatures(text);
  const content = contentWords(text);
  const lines = sentences(text).map((sentence) => sentence.toLowerCase());
  if (style.shoutedWords >= 3 || (style.capsRatio > 0.4 && style.words > 4)) found.push('shouting');
  if (style.exclamations > 3) found.push('exclamation marks');
  if (style.hashtags.length > 5) found.push('too many hashtags');
  if (style.words < 3) found.push('hardly any words');
  if (style.words > 15 && style.readingEase < 5) found.push('hard to read');
  if (content.length > 12 && new Set(content).size / content.length < 0.5) found.push('repetitive');
  if (new Set(lines).size < lines.length) found.push('repeated sentence');
  return found;
}
