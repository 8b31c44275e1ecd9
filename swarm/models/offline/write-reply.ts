import { platformLength } from '../../../domain/text/platform-length.ts';
import { textSimilarity } from '../../../domain/text/similarity.ts';
import type { WriteReplyPromptInput, WriteReplyPromptOutput } from '../prompts/write-reply.ts';
import { readFeedback } from './feedback.ts';
import { clamp, personaStems, sharedWords, stems } from './overlap.ts';
import { type Belief, readVoice } from './persona-voice.ts';
import { type Mention, type MentionKind, readMention } from './read-mention.ts';
import { ABOUT_SUBJECT, FOLLOW_UPS, IN_LANGUAGE, ON_TOPIC, REPLIES } from './reply-phrases.ts';
import type { SeededRandom } from './seeded-random.ts';
import { toClause } from './sentence.ts';

/** How sure one can be of an answer of this kind before a person has looked. */
const CONFIDENCE: Record<MentionKind, number> = {
  PRAISE: 0.965,
  THANKS: 0.965,
  CONGRATULATION: 0.955,
  GREETING: 0.955,
  EXCITED: 0.95,
  STATEMENT: 0.925,
  QUESTION: 0.92,
  SAD: 0.88,
  ARE_YOU_HUMAN: 0.85,
  BUYING: 0.85,
  COMPLAINT: 0.8,
  FOREIGN: 0.76,
  SENSITIVE: 0.66,
  INSULT: 0.62,
  INJECTION: 0.4,
};

export function writeReply(input: WriteReplyPromptInput, random: SeededRandom): WriteReplyPromptOutput {
  const mention = readMention(input.mention.text);
  const voice = readVoice(input.persona);
  const belief = beliefFor(mention, voice.beliefs);
  const fill = (template: string) =>
    template.replace(/\{([skbB])\}/gu, (_, key: string) => {
      if (key === 's') return voice.subject ?? 'what I know';
      if (key === 'k') return mention.subject ?? '';
      const text = belief ? toClause(belief.text, voice.cases) : '';
      return key === 'B' ? text.charAt(0).toUpperCase() + text.slice(1) : text;
    }).replace(/^\p{Ll}/u, (letter) => letter.toUpperCase()).replace(/(?<=[.!?] )\p{Ll}/gu, (letter) => letter.toUpperCase());

  const isOnTopic = belief !== null && ON_TOPIC[mention.kind] !== undefined;
  const options = random.shuffle(candidates(mention, belief !== null, voice.subject !== null)).map(fill).map((text) => (voice.allows.exclamations ? text : text.replace(/!/gu, '.')));
  const fits = (text: string) => Math.max(text.length, platformLength(text, input.platform)) <= input.maxLength;
  const said = (text: string) => input.conversation.some((message) => textSimilarity(message, text) > 0.6);
  const shorter = readFeedback(input.feedback).shorter;
  let text = options.find((option) => fits(option) && !said(option) && (!shorter || option.length < 110)) ?? options.find(fits) ?? 'Thank you, truly.';
  const followUps = random.shuffle(FOLLOW_UPS[mention.kind] ?? []).map(fill);
  const more = followUps.find((sentence) => voice.allows.questions || !sentence.includes('?'));
  if (more && !shorter && !text.includes('?') && random.chance(0.5) && fits(`${text} ${more}`)) text = `${text} ${more}`;
  return {
    text,
    reasoning: `Read as ${mention.kind.toLowerCase().replaceAll('_', ' ')}${isOnTopic ? ' on the persona’s own subject' : ''}; answered in kind.`,
    probability: estimateProbability(input, mention, isOnTopic, random),
  };
}

function candidates(mention: Mention, hasBelief: boolean, hasNiche: boolean): string[] {
  if (mention.kind === 'FOREIGN') return [...(IN_LANGUAGE[mention.language] ?? IN_LANGUAGE.other ?? [])];
  if (hasBelief && ON_TOPIC[mention.kind]) return [...(ON_TOPIC[mention.kind] ?? [])];
  const named = mention.subject ? (ABOUT_SUBJECT[mention.kind] ?? []) : [];
  const general = REPLIES[mention.kind].filter((template) => hasNiche || !template.includes('{s}'));
  return named.length > 0 ? [...named] : [...general];
}

/** The belief a mention is about, if it is about the persona's subject at all. */
function beliefFor(mention: Mention, beliefs: readonly Belief[]): Belief | null {
  const about = stems(mention.text);
  const ranked = beliefs
    .filter((belief) => belief.form !== 'VALUE')
    .map((belief) => ({ belief, shared: sharedWords(belief.text, about) }))
    .sort((left, right) => right.shared - left.shared);
  const best = ranked[0];
  return best && best.shared >= 1 && about.size >= 2 ? best.belief : null;
}

function estimateProbability(input: WriteReplyPromptInput, mention: Mention, isOnTopic: boolean, random: SeededRandom): number {
  let probability = CONFIDENCE[mention.kind];
  if (mention.kind === 'QUESTION') {
    probability += isOnTopic || sharedWords(mention.text, personaStems(input.persona, null)) > 0 ? 0.02 : -0.04;
  }
  if (mention.text.split(/\s+/u).length < 3 && mention.kind === 'STATEMENT') probability -= 0.1;
  if (/\b(?:fuck\w*|shit\w*|bitch\w*|ass(?:hole)?|damn|wtf)\b/iu.test(mention.text)) probability -= 0.08;
  if (input.feedback) probability -= 0.02;
  if (input.maxLength < 60) probability -= 0.05;
  return clamp(probability + (random.fork('probability').next() - 0.5) * 0.03, 0.2, 0.98);
}
