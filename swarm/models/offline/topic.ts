import { contentWords } from '../../../domain/text/words.ts';
import { languageOf } from './language.ts';
import { stem } from './overlap.ts';
import type { WordCase } from './sentence.ts';
import { lowerFirst, plain } from './sentence.ts';

/** NOUN fits into "about …"; QUESTION ends with a question mark when asked; HEADLINE is only quoted. */
export interface Topic {
  form: 'NOUN' | 'QUESTION' | 'HEADLINE';
  text: string;
}

const TASK_VERBS =
  /^(?:please )?(?:promote|announce|introduce|showcase|show|share|present|highlight|feature|discuss|explain|describe|explore|post about|write about|tweet about|talk about|react to|comment on|celebrate|advertise|launch|review|analy[sz]e|cover|tell (?:people|followers|the story) (?:about|of)|increase|grow|raise|build|drive|boost|create|publish|post|encourage|educate (?:people|followers|the audience) (?:about|on)|(?:invite|bring|get|ask|remind|convince|teach) (?:\p{L}+ ){1,2}(?:to try|to|about)|help (?:\p{L}+ ){1,2}(?:to )?(?:understand|discover|find|learn about))\s+/iu;
const HEADLINE_VERB =
  /\b(?:is|are|was|were|has|have|will|says?|said|agrees?|launch(?:es|ed)|hits?|wins?|won|opens?|opened|falls?|fell|ris(?:es|e)|rose|bans?|plans?|warns?|finds?|found|reports?|reveals?|announces?|announced|unveils?|calls?|gets?|faces?|cuts?|sets?|make[s]?|takes?|goes|went|becomes?|begins?|drops?|returns?|confirmed|released|beats?|claims?|could|may|must|should|sues?|buys?|sells?|shows?|leads?|grows?|turns?|joins?|leaves?|ends?|needs?|wants?|brings?|works?|changes?|kept|keeps?|teach(?:es)?|pays?)\b/iu;

/** Decides how a topic can be spoken about: topics come as noun phrases, orders, questions and headlines. */
export function readTopic(topic: string, cases: WordCase): Topic {
  const clean = plain(topic)
    .replace(/\s+[-|–—]\s+[^-|–—]{2,40}$/u, '')
    .replace(/[\s.!…,;:]+$/u, '');
  if (/\?$/u.test(clean)) return { form: 'QUESTION', text: clean.replace(/\?+$/u, '') };
  const object = clean.replace(TASK_VERBS, '').trim();
  const text = object === '' ? clean : object;
  const wordCount = text.split(/\s+/u).length;
  if (/^(?:how|why|what|where|when|who)\b/iu.test(text) && wordCount <= 12) {
    return { form: 'NOUN', text: text.charAt(0).toLowerCase() + text.slice(1) };
  }
  const capitals = (text.match(/(?<=\s)\p{Lu}/gu) ?? []).length;
  const isWritten = object === clean && /^\p{Lu}/u.test(text) && wordCount >= 4;
  const hasVerb = HEADLINE_VERB.test(text) || /^\p{Lu}\S+ (?:\p{Lu}\S+ )?\p{Ll}+(?:es|s|ed)\b/u.test(text);
  const isHeadline =
    wordCount > 12 ||
    text.includes(':') ||
    (isWritten && (hasVerb || capitals >= wordCount - 2 || languageOf(text) !== 'English'));
  return isHeadline
    ? { form: 'HEADLINE', text }
    : { form: 'NOUN', text: isTitle(text) ? text : lowerFirst(text, cases) };
}

function isTitle(text: string): boolean {
  const words = text.split(/\s+/u);
  return words.length > 1 && words.every((word) => /^[\p{Lu}\p{N}]/u.test(word) || word.length <= 3);
}

const NOT_A_TAG = new Set(
  'thing things people part today week year years time way ways new good best real great show about more post posts story stories need says said make makes made take takes read first last next one two three follow followers campaign audience awareness goal goals increase build grow keep look share launch launched reach month open work works working used using behind common mistake start learn beginners knows history details hour hours minute minutes hand hands press button trust street house room box afternoon winter morning night wall'.split(
    ' ',
  ),
);

/**
 * Up to `count` hashtags, the niche first, then words of the topic that belong to the persona's world (`known`, as
 * stems) or are names. Deterministic.
 */
export function hashtagsFor(niche: string | null, topic: string, known: ReadonlySet<string>, count: number): string[] {
  const tags: string[] = [];
  const add = (parts: readonly string[]) => {
    const tag = `#${parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('')}`;
    const isKnown = tags.some((other) => other.toLowerCase().includes(tag.toLowerCase().slice(1)));
    if (/^#[\p{L}\p{N}_]{3,24}$/u.test(tag) && !isKnown) tags.push(tag);
  };
  const usable = (text: string) =>
    contentWords(text)
      .map((word) => word.replace(/['’].*$/u, ''))
      .filter((word) => word.length > 2 && !NOT_A_TAG.has(word));
  const nicheWords = usable(niche ?? '');
  if (nicheWords.length > 0)
    add(nicheWords.slice(0, 2).join('').length <= 22 ? nicheWords.slice(0, 2) : nicheWords.slice(0, 1));
  const names = new Set([...topic.matchAll(/(?<=\p{Ll} )\p{Lu}\p{Ll}{3,}/gu)].map((match) => match[0].toLowerCase()));
  for (const word of usable(topic))
    if (word.length >= 4 && (names.has(word) || (known.has(stem(word)) && !/(?:ing|ed)$/u.test(word)))) add([word]);
  return tags.slice(0, count);
}
