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
import { quotableSentences, toClause, toSentence } from './sentence.ts';
import type { Topic } from './topic.ts';
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

/** What all drafts of a post draw from: read and checked once. */
export interface PostSources {
  voice: Voice;
  topic: Topic;
  /** Stems of what the post is about. */
  about: ReadonlySet<string>;
  facts: string[];
  angle: string[];
  remembered: string[];
  isFresh(sentence: string): boolean;
  asksAllowed: boolean;
}

export function readSources(input: WritePostPromptInput, voice: Voice, wishes: FeedbackWishes): PostSources {
  const about = stems([input.topic, input.trend?.summary, input.goals].filter(Boolean).join('\n'));
  const seen = [...input.recentPosts, input.previousDraft ?? ''];
  return {
    voice,
    topic: readTopic(input.topic, voice.cases),
    about,
    facts: wishes.closerToPersona ? [] : factsOf(input, wishes),
    angle: input.trend ? quotableSentences(input.trend.angle, 200).filter(isImpersonal) : [],
    remembered: rememberedOf(input.memories, about),
    isFresh: (sentence) => sentence !== '' && !seen.some((post) => post.includes(sentence)),
    asksAllowed: voice.allows.questions && !wishes.withoutQuestion,
  };
}

/** One draft's choice and order of sentences. */
export function gatherMaterial(sources: PostSources, random: SeededRandom): PostMaterial {
  const { voice } = sources;
  const line = (pool: Parameters<typeof phrases.linesFor>[0]) => random.shuffle(phrases.linesFor(pool, voice.styles));
  const usable = (sentences: readonly string[]) => {
    const calm = voice.allows.exclamations ? sentences : sentences.map((sentence) => sentence.replace(/!/gu, '.'));
    return [...new Set(calm)].filter(sources.isFresh);
  };
  return {
    openings: usable(openingsFor(sources.topic, line)),
    facts: usable(sources.facts.map((fact) => fill(random.pick(phrases.FACT_FRAMES), { f: fact }))),
    arguments: usable(argumentsOf(sources, random)),
    personal: usable(personalOf(sources, random)),
    observations: usable(
      voice.subject ? line(phrases.OBSERVATIONS).map((text) => fill(text, { s: voice.subject ?? '' })) : [],
    ),
    questions: usable(sources.asksAllowed ? line(phrases.QUESTIONS) : []),
    closings: usable(line(phrases.CLOSINGS)),
  };
}

function openingsFor(topic: Topic, line: (pool: Parameters<typeof phrases.linesFor>[0]) => string[]): string[] {
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

function argumentsOf({ voice, about, angle }: PostSources, random: SeededRandom): string[] {
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

/** What earlier posts and talks have left that can be said aloud. */
function rememberedOf(memories: readonly string[], about: ReadonlySet<string>): string[] {
  return memories
    .filter((memory) => overlapShare(memory, about) >= 0.5 && !scanForInjection(memory).suspicious)
    .flatMap((memory) => {
      if (/^(?:I|My)\b/u.test(memory)) return quotableSentences(memory, 190);
      if (/\b(?:asked|questions?|wanted to know)\b/iu.test(memory))
        return ['Some of you asked about this, so here it is.'];
      return /\b(?:popular|performed|engagement|most liked|best)\b/iu.test(memory)
        ? ['The last post on this started a good conversation, so here is more.']
        : [];
    });
}

function personalOf({ voice, about, remembered }: PostSources, random: SeededRandom): string[] {
  const told = random
    .shuffle(voice.anecdotes.map((text) => ({ text, shared: sharedWords(text, about) })))
    .sort((left, right) => right.shared - left.shared);
  const texts = told.map(({ text }) => text);
  return [...remembered, ...random.shuffle(texts.slice(0, 4)), ...texts.slice(4)];
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
