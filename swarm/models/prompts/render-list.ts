/** A bullet list for a prompt; an empty list is said, not left out, so that the model does not invent one. */
export function listOrNone(items: readonly string[]): string {
  return items.length === 0 ? '- (none)' : items.map((item) => `- ${item.replace(/\s*\n\s*/g, ' ')}`).join('\n');
}
