import type { Persona } from '../../../domain/agent/persona.ts';
import { sentences } from '../../../domain/text/words.ts';
import type { WordCase } from './sentence.ts';
import { plain, readWordCase, toSentence } from './sentence.ts';

export type Style = 'WARM' | 'PLAYFUL' | 'PRECISE' | 'POETIC' | 'BLUNT' | 'HOPEFUL' | 'CURIOUS' | 'CALM' | 'DRY';

const STYLE_WORDS: Record<Style, RegExp> = {
  WARM: /\b(?:warm|kind|friendly|generous|caring|welcoming|inclusive|encourag\w+|empath\w+|gentle|supportive)\b/iu,
  PLAYFUL: /\b(?:playful|witty|funny|humorous|(?<!dry )humou?r|cheeky|irreverent|energetic|bubbly|fun)\b/iu,
  DRY: /\b(?:dry|deadpan|sarcastic|ironic|wry|understated)\b/iu,
  PRECISE:
    /\b(?:precise|technical|analytical|data|expert|nerdy|factual|evidence|detail\w*|informative|educat\w+|professional)\b/iu,
  POETIC: /\b(?:poetic|lyrical|vivid|evocative|romantic|nostalgic|sensory|storyteller|storytelling|elegant)\b/iu,
  BLUNT: /\b(?:blunt|direct|honest|candid|bold|outspoken|opinionated|sharp|frank|no[- ]nonsense|provocative)\b/iu,
  HOPEFUL: /\b(?:hopeful|optimistic|inspir\w+|uplifting|positive|motivat\w+|confident|proud|passionate)\b/iu,
  CURIOUS: /\b(?:curious|inquisitive|open[- ]minded|thoughtful|questioning|explor\w+)\b/iu,
  CALM: /\b(?:calm|patient|measured|understated|quiet|grounded|modest|humble|relaxed|wise)\b/iu,
};

type BeliefForm = 'STATEMENT' | 'RULE' | 'VALUE';
export interface Belief {
  text: string;
  form: BeliefForm;
}

export interface Voice {
  styles: Style[];
  beliefs: Belief[];
  /** Sentences about the persona's life, in the first person. */
  anecdotes: string[];
  allows: { emoji: boolean; hashtags: boolean; questions: boolean; exclamations: boolean };
  /** The niche inside a sentence: "sustainable Ethiopian fashion". */
  subject: string | null;
  /** What its texts tell about names. */
  cases: WordCase;
}

