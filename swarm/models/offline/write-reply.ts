import { platformLength } from '../../../domain/text/platform-length.ts';
import { textSimilarity } from '../../../domain/text/similarity.ts';
import type { WriteReplyPromptInput, WriteReplyPromptOutput } from '../prompts/write-reply.ts';
import { readFeedback } from './feedback.ts';
import { clamp, personaStems, sharedWords, specificStems, stems } from './overlap.ts';
import type { Belief, Voice } from './persona-voice.ts';
import { readVoice } from './persona-voice.ts';
import type { Mention, MentionKind } from './read-mention.ts';
import { readMention } from './read-mention.ts';
import { ABOUT_SUBJECT, FOLLOW_UPS, FROM_LIFE, IN_LANGUAGE, ON_TOPIC, OWN_FIELD, REPLIES } from './reply-phrases.ts';
import type { SeededRandom } from './seeded-random.ts';
import { toClause } from './sentence.ts';

/** How sure one can be of an answer of this kind before a person has looked. */
const CONFIDENCE: Record<MentionKind, number> = {
  PRAISE: 0.965,
  THANKS: 0.965,
  CONGRATULATION: 0.955,
  GREETING: 0.955,
  EXCITED: 0.95,
  WISHES: 0.96,
  REMARK: 0.86,
  NEWS: 0.9,
  STATEMENT: 0.925,
  QUESTION: 0.92,
  SAD: 0.88,
  ARE_YOU_HUMAN: 0.85,
  BUYING: 0.85,
  COMPLAINT: 0.8,
  FOREIGN: 0.76,
  CRUDE: 0.68,
  SENSITIVE: 0.66,
  INSULT: 0.62,
  INJECTION: 0.4,
};

export function writeReply(input: WriteReplyPromptInput, random: SeededRandom): WriteReplyPromptOutput {
  const mention = readMention(input.mention.text);
  const voice = readVoice(input.persona);
  const field = readField(mention, voice, input);
  const fill = (template: string) =>
    template
      .replace(/\{([skabB])\}/gu, (_, key: string) => {
        if (key === 's') return voice.subject ?? 'what I know';
        if (key === 'k') return mention.subject ?? '';
        if (key === 'a') return field.anecdote ?? '';
        const text = field.belief ? toClause(field.belief.text, voice.cases) : '';
        return key === 'B' ? text.charAt(0).toUpperCase() + text.slice(1) : text;
      })
      .replace(/^\p{Ll}/u, (letter) => letter.toUpperCase())
      .replace(/(?<=[.!?] )\p{Ll}/gu, (letter) => letter.toUpperCase());

  const options = random
    .shuffle(candidates(mention, field, voice.subject !== null))
    .map(fill)
    .map((text) => (voice.allows.exclamations ? text : text.replace(/!/gu, '.')));
  const fits = (text: string) => Math.max(text.length, platformLength(text, input.platform)) <= input.maxLength;
  const said = (text: string) => input.conversation.some((message) => textSimilarity(message, text) > 0.6);
  const shorter = readFeedback(input.feedback).shorter;
  let text =
    options.find((option) => fits(option) && !said(option) && (!shorter || option.length < 110)) ??
    options.find(fits) ??
    'Thank you, truly.';
  const followUps = random.shuffle(FOLLOW_UPS[mention.kind] ?? []).map(fill);
  const more = followUps.find((sentence) => voice.allows.questions || !sentence.includes('?'));
  if (more && !shorter && !text.includes('?') && random.chance(0.5) && fits(`${text} ${more}`))
    text = `${text} ${more}`;
  return {
    text,
    reasoning: `Read as ${mention.kind.toLowerCase().replaceAll('_', ' ')}${field.isOwn ? ' on the persona’s own subject' : ''}; answered in kind.`,
    probability: estimateProbability(input, mention, field.isOwn, random),
  };
}

function candidates(mention: Mention, field: Field, hasNiche: boolean): string[] {
  if (mention.kind === 'FOREIGN') return [...(IN_LANGUAGE[mention.language] ?? IN_LANGUAGE.other ?? [])];
  // A belief answers "what do you think" and "how should I", not "how long" or "who".
  const asksForFact =
    mention.kind === 'QUESTION' &&
    /\b(?:how (?:long|many|much|old|far|often)|when|where|who|which)\b/iu.test(mention.text);
  const belief = asksForFact ? null : field.belief;
  const own = [
    ...(field.anecdote ? (FROM_LIFE[mention.kind] ?? []) : []),
    ...(belief ? (ON_TOPIC[mention.kind] ?? []) : []),
    ...(field.isOwn && !belief && !field.anecdote ? (OWN_FIELD[mention.kind] ?? []) : []),
  ];
  if (own.length > 0) return own;
  const named = mention.subject && !field.isOwn ? (ABOUT_SUBJECT[mention.kind] ?? []) : [];
  const general = REPLIES[mention.kind].filter((template) => hasNiche || !template.includes('{s}'));
  return named.length > 0 ? [...named] : [...general];
}

interface Field {
  /** The mention is about the persona's own subject. */
  isOwn: boolean;
  belief: Belief | null;
  anecdote: string | null;
}

/** Whether a mention is about the persona's subject, and what the persona has to say about it. */
function readField(mention: Mention, voice: Voice, input: WriteReplyPromptInput): Field {
  const about = specificStems(mention.text);
  const niche = stems(voice.subject ?? '');
  const world = personaStems(input.persona, null);
  const shared = [...about].filter((word) => world.has(word));
  const isOwn =
    shared.length >= 3 || shared.length / Math.max(2, about.size) >= 0.33 || shared.some((word) => niche.has(word));
  if (!isOwn) return { isOwn, belief: null, anecdote: null };
  const best = <T>(items: readonly T[], textOf: (item: T) => string, atLeast: number): T | null => {
    const ranked = items
      .map((item) => ({ item, shared: sharedWords(textOf(item), about) }))
      .sort((left, right) => right.shared - left.shared);
    return ranked[0] && ranked[0].shared >= atLeast ? ranked[0].item : null;
  };
  const beliefs = voice.beliefs.filter((belief) => belief.form !== 'VALUE');
  return {
    isOwn,
    belief: best(beliefs, (belief) => belief.text, 1),
    anecdote: best(voice.anecdotes, (sentence) => sentence, 2),
  };
}

function estimateProbability(
  input: WriteReplyPromptInput,
  mention: Mention,
  isOnTopic: boolean,
  random: SeededRandom,
): number {
  let probability = CONFIDENCE[mention.kind];
  if (mention.kind === 'QUESTION') {
    probability += isOnTopic || sharedWords(mention.text, personaStems(input.persona, null)) > 1 ? 0.02 : -0.04;
  }
  if (mention.text.split(/\s+/u).length < 3 && mention.kind === 'STATEMENT') probability -= 0.1;
  if (input.feedback) probability -= 0.02;
  if (input.maxLength < 60) probability -= 0.05;
  return clamp(probability + (random.fork('probability').next() - 0.5) * 0.03, 0.2, 0.98);
}
