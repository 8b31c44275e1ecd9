/** About how many tokens a text has: four characters of English each. For statistics, not for limits. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

/**
 * More tokens than the text has with any of the vendors: at worst two characters of ASCII each, and one byte each of
 * everything else (their tokenizers fall back to bytes for scripts they rarely saw).
 */
export function maxTokens(text: string): number {
  let ascii = 0;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) < 128) ascii++;
  return Math.ceil(ascii / 2) + (Buffer.byteLength(text) - ascii);
}
