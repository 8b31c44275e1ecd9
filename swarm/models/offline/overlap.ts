import type { Persona } from '../../../domain/agent/persona.ts';
import { contentWords } from '../../../domain/text/words.ts';

/** A crude stem: enough to see that "weavers" and "weaving" are about one thing. */
export function stem(word: string): string {
  return word
    .replace(/['’]s$/u, '')
    .replace(/(?:ations?|ings?|ers?|ies|ied|es|ed|ly|s|e|y)$/u, (suffix) =>
      word.length - suffix.length >= 3 ? '' : suffix,
    );
}

export function stems(text: string): Set<string> {
  return new Set(contentWords(text).map(stem));
}

const GENERIC = new Set(
  'first one two three new old good bad best know knows knew people person year years time times day days make makes made like likes love loved thing things work works world story tell told show home live life right wrong small big never always learn learned watch think thought sorry feel felt hand hands want take took buy great today tomorrow tonight week go going went get got come came see saw look say said need try tried let put keep kept way part find found start call long last next place room house street name word words write wrote read play enough idea back night morning friend family kid girl boy man woman talk happy different happen mean meant happened rest second post posts tweet photo picture thread account grow grew grown according new latest'
    .split(' ')
    .map(stem),
);

/** The words of a text that could not be in any text: what tells whether two texts are about one subject. */
export function specificStems(text: string): Set<string> {
  return new Set([...stems(text)].filter((word) => !GENERIC.has(word)));
}

/** How many different content words of `text` also occur in `reference`. */
export function sharedWords(text: string, reference: ReadonlySet<string>): number {
  let shared = 0;
  for (const word of stems(text)) if (reference.has(word)) shared++;
  return shared;
}

/** How well a text fits a reference, 0..1: saturates at four shared words, or at all words of a short text. */
export function overlapShare(text: string, reference: ReadonlySet<string>): number {
  const own = specificStems(text);
  const shared = [...own].filter((word) => reference.has(word)).length;
  return own.size === 0 ? 0 : Math.min(1, shared / Math.min(4, own.size));
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
