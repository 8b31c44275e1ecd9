/** Texts of random fragments, the same at every run: `count` of them, of one to twelve fragments each, glued in odd ways. */
export function generatedTexts(fragments: readonly string[], count: number, seed = 1): string[] {
  const random = seededRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  return Array.from({ length: count }, () => {
    const glue = pick(GLUES);
    const text = Array.from({ length: 1 + Math.floor(random() * 12) }, () => pick(fragments)).join(glue);
    return pick(DISGUISES)(text, pick);
  });
}

const GLUES = [' ', ' ', ' ', ' ', ' ', '  ', '. ', ', ', '\n', '-', ''];

type Disguise = (text: string, pick: <T>(list: readonly T[]) => T) => string;
const LEET: Record<string, string> = { a: '4', e: '3', i: '1', o: '0', s: '$', t: '7', c: '(', u: 'ü' };
const DISGUISES: readonly Disguise[] = [
  ...Array.from({ length: 5 }, (): Disguise => (text) => text),
  (text) => text.toUpperCase(),
  (text, pick) => text.replace(/[aeioscut]/g, (letter) => pick([letter, LEET[letter] ?? letter])),
  (text, pick) => text.replace(/[a-z]/g, (letter) => letter.repeat(pick([1, 1, 1, 1, 2, 3]))),
  (text, pick) =>
    text.replace(/ /g, () =>
      pick([' ', ' ', ' 🧵 ', '\u00A0', ' \u200B', ' &amp; ', ' ’', ' “', ' é', '👩‍🚀', ' 1️⃣ ', ' 🇪🇹 ']),
    ),
  (text, pick) => text.replace(/[ks]/g, (letter) => pick([letter, letter === 'k' ? '\u212A' : 'ſ'])),
  (text, pick) => text.replace(/[aoe]/g, (letter) => pick([letter, { a: 'а', o: 'о', e: 'е' }[letter] ?? letter])),
];

/** 0..1 (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Common words, what marks up a post, and letters that are rare in one. */
export const PLAIN_FRAGMENTS =
  `my aunt wove a netela the weavers I asked who taught it cotton Loom DORZE don't it’s 12 3.5 2026 #cotton @almaz Überzug 日本 ሰላም
  Ελλάδα İstanbul ßen ﬁne see https://example.org/a?b=1 shop.example.com end. (yes) "so" … 🙂 🧵🧵 👍🏽 ❤️ x_y a*b e! ?!`
    .split(/\s+/u)
    .filter(Boolean);
