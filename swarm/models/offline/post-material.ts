import { textSimilarity } from '../../../domain/text/similarity.ts';
import { scanForInjection } from '../../../domain/trust/untrusted-text.ts';
import type { WritePostPromptInput } from '../prompts/write-post.ts';
import type { FeedbackWishes } from './feedback.ts';
import { languageOf } from './language.ts';
import { overlapShare, sharedWords, stems } from './overlap.ts';
import type { Voice } from './persona-voice.ts';
import * as phrases from './post-phrases.ts';
import type { SeededRandom } from './seeded-random.ts';
import { findSensitiveTopics } from './sensitive-topics.ts';
import type { WordCase } from './sentence.ts';
import { quotableSentences, toClause, toSentence } from './sentence.ts';
import { readTopic } from './topic.ts';

/** Whole sentences for each place in a post, best suited first; any one of them is good English by itself. */
export interface PostMaterial {
  openings: string[];
  facts: string[];
  arguments: string[];
  personal: string[];
  observations: string[];
  questions: string[];
  closings: string[];
}

export function gatherMaterial(
  input: WritePostPromptInput,
  voice: Voice,
  wishes: FeedbackWishes,
  random: SeededRandom,
): PostMaterial {
  const about = stems([input.topic, input.trend?.summary, input.goals].filter(Boolean).join('\n'));
  const line = (pool: Parameters<typeof phrases.linesFor>[0]) => random.shuffle(phrases.linesFor(pool, voice.styles));
  const used = (sentence: string) => input.recentPosts.some((post) => post.includes(sentence));
  const fresh = (sentences: readonly string[]) =>
    [...new Set(sentences)].filter(
      (sentence) => sentence !== '' && !used(sentence) && !input.previousDraft?.includes(sentence),
    );
  const calm = (sentences: readonly string[]) =>
    voice.allows.exclamations ? [...sentences] : sentences.map((sentence) => sentence.replace(/!/gu, '.'));

  return {
    openings: fresh(calm(openingsFor(input.topic, voice.cases, line))),
    facts: wishes.closerToPersona
      ? []
      : fresh(factsOf(input, wishes).map((fact) => fill(random.pick(phrases.FACT_FRAMES), { f: fact }))),
    arguments: fresh(calm(argumentsOf(input, voice, about, random))),
    personal: fresh(personalOf(input, voice, about, random)),
    observations: voice.subject
      ? fresh(calm(line(phrases.OBSERVATIONS).map((text) => fill(text, { s: voice.subject ?? '' }))))
      : [],
    questions: voice.allows.questions && !wishes.withoutQuestion ? fresh(line(phrases.QUESTIONS)) : [],
    closings: fresh(calm(line(phrases.CLOSINGS))),
  };
}

function openingsFor(
  rawTopic: string,
  cases: WordCase,
  line: (pool: Parameters<typeof phrases.linesFor>[0]) => string[],
): string[] {
  const topic = readTopic(rawTopic, cases);
  if (topic.text.length < 3) return [];
  const pool = { NOUN: phrases.OPENINGS, QUESTION: phrases.QUESTION_OPENINGS, HEADLINE: phrases.NEWS_OPENINGS }[
    topic.form
  ];
  return line(pool).map((text) => fill(text, { t: text.startsWith('{t}') ? capital(topic.text) : topic.text }));
}

/** Sentences of the trend's summary that may be repeated: nobody else's "we", nothing that looks like an attack. */
function factsOf(input: WritePostPromptInput, wishes: FeedbackWishes): string[] {
  if (!input.trend) return [];
  return quotableSentences(input.trend.summary, 190)
    .filter((sentence) => !/\b(?:I|we|our|my|us|me|you|your)\b/iu.test(sentence))
    .filter((sentence) => !scanForInjection(sentence).suspicious && findSensitiveTopics(sentence).length === 0)
    .filter((sentence) => languageOf(sentence) === 'English' && textSimilarity(sentence, input.topic) < 0.5)
    .filter((sentence) => !wishes.withoutFigures || !/\d/u.test(sentence));
}

function argumentsOf(
  input: WritePostPromptInput,
  voice: Voice,
  about: ReadonlySet<string>,
  random: SeededRandom,
): string[] {
  const frames = { STATEMENT: phrases.STATEMENT_FRAMES, RULE: phrases.RULE_FRAMES, VALUE: phrases.VALUE_FRAMES };
  const ranked = random
    .shuffle(voice.beliefs)
    .map((belief) => ({ belief, shared: sharedWords(belief.text, about) }))
    .sort((left, right) => right.shared - left.shared);
  const say = ({ belief }: (typeof ranked)[number]) =>
    random
      .shuffle(frames[belief.form])
      .slice(0, 3)
      .map((frame) => fill(frame, { B: capital(belief.text), b: toClause(belief.text, voice.cases) }));
  // What has to do with the subject comes first, in any order; the rest only where that does not fit the space.
  const fitting = ranked.filter(({ shared }) => shared > 0).slice(0, 2);
  const first = fitting.length > 0 ? fitting : ranked.slice(0, 3);
  const ordered = [
    ...random.shuffle(first.flatMap(say)),
    ...ranked.filter((entry) => !first.includes(entry)).flatMap(say),
  ];
  const angle = input.trend ? quotableSentences(input.trend.angle, 200).filter(isImpersonal) : [];
  return random.chance(0.4) ? [...angle, ...ordered] : [...ordered, ...angle];
}

/** An analysis may speak about the persona or order it about; only what does neither can be said by it. */
function isImpersonal(sentence: string): boolean {
  return (
    !/\b(?:persona|agent|audience|followers|brand|account|campaign|you|your|she|he|her|his|they|their)\b/iu.test(
      sentence,
    ) &&
    !/^(?:Show|Explain|Highlight|Use|Connect|Discuss|Share|Talk|Focus|Tie|Link|Compare|Point|Ask|Offer)\b/u.test(
      sentence,
    ) &&
    !scanForInjection(sentence).suspicious
  );
}

function personalOf(
  input: WritePostPromptInput,
  voice: Voice,
  about: ReadonlySet<string>,
  random: SeededRandom,
): string[] {
  const remembered = input.memories
    .filter((memory) => overlapShare(memory, about) >= 0.5 && !scanForInjection(memory).suspicious)
    .flatMap((memory) => {
      if (/^(?:I|My)\b/u.test(memory)) return quotableSentences(memory, 190);
      if (/\b(?:asked|questions?|wanted to know)\b/iu.test(memory))
        return ['Some of you asked about this, so here it is.'];
      return /\b(?:popular|performed|engagement|most liked|best)\b/iu.test(memory)
        ? ['The last post on this started a good conversation, so here is more.']
        : [];
    });
  const told = random
    .shuffle(voice.anecdotes)
    .sort((left, right) => sharedWords(right, about) - sharedWords(left, about));
  return [...remembered, ...random.shuffle(told.slice(0, 4)), ...told.slice(4)];
}

function fill(template: string, values: Record<string, string>): string {
  const filled = template.replace(/\{(\w)\}/gu, (_, key: string) => values[key] ?? '');
  return toSentenceKeepingQuotes(filled);
}

/** A belief that ends in a mark must not get a second one from its frame. */
function toSentenceKeepingQuotes(text: string): string {
  const tidy = text
    .replace(/([.!?…])["”]?\.(?=\s|$)/gu, (match, mark: string) => (match.includes('”') ? `${mark}”` : mark))
    .replace(/\s+/gu, ' ')
    .trim();
  return /[“”]/u.test(tidy) || /[.!?…:]$/u.test(tidy) ? tidy : toSentence(tidy);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
