/**
 * `text` without what PostgreSQL does not store: the character NUL, and halves of surrogate pairs (a vendor's answer may
 * have them, and so has what was cut in the middle of an emoji). One such character would fail the statement for all rows.
 */
export const storableText = (text: string): string => text.replaceAll('\0', '').replace(/\p{Cs}/gu, '');

/** How JSON writes them; also found in harmless texts that only look so. */
const SUSPECT = /\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/** `value` as JSON that PostgreSQL takes as jsonb; its texts as `storableText` has them. */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (!SUSPECT.test(json)) return json;
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? storableText(part) : part));
}
