/** Words that no honest message carries in disguise. */
const BAIT = ['instruction', 'password', 'ignore previous', 'disregard', 'system prompt'];

const shift = (word: string, by: number): string =>
  word.replace(/[a-z]/g, (letter) => String.fromCharCode(((letter.charCodeAt(0) - 97 + by) % 26) + 97));
const CAESAR = new RegExp(
  BAIT.flatMap((word) => Array.from({ length: 25 }, (_, by) => shift(word, by + 1))).join('|'),
  'i',
);

const MORSE = /(?:[.-]{1,6} (?:\/ )?){11,}[.-]{1,6}/;
const BINARY = /(?:[01]{8}[ ,]?){4,}/g;
const HEX = /\b(?:[0-9a-f]{2}[ :]?){12,}\b/gi;
const BASE64 = /(?<![\w/+-])[A-Za-z0-9+/_-]{24,}={0,2}/g;

export interface EncodedPayloads {
  /** A passage that only makes sense once decoded. */
  found: boolean;
  /** What the passages say, for the scanner to read as well. */
  decoded: string[];
}

/** Finds base64, hexadecimal, binary, Morse and Caesar-shifted passages and decodes the first three kinds. */
export function findEncodedPayloads(text: string): EncodedPayloads {
  const decoded = [
    ...decodeAll(text, BASE64, (match) =>
      /[a-z]/.test(match) && /[A-Z0-9]/.test(match) ? Buffer.from(match, 'base64') : null,
    ),
    ...decodeAll(text, HEX, (match) =>
      /[a-f]/i.test(match) || / /.test(match) ? Buffer.from(match.replace(/[ :]/g, ''), 'hex') : null,
    ),
    ...decodeAll(text, BINARY, (match) =>
      Buffer.from((match.match(/[01]{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2))),
    ),
  ];
  return { found: decoded.length > 0 || MORSE.test(text) || CAESAR.test(text), decoded };
}

function decodeAll(text: string, pattern: RegExp, decode: (match: string) => Buffer | null): string[] {
  return (text.match(pattern) ?? []).flatMap((match) => {
    const plain = decode(match)?.toString('utf8') ?? '';
    return isReadable(plain) ? [plain] : [];
  });
}

/** Random bytes almost never decode to this: letters and spaces of a language. */
function isReadable(text: string): boolean {
  if (text.length < 8 || text.includes('\uFFFD')) return false;
  const usual = text.match(/[\p{L}\p{N} .,:;!?'"()<>/=-]/gu)?.length ?? 0;
  return usual / [...text].length > 0.95 && /\p{L}{3,}/u.test(text) && / /.test(text);
}
