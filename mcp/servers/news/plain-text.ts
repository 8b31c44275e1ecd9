/** The entities that feeds use beside numbers. */
const NAMED = new Map(
  `amp & lt < gt > quot " apos ' ndash – mdash — hellip … lsquo ‘ rsquo ’ ldquo “ rdquo ” laquo « raquo » bull • middot ·
  copy © reg ® trade ™ euro € pound £ deg ° eacute é egrave è ecirc ê agrave à acirc â aacute á atilde ã auml ä ccedil ç
  iacute í icirc î ntilde ñ oacute ó ocirc ô otilde õ ouml ö uacute ú ucirc û ugrave ù uuml ü szlig ß aring å aelig æ oslash ø`
    .split(/\s+/)
    .flatMap((name, index, all) => (index % 2 === 0 ? [[name, all[index + 1] ?? ''] as const] : [])),
)
  .set('nbsp', ' ')
  .set('shy', '');
/** Control characters and what takes no space: text hidden from readers. */
const INVISIBLE = /[\p{Cc}\u200b\u2060\ufeff]/gu;

/**
 * The text of HTML, on one line, cut at a word within `max` characters. Scripts, styles and comments go with their
 * content. For reading and for prompts, not for showing as HTML: the result may hold < and &.
 */
export function plainText(html: string, max: number): string {
  // Long before its length matters; the expressions below are linear, but not free.
  const text = html
    .slice(0, 100_000)
    .replace(/<!--[\s\S]*?(?:-->|$)/g, ' ')
    .replace(/<(script|style)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, ' ')
    .replace(/<\/?[a-z][^>]*(?:>|$)/gi, ' ')
    .replace(/&(#x?[0-9a-f]{1,7}|[a-z]{2,8});/gi, decodeEntity)
    .replace(/\s+/g, ' ')
    .replace(INVISIBLE, '')
    .replace(/ ([,.;:!?])(?=\s|$)/g, '$1')
    .trim();
  if (text.length <= max) return text;
  const cut = text.slice(0, max - 1);
  const atWord = cut.slice(0, Math.max(cut.lastIndexOf(' '), max / 2));
  return `${atWord.replace(/[\uD800-\uDBFF]$/, '').trimEnd()}…`;
}

function decodeEntity(entity: string, name: string): string {
  if (!name.startsWith('#')) return NAMED.get(name) ?? NAMED.get(name.toLowerCase()) ?? entity;
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : '';
}
