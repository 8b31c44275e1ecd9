import type { Platform } from '../../../domain/task/task-types.ts';
import { platformLength, publishedText } from '../../../domain/text/platform-length.ts';
import { textSimilarity } from '../../../domain/text/similarity.ts';
import type { WritePostPromptInput, WritePostPromptOutput } from '../prompts/write-post.ts';
import type { FeedbackWishes } from './feedback.ts';
import { readFeedback } from './feedback.ts';
import { personaStems } from './overlap.ts';
import type { Voice } from './persona-voice.ts';
import { readVoice } from './persona-voice.ts';
import { pickEmoji } from './pick-emoji.ts';
import type { PostMaterial } from './post-material.ts';
import { gatherMaterial, readSources } from './post-material.ts';
import type { Draft } from './rate-draft.ts';
import { estimateEngagement, estimateProbability } from './rate-draft.ts';
import type { SeededRandom } from './seeded-random.ts';
import { hashtagsFor } from './topic.ts';

/** What is usually read to the end on a platform, in characters, and how many hashtags are usual there. */
const HABITS: Record<Platform, { length: number; tags: readonly number[]; paragraphs: boolean }> = {
  TWITTER: { length: 270, tags: [0, 1, 1, 2], paragraphs: false },
  THREADS: { length: 360, tags: [0, 0, 1], paragraphs: false },
  TIKTOK: { length: 220, tags: [2, 3], paragraphs: false },
  INSTAGRAM: { length: 620, tags: [2, 3], paragraphs: true },
  YOUTUBE: { length: 700, tags: [1, 2], paragraphs: true },
  MOLTBOOK: { length: 650, tags: [0, 1], paragraphs: true },
};
const CANDIDATES = 10;

export function writePost(input: WritePostPromptInput, random: SeededRandom): WritePostPromptOutput {
  const voice = readVoice(input.persona);
  const wishes = readFeedback(input.feedback);
  const sources = readSources(input, voice, wishes);
  const known = personaStems(input.persona, input.goals);
  const drafts = Array.from({ length: CANDIDATES }, (_, number) => {
    const own = random.fork(`draft ${number}`);
    return compose({ input, voice, wishes, known, material: gatherMaterial(sources, own), random: own });
  });
  const seen = [...input.recentPosts, ...(input.previousDraft ? [input.previousDraft] : [])];
  const rated = drafts.map((draft) => {
    const repetition = Math.max(0, ...seen.map((post) => textSimilarity(draft.text, post)));
    const quality = new Set(draft.parts).size * 0.08 - repetition * (wishes.moreConcrete ? 1.5 : 1);
    return { draft, repetition, quality };
  });
  const { draft: best, repetition } = rated.reduce((kept, next) => (next.quality > kept.quality + 0.02 ? next : kept));
  const probability = estimateProbability(input, best, repetition, random);
  return {
    text: best.text,
    hashtags: best.hashtags,
    estimatedEngagement: estimateEngagement(input, best),
    reasoning: explain(input, best, repetition),
    probability,
  };
}

interface Composition {
  input: WritePostPromptInput;
  voice: Voice;
  wishes: FeedbackWishes;
  /** Stems of the persona's world. */
  known: ReadonlySet<string>;
  material: PostMaterial;
  random: SeededRandom;
}

