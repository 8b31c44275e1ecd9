import { sentences } from '../../../domain/text/words.ts';

const ALWAYS_CAPITAL = /^(?:I\b|I['’]|[A-Z]{2,}|[A-Z][a-z]+[A-Z])/;
const FUNCTION_STARTS =
  /^(?:A|An|The|This|That|These|Those|My|Our|Your|Every|Everything|Each|Good|Real|Not|No|Nobody|Nothing|If|When|What|Who|Where|How|Why|People|It|We|You|They|There|In|On|With|Without|For|Most|Some|All|More|Less|Even|Only|Always|Never|Small|Old|New|Beautiful|Honest|Slow|Cheap|Simple)\b/;

/** One sentence as it may stand in public: no links, tags, handles, markup; capital first, one mark at the end. */
export function toSentence(text: string): string {
  const clean = plain(text).replace(/[\s,;:–—-]+$/u, '');
  if (clean === '') return '';
  const capital = clean.charAt(0).toUpperCase() + clean.slice(1);
  return /[.!?…]["”’)]?$/u.test(capital) ? capital : `${capital}.`;
}

/** Which words a text writes small inside a sentence, and which it writes large: what is a name and what is not. */
export interface WordCase {
  isName(word: string): boolean;
  isCommon(word: string): boolean;
}

const NATIONALITY =
  /^(?:\p{Lu}\p{L}+(?:ian|(?<!ch)ese|ican)s?|British|English|Irish|Scottish|Spanish|Turkish|Swedish|Danish|Finnish|Jewish|Kurdish|Welsh|French|Dutch|German)$/u;

export function readWordCase(text: string): WordCase {
  const inside = [...text.matchAll(/(?<=[\p{L}\p{N},;] )[\p{L}'’-]+/gu)].map((match) =>
    match[0].replace(/['’]s$/u, ''),
  );
  const names = new Set(inside.filter((word) => /^\p{Lu}/u.test(word)));
  const common = new Set(inside.filter((word) => /^\p{Ll}/u.test(word)));
  return {
    isName: (word) => names.has(word.replace(/['’]s$/u, '')) || NATIONALITY.test(word),
    isCommon: (word) => common.has(word.toLowerCase()) && !names.has(word),
  };
}

/** The same without its mark, for use inside another sentence. The first word is lowered unless it is a name. */
export function toClause(text: string, cases: WordCase): string {
  const clause = plain(text).replace(/[\s.!?…,;:–—-]+$/u, '');
  const [first = ''] = clause.split(/[\s,]/u);
  if (ALWAYS_CAPITAL.test(clause) || (cases.isName(first) && !FUNCTION_STARTS.test(clause))) return clause;
  return clause.charAt(0).toLowerCase() + clause.slice(1);
}

/** Lowers the first letter only where the word is surely no name: a topic may start with one. */
export function lowerFirst(text: string, cases: WordCase): string {
  const [first = ''] = text.split(/[\s,]/u);
  if (ALWAYS_CAPITAL.test(text)) return text;
  const isSafe = FUNCTION_STARTS.test(text) || /^\p{Lu}\p{Ll}+ing$/u.test(first) || cases.isCommon(first);
  return isSafe ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

/** Words only: links, handles, hash signs, markup and quotation marks are left out, doubled marks become one. */
export function plain(text: string): string {
  return text
    .replace(/<[^>]{0,200}>/gu, ' ')
    .replace(/\bhttps?:\/\/\S+|\bwww\.\S+/giu, ' ')
    .replace(/(?<![\p{L}\p{N}])@[\p{L}\p{N}_]+:?/gu, ' ')
    .replace(/#(?=[\p{L}\p{N}_])/gu, '')
    .replace(/[*_`~|{}[\]<>\\]+/gu, ' ')
    .replace(/["“”„«»]/gu, '')
    .replace(/\.{2,}|…/gu, '…')
    .replace(/([!?.,;:])[!?.,;:]+/gu, '$1')
    .replace(/\s+([,.;:!?])/gu, '$1')
    .replace(/\s+/gu, ' ')
    .trim();
}

/**
 * Sentences of a text that can be quoted on their own: complete, not about "you", not cut off, between 25 and
 * `maxCharacters` long. In the order of the text.
 */
export function quotableSentences(text: string, maxCharacters: number): string[] {
  return sentences(text)
    .map((sentence) => sentence.trim())
    .filter((sentence) => !/(?:…|\.\.\.|[,:;–—-])["”’)]?$/u.test(sentence) && /^["“‘(]?[\p{Lu}\p{N}]/u.test(sentence))
    .filter(
      (sentence) =>
        !/\b(?:click|subscribe|sign up|read more|follow us|newsletter|cookie|continue reading)\b/iu.test(sentence),
    )
    .filter((sentence) => (sentence.match(/["“”]/gu)?.length ?? 0) % 2 === 0)
    .map(toSentence)
    .filter((sentence) => sentence.length >= 25 && sentence.length <= maxCharacters && sentence.split(' ').length >= 5)
    .filter(
      (sentence) =>
        !/^["“‘(]?(?:And|But|So|Or|Because|Which|This|That|It|They|He|She|These|Those|His|Her|Their|Its|One of (?:them|these)|Another|Others?|Also|However|Meanwhile|Such|Both|Then|Instead|Yet|Some of)\b/u.test(
          sentence,
        ),
    );
}
