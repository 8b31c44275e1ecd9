import type { Flag } from './check.ts';
import { addFlag } from './check.ts';

const PLACEHOLDER =
  /\[(?:insert|your|name|brand|link|url|topic|product|company|city|date|add|image|handle|hashtag|tbd|todo|x+)\b[^\]]*\]|\{\{[^}]*\}\}|\$\{[^}]*\}|<(?:insert|your|name|brand|link|topic|product|placeholder)[^>]*>|\blorem ipsum\b|\bTODO\b|\bTBD\b|\bxxx+\b|\b(?:undefined|\[object Object\]|NaN)\b|%[sd]\b/i;
const META_TEXT =
  /^(?:sure|certainly|of course|absolutely|okay|ok)[,!.]? (?:here(?:'s| is| are)|i(?:'d| would)|let me)|^here(?:'s| is| are) (?:a|an|the|your|my|some) (?:draft|tweet|post|caption|reply|response|possible|short|revised)|\bas an? (?:ai )?(?:large )?language model\b|^(?:tweet|post|caption|draft|reply|option \d)\s*:|^["“].*["”]\s*\(\d+ characters\)|\b(?:i hope this (?:helps|works)|let me know if you(?:'d| would) like|would you like me to)\b|^\s*[{[]\s*"/i;
const REFUSAL =
  /\bi(?:'m| am)? (?:can't|cannot|can not|unable to|not able to|won't) (?:help|assist|fulfil|fulfill|comply|generate|create|write)\b|\bi(?:'m| am) sorry, (?:but )?i\b/i;
const MOJIBAKE =
  /\uFFFD|\p{Cs}|â€[\u0080-\u009F™œžš¦“”˜¢]|Ã[\u0080-\u00BF¡-¿]|Â[\u00A0-\u00BF]|ðŸ|ï¿½|\\u[0-9a-f]{4}|&(?:amp|lt|gt|quot|#\d+);/iu;
const MARKDOWN = /\*\*[^*\n]+\*\*|^#{1,6} |```|\[[^\]\n]+\]\(https?:[^)]*\)|^\s*\|.*\|\s*$/mu;
const BROKEN_MARKDOWN = /\[[^\]\n]+\]\([^)\s]*$|(?:^|[^*])\*\*(?![*\s])[^*\n]*$|\]\(\s*\)/mu;
const CONTROL = /(?![\n\t\r])\p{Cc}|[\u202A-\u202E\u2066-\u2069\u200B]/u;
const CUT_OFF = /(?:[,;:(–—-]|\b(?:and|or|but|the|a|an|of|to|with|for|in|because|that|which|is|are))\s*$/i;

/**
 * Text that is broken whatever it says. `forReaders`: it will be published, so layout counts too; `reply`: a polite
 * refusal is a legitimate answer to a follower, but not a post.
 */
export function findBrokenText(text: string, { forReaders, reply }: { forReaders: boolean; reply: boolean }): Flag[] {
  const flags: Flag[] = [];
  const placeholder = PLACEHOLDER.exec(text)?.[0];
  if (placeholder !== undefined)
    addFlag(flags, 'PLACEHOLDER', 'HIGH', `Still holds a placeholder (“${placeholder.slice(0, 40)}”).`);
  if (MOJIBAKE.test(text)) addFlag(flags, 'MOJIBAKE', 'HIGH', 'Holds wrongly decoded characters.');
  if (CONTROL.test(text)) addFlag(flags, 'CONTROL_CHARACTERS', 'HIGH', 'Holds invisible control characters.');
  if (META_TEXT.test(text)) addFlag(flags, 'META_TEXT', 'HIGH', 'Speaks about the task instead of doing it.');
  if (!forReaders) return flags;
  if (!reply && REFUSAL.test(text)) addFlag(flags, 'META_TEXT', 'HIGH', 'Refuses the task.');
  if (BROKEN_MARKDOWN.test(text)) addFlag(flags, 'BROKEN_MARKDOWN', 'MEDIUM', 'Holds broken markdown.');
  else if (MARKDOWN.test(text)) addFlag(flags, 'MARKDOWN', 'LOW', 'Holds markdown, which the platform shows as it is.');
  if (isUnbalanced(text)) addFlag(flags, 'UNBALANCED', 'LOW', 'A quotation mark or bracket is not closed.');
  if (CUT_OFF.test(text.replace(/(?:\s*#[\p{L}\p{N}_]+)+$/u, '')))
    addFlag(flags, 'CUT_OFF', 'MEDIUM', 'Ends in the middle of a sentence.');
  return flags;
}

/** Quotes and brackets that open and do not close; inches (6"), emoticons and list numbers "1)" are none. */
function isUnbalanced(text: string): boolean {
  if (!/["“”()[\]]/.test(text)) return false;
  const plain = text
    .replace(/[:;=8xX]['-]?[()[\]]|[()[\]]['-]?[:;=8]/gu, '')
    .replace(/(?<=\d)"/gu, '')
    .replace(/(?:^|\s)\w{1,2}\)/gmu, ' ');
  return (
    amount(plain, '"') % 2 === 1 ||
    amount(plain, '“') !== amount(plain, '”') ||
    amount(plain, '(') !== amount(plain, ')') ||
    amount(plain, '[') !== amount(plain, ']')
  );
}

function amount(text: string, character: string): number {
  return text.includes(character) ? text.split(character).length - 1 : 0;
}