function compose({ input, voice, wishes, known, material, random }: Composition): Draft {
  const habit = HABITS[input.platform];
  const wanted = Math.min(
    input.maxLength,
    Math.round(habit.length * (wishes.shorter ? 0.6 : 0.75 + random.next() * 0.35)),
  );
  const tagCount = voice.allows.hashtags && !wishes.withoutTags ? random.pick(habit.tags) : 0;
  let hashtags = wanted < 90 ? [] : hashtagsFor(input.persona.niche, input.topic, known, tagCount);
  const emoji = pickEmoji(input, voice, wishes, random);
  const chosen: { part: string; text: string }[] = [];
  const textOf = (sentences: readonly { text: string }[]) =>
    join(
      sentences.map((sentence) => sentence.text),
      habit.paragraphs,
    );
  const fits = (extra: string, limit: number) =>
    lengthOf(textOf([...chosen, { text: extra }]) + emoji, hashtags, input.platform) <= limit;
  const add = (part: string, options: readonly string[], limit = wanted) => {
    const text = options.find((option) => fits(option, limit) && !chosen.some((other) => other.text.includes(option)));
    if (text) chosen.push({ part, text });
    return text !== undefined;
  };

  // What the post says comes first, then what leads to it, then what rounds it off: a short limit drops the frills.
  const saysFact = material.facts.length > 0 && (wishes.moreConcrete || random.chance(0.7));
  if (saysFact) add('fact', material.facts, wanted * 0.75);
  add(
    'argument',
    random.chance(0.25) && !saysFact ? [...material.observations, ...material.arguments] : material.arguments,
  );
  if (add('opening', material.openings)) chosen.unshift(...chosen.splice(-1));
  const asks = wishes.withQuestion || random.chance(0.55);
  const ending = asks ? [...material.questions, ...material.closings] : material.closings;
  const reserve = habit.paragraphs ? 0 : Math.min(45, wanted * 0.15);
  if (random.chance(0.55) || wishes.closerToPersona || habit.paragraphs)
    add('personal', material.personal, wanted - reserve);
  const hasObserved = chosen.some((sentence) => material.observations.includes(sentence.text));
  if (!hasObserved && (habit.paragraphs || random.chance(0.3)))
    add('observation', material.observations, wanted - reserve);
  if (habit.paragraphs)
    add(
      'argument',
      material.arguments.filter((argument) => !sharesBelief(argument, chosen)),
      wanted - 40,
    );
  add('ending', ending);
  if (chosen.length === 0) {
    hashtags = [];
    const shortest = [...material.arguments, ...material.openings, ...material.closings].sort(
      (left, right) => left.length - right.length,
    );
    if (!add('argument', shortest, input.maxLength)) chosen.push({ part: 'argument', text: 'Worth a thought.' });
  }
  const text = textOf(chosen);
  const decorated = emoji && fitsWhole(`${text}${emoji}`, hashtags, input) ? `${text}${emoji}` : text;
  while (hashtags.length > 0 && !fitsWhole(decorated, hashtags, input)) hashtags = hashtags.slice(0, -1);
  return { text: decorated, hashtags, parts: chosen.map((sentence) => sentence.part) };
}

/** The same belief, or the same turn of phrase around another. */
function sharesBelief(argument: string, chosen: readonly { text: string }[]): boolean {
  const turn = (text: string) => text.split(' ').slice(-4).join(' ');
  return chosen.some(
    (sentence) => textSimilarity(sentence.text, argument) > 0.3 || turn(sentence.text) === turn(argument),
  );
}

function join(sentences: readonly string[], paragraphs: boolean): string {
  if (!paragraphs || sentences.length < 4) return sentences.join(' ');
  const [opening = '', ...rest] = sentences;
  const ending = rest.pop() ?? '';
  const middle = Math.ceil(rest.length / 2);
  return [opening, rest.slice(0, middle).join(' '), rest.slice(middle).join(' '), ending].filter(Boolean).join('\n\n');
}

/** What X counts double; without any of it the number of characters is the stricter counting. */
const HEAVY = /[^\0-\u10FF\u2000-\u200D\u2010-\u201F]/u;

/** The stricter of the two countings: the platform's own, and characters. */
function lengthOf(text: string, hashtags: readonly string[], platform: Platform): number {
  const published = publishedText(text, hashtags);
  return HEAVY.test(published) ? Math.max(published.length, platformLength(published, platform)) : published.length;
}

function fitsWhole(text: string, hashtags: readonly string[], input: WritePostPromptInput): boolean {
  return lengthOf(text, hashtags, input.platform) <= input.maxLength;
}

function explain(input: WritePostPromptInput, draft: Draft, repetition: number): string {
  const from = input.trend ? 'the trend and the persona’s beliefs' : 'the persona’s beliefs and life';
  const news = input.feedback ? ' Rewritten after the editor’s remark.' : '';
  return `Built from ${from}: ${draft.parts.join(', ')}. Likeness to earlier posts ${repetition.toFixed(2)}.${news}`;
}
