import { flatWords, words } from '../../../domain/text/words.ts';
import { findLeakedInstructions } from '../../../domain/trust/instruction-hierarchy.ts';
import type { InjectionScan } from '../../../domain/trust/untrusted-text.ts';
import { scanForInjection } from '../../../domain/trust/untrusted-text.ts';
import type { Check, Flag, Judged } from './check.ts';
import { TAINTED_MESSAGE } from './check.ts';
import { hostOf, linksOf } from './links.ts';
import { makeCheck, scoreOfFlags } from './scoring.ts';

/** Signs that only our own prompts leave; the others may be the subject of an honest text about machines. */
const CERTAIN_SIGNS: ReadonlySet<string> = new Set([
  'marker',
  'preamble',
  'platform-rule',
  'chat-markup',
  'placeholder',
]);
const ABOUT_MACHINES =
  /\b(?:ai|a\.i\.|artificial intelligence|language models?|llms?|prompts?|software|developers?|programming|machine learning|technology|tech)\b/i;
/** So many words of a directive in a row are no coincidence. */
const VERBATIM_WORDS = 8;
const QUOTED_PAYLOAD = /["“‘']([^"”’']{6,200})["”’']/gu;

/**
 * Prompt injection (E1003), the third layer: what the context held and what came out of it. Leaked instructions and
 * obeyed attacks condemn the content (`CONDEMNING_INJECTION_CODES` in verdict.ts); a doubtful context goes to a person.
 */
export function checkInjection(judged: Judged): Check {
  const text = [judged.text ?? '', ...judged.hashtags].join(' ').trim();
  const scan = judged.mention === null ? null : scanForInjection(judged.mention.text);
  const flags = [...contextFlags(judged, scan), ...leakFlags(judged, text), ...obedienceFlags(judged, text, scan)];
  const detail =
    flags.length === 0
      ? 'Nothing from outside seems to have steered this.'
      : `Found: ${[...new Set(flags.map((flag) => flag.code))].join(', ')}.`;
  return makeCheck('INJECTION', scoreOfFlags(flags), flags, detail);
}

/** `scan` is of the mention. */
function contextFlags({ tainted, mention }: Judged, scan: InjectionScan | null): Flag[] {
  const flags: Flag[] = [];
  if (tainted) flags.push({ code: 'TAINTED_CONTEXT', risk: 'MEDIUM', message: TAINTED_MESSAGE });
  if (mention !== null && scan !== null) {
    const signs = scan.rules.length === 0 ? '' : ` (${scan.rules.join(', ')})`;
    if (mention.suspicious || scan.suspicious) {
      flags.push({
        code: 'SUSPICIOUS_MENTION',
        risk: 'MEDIUM',
        message: `The mention of @${mention.author.replace(/^@/u, '')} looks like an attack${signs}.`,
      });
    }
  }
  return flags;
}

function leakFlags(judged: Judged, text: string): Flag[] {
  const signs = findLeakedInstructions(text);
  const flags = signs.filter((sign) => CERTAIN_SIGNS.has(sign)).map(leaked);
  if (sharesRun(text, judged.persona.directives)) flags.push(leaked('a directive, word for word'));
  const doubtful = signs.filter((sign) => !CERTAIN_SIGNS.has(sign));
  if (doubtful.length === 0 || judged.taskType === 'ANALYZE_TREND') return flags;
  const { goals, topic, persona } = judged;
  if (!ABOUT_MACHINES.test([goals, topic, persona.niche, ...persona.coreBeliefs].join(' ')))
    return [...flags, ...doubtful.map(leaked)];
  return [
    ...flags,
    { code: 'MACHINE_TALK', risk: 'MEDIUM', message: `Speaks like a prompt or a model (${doubtful.join(', ')}).` },
  ];
}

function leaked(what: string): Flag {
  return { code: 'LEAKED_INSTRUCTIONS', risk: 'HIGH', message: `Shows instructions of the system: ${what}.` };
}

function sharesRun(text: string, secrets: readonly string[]): boolean {
  const present = new Set(words(text));
  return secrets.some((secret) => {
    const parts = words(secret);
    let run = 0;
    return parts.some((word, at) => {
      run = present.has(word) ? run + 1 : 0;
      // Only where all of its words occur are they looked for in a row.
      if (run < VERBATIM_WORDS) return false;
      return flatWords(text).includes(` ${parts.slice(at + 1 - VERBATIM_WORDS, at + 1).join(' ')} `);
    });
  });
}

/** Signs that the output did what an attacker asked, or carries the attack on to the next reader. */
function obedienceFlags({ mention, taskType }: Judged, text: string, scan: InjectionScan | null): Flag[] {
  const flags: Flag[] = [];
  if (scanForInjection(text).suspicious) {
    flags.push({
      code: 'ATTACK_IN_OUTPUT',
      risk: 'HIGH',
      message: 'The text itself reads like an attack on a language model.',
    });
  }
  if (mention === null) return flags;
  if (mention.suspicious || scan?.suspicious) {
    const payload = payloadsOf(mention.text).find((wanted) => text.toLowerCase().includes(wanted.toLowerCase()));
    if (payload !== undefined)
      flags.push({
        code: 'OBEYED_INJECTION',
        risk: 'HIGH',
        message: `Says what the attack wanted said (“${payload.slice(0, 80)}”).`,
      });
  }
  const hosts = new Set(linksOf(mention.text).map(hostOf));
  const repeated = taskType === 'REPLY_COMMENT' ? linksOf(text).find((link) => hosts.has(hostOf(link))) : undefined;
  if (repeated !== undefined)
    flags.push({ code: 'REPEATED_LINK', risk: 'MEDIUM', message: `Repeats the link ${repeated} of the mention.` });
  return flags;
}

/** What an attack wants to read: its quotations and hashtags. */
function payloadsOf(attack: string): string[] {
  return [
    ...[...attack.matchAll(QUOTED_PAYLOAD)].map((match) => (match[1] ?? '').trim()),
    ...(attack.match(/#[\p{L}\p{N}_]{3,}/gu) ?? []),
  ];
}
