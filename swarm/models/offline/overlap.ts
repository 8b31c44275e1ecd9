import type { Persona } from '../../../domain/agent/persona.ts';
import { contentWords } from '../../../domain/text/words.ts';

/** A crude stem: enough to see that "weavers" and "weaving" are about one thing. */
export function stem(word: string): string {
  return word
    .replace(/['’]s$/u, '')
    .replace(/(?:ations?|ings?|ers?|ies|ied|es|ed|ly|s|e|y)$/u, (suffix) => (word.length - suffix.length >= 3 ? '' : suffix));
}

export function stems(text: string): Set<string> {
  return new Set(contentWords(text).map(stem));
}

/** How many different content words of `text` also occur in `reference`. */
export function sharedWords(text: string, reference: ReadonlySet<string>): number {
  let shared = 0;
  for (const word of stems(text)) if (reference.has(word)) shared++;
  return shared;
}

/** How well a text fits a reference, 0..1: saturates at four shared words, or at all words of a short text. */
export function fit(text: string, reference: ReadonlySet<string>): number {
  const size = stems(text).size;
  return size === 0 ? 0 : Math.min(1, sharedWords(text, reference) / Math.min(4, size));
}

/** All that a persona is about, as stems. */
export function personaStems(persona: Persona, goals: string | null): Set<string> {
  return stems(
    [persona.niche, persona.region, persona.backstory, ...persona.coreBeliefs, ...persona.directives, goals]
      .filter((part): part is string => part !== null)
      .join('\n'),
  );
}

export function clamp(value: number, low = 0, high = 1): number {
  return Math.round(Math.min(high, Math.max(low, value)) * 1000) / 1000;
}
