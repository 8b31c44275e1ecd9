import type { Persona } from '../agent/persona.ts';
import { cosineSimilarity, embed } from '../memory/embedding.ts';
import { words } from '../text/words.ts';

/** At or above it a mention becomes a REPLY_COMMENT task. */
export const REPLY_THRESHOLD = 0.4;

const SPAM =
  /\b(follow ?back|f4f|giveaway|check my bio|dm me|promo code|onlyfans|airdrop|free followers|limited spots|tickets? (?:left|available|remaining)|for sale)\b|\$\$|https?:\/\/\S+.*https?:\/\//i;

/** The words of a persona as one vector; compute it once for many texts. */
export const personaVector = (persona: Persona, goals: string): Float32Array =>
  embed(
    [
      persona.niche ?? '',
      persona.region ?? '',
      persona.coreBeliefs.join(' '),
      persona.backstory.slice(0, 1500),
      goals,
    ].join(' '),
  );

/**
 * How much a mention asks for an answer of this persona, 0..1: 0.3 for being addressed at all, 0.3 for a question,
 * 0.4 for its subject (cosine to the persona and goals, 0.35 counting as full). Too short to answer or advertising: 0.
 */
export function mentionRelevance(text: string, handle: string, vector: Float32Array): number {
  const count = words(text.replace(/@\w+/g, ' ')).length;
  if (count < 2 || SPAM.test(text) || /^RT\b/.test(text)) return 0;
  const addressed = text.toLowerCase().includes(`@${handle.toLowerCase()}`) || /^@\w+/.test(text.trim()) ? 0.3 : 0.1;
  const question = /\?/.test(text) ? 0.3 : 0;
  const subject = Math.min(1, Math.max(0, cosineSimilarity(embed(text), vector)) / 0.35) * 0.4;
  return Math.min(1, addressed + question + subject);
}
