const NAMED_ENTITIES: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  hellip: '…',
  mdash: '—',
  ndash: '–',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  copy: '©',
  reg: '®',
  trade: '™',
  euro: '€',
  pound: '£',
};

const JOINING_SCRIPTS = '\\p{sc=Arabic}\\p{sc=Devanagari}\\p{sc=Bengali}\\p{sc=Tamil}\\p{sc=Malayalam}\\p{sc=Sinhala}';
/** Joiners that belong to the writing: between emoji, and in scripts that need them. All others only hide things. */
const KEPT_JOINER = [
  '(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\uFE0F])\\u200D(?=\\p{Extended_Pictographic})',
  `(?<=[${JOINING_SCRIPTS}\\p{M}])[\\u200C\\u200D](?=[${JOINING_SCRIPTS}])`,
].join('|');
/** Control, format (zero width, bidi, tag characters), private, unassigned, lone surrogates; the line feed stays. */
const INVISIBLE =
  '(?!\\n)[\\p{Cc}\\p{Cf}\\p{Co}\\p{Cn}\\p{Cs}\\u034F\\u115F\\u1160\\u17B4\\u17B5\\u3164\\uFE00-\\uFE0E\\uFFA0\\u{E0100}-\\u{E01EF}]';
const JOINER_OR_INVISIBLE = new RegExp(`(${KEPT_JOINER})|${INVISIBLE}`, 'gu');
const STACKED_MARKS = /(\p{M}{4})\p{M}+/gu;

/**
 * Nothing to do, as for most texts: words of plain characters with one space between them. Letters of Latin-1, dashes,
 * curly quotation marks and the emoji of three blocks are their own NFKC; only "&" may begin an entity.
 */
const NORMAL =
  /^(?! )(?:[!-%'-~\u00C0-\u00FF\u2013\u2014\u2018\u2019\u201C\u201D]|\uD83C[\uDF00-\uDFFF]|\uD83D[\uDC00-\uDE4F]|\uD83E[\uDD00-\uDDFF]| (?! |$))*$/;

export const MAX_UNTRUSTED_CHARACTERS = 4000;

/**
 * Text from outside in the form in which it is stored, scanned and shown: entities decoded once, NFKC, nothing
 * invisible, white space collapsed (line ends stay, at most two together), at most `maxCharacters` code points.
 * Never throws. Twice is the same as once, for a text without doubly written entities.
 */
export function normaliseText(text: string, maxCharacters = MAX_UNTRUSTED_CHARACTERS): string {
  if (text.length <= maxCharacters && NORMAL.test(text)) return text;
  const clean = decodeEntities(text.slice(0, maxCharacters * 8))
    .normalize('NFKC')
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replace(/[\t\v\f]/g, ' ')
    .replace(JOINER_OR_INVISIBLE, '$1')
    .replace(STACKED_MARKS, '$1')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  if (clean.length <= maxCharacters) return clean;
  const characters = [...clean];
  return characters.length <= maxCharacters ? clean : characters.slice(0, maxCharacters).join('').trimEnd();
}

function decodeEntities(text: string): string {
  return text.replace(/&(#x[0-9a-f]{1,6}|#[0-9]{1,7}|[a-z]{2,8});/gi, (entity, name: string) => {
    if (!name.startsWith('#')) return NAMED_ENTITIES[name.toLowerCase()] ?? entity;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
}