const RULE_STARTS =
  /^(?:always|never|do not|don't|be|buy|build|choose|make|measure|keep|respect|repair|question|credit|tell|show|say|name|listen|learn|start|stop|play|pay|put|ask|share|support|celebrate|honou?r|treat|look|remember|give|take|use|think|design|let|write|finish|trust|teach|avoid|protect|leave)\b(?! (?:is|are|has|have|was|comes|means|beats|needs|matters)\b)/iu;
const FINITE_VERB =
  /\b(?:is|are|was|were|has|have|had|can|could|should|must|will|would|may|deserves?|matters?|beats?|needs?|means?|makes?|takes?|comes?|belongs?|carr(?:y|ies)|gives?|keeps?|tells?|lasts?|starts?|begins?|ends?|works?|wins?|costs?|lives?|grows?|holds?|teach(?:es)?|speaks?|does|do|isn't|aren't|don't|doesn't|cannot|can't|remembers?|survives?|changes?|connects?|brings?|saves?|shapes?|owes?|stays?|outlives?|happens?|builds?|creates?|deliver[s]?|empowers?|fails?)\b/iu;

/** What the writer takes from a persona. Pure. */
export function readVoice(persona: Persona): Voice {
  const traits = persona.voiceTraits.join(' ; ');
  const directives = persona.directives.join('\n');
  const cases = readWordCase([persona.backstory, directives, ...persona.coreBeliefs].join('\n'));
  return {
    styles: (Object.keys(STYLE_WORDS) as Style[]).filter((style) => STYLE_WORDS[style].test(traits)),
    beliefs: persona.coreBeliefs.flatMap((belief) => classifyBelief(belief) ?? []),
    anecdotes: anecdotesOf(persona),
    allows: {
      emoji: !/\b(?:no|never|without|avoid)\b[^.\n]{0,25}\bemojis?\b/iu.test(`${directives}\n${traits}`),
      hashtags: !/\b(?:no|never|without|avoid)\b[^.\n]{0,25}\bhashtags?\b/iu.test(directives),
      questions: !/\b(?:no|never|avoid)\b[^.\n]{0,25}\b(?:rhetorical )?questions?\b/iu.test(directives),
      exclamations: !/\b(?:no|never|without|avoid)\b[^.\n]{0,25}\bexclamation/iu.test(`${directives}\n${traits}`),
    },
    cases,
    subject: persona.niche ? subjectOf(persona.niche, cases) : null,
  };
}

/** The niche as it stands inside a sentence: "Sustainable Ethiopian Fashion" is sustainable Ethiopian fashion. */
function subjectOf(niche: string, cases: WordCase): string {
  return plain(niche)
    .replace(/[.!?,;]+$/u, '')
    .replace(/\p{Lu}\p{Ll}+/gu, (word) => (cases.isName(word) ? word : word.toLowerCase()));
}

function classifyBelief(belief: string): Belief | null {
  const text = plain(sentences(belief)[0] ?? belief).replace(/[.!?…]+$/u, '');
  if (text.length < 3 || text.length > 160) return null;
  if (/\b(?:you (?:are|must)|the (?:model|agent|persona|brand))\b/iu.test(text)) return null;
  if (RULE_STARTS.test(text)) return { text, form: 'RULE' };
  if (text.split(' ').length >= 3 && FINITE_VERB.test(text)) return { text, form: 'STATEMENT' };
  return text.split(' ').length <= 5 ? { text, form: 'VALUE' } : null;
}

const PAST_TENSE =
  /^(?:\w+ed|grew|learn(?:ed|t)|spent|began|became|left|was|had|built|wrote|taught|made|found|came|went|took|saw|met|lost|won|ran|studied|kept|gave|sold|bought|drew|knew|thought|paid|broke|cut|put)$/iu;

function anecdotesOf(persona: Persona): string[] {
  const firstName = persona.name.split(/\s+/u)[0] ?? persona.name;
  return sentences(
    persona.backstory
      .replace(/^#.*$/gmu, '')
      .replace(/[*_>`]+/gu, ' ')
      .replace(/(?<!\n)\n(?!\n)/gu, ' '),
  )
    .map((sentence) => toFirstPerson(sentence.trim(), [persona.name, firstName]))
    .filter((sentence): sentence is string => sentence !== null)
    .filter(
      (sentence) =>
        sentence.length >= 30 &&
        sentence.length <= 190 &&
        !/\b(?:one|it|them|too)\.$/u.test(sentence) &&
        !/\b(?:you|your|she|he|her|him)\b/iu.test(sentence),
    )
    .filter((sentence) => !/\b(?:they|them|those)\b/iu.test(sentence) || /\bpeople\b/iu.test(sentence));
}

/** The sentence as the persona would say it, or null where a change of person could go wrong. */
function toFirstPerson(sentence: string, names: readonly string[]): string | null {
  if (/^(?:I|My|We|Our|It (?:took|cost|taught) me)\b/u.test(sentence)) return toSentence(sentence);
  const subject = [...names, 'She', 'He'].find((name) => sentence.startsWith(`${name} `));
  if (!subject) return null;
  const rest = sentence.slice(subject.length + 1);
  if (!PAST_TENSE.test(rest.split(/[\s,]/u)[0] ?? '')) return null;
  const changed = `I ${rest}`
    .replace(/\b(?:she|he)\b/gu, 'I')
    .replace(/\b(?:herself|himself)\b/gu, 'myself')
    .replace(/\bhis\b/gu, 'my')
    .replace(/\bhim\b/gu, 'me')
    .replace(/\bher (?=[a-z]{3,})(?!(?:and|but|that|how|when|what|where|with|into|from|about|the|for)\b)/gu, 'my ');
  return /\bher\b|\bI (?:is|has|does|\w+s)\b(?<!was)/u.test(changed) || names.some((name) => changed.includes(name))
    ? null
    : toSentence(changed);
}
