import { createHash } from 'node:crypto';
import { findEncodedPayloads } from './encoded-payloads.ts';
import type { InjectionRule } from './injection-rules.ts';
import { INJECTION_RULES } from './injection-rules.ts';
import { normaliseText } from './normalise-text.ts';

export { normaliseText } from './normalise-text.ts';

const SUSPICION_THRESHOLD = 0.5;
const SCAN_CHARACTERS = 12_000;
const ENCODED_WEIGHT = 0.6;

export interface InjectionScan {
  /** 0..1 */
  score: number;
  suspicious: boolean;
  /** Names of the rules that matched, each once. */
  rules: string[];
}

/**
 * How much a text looks like an attack on a language model. Normalises for itself; also reads disguised spellings
 * (spaced letters, look-alike letters, leetspeak) and decoded passages. Never throws; the same text, the same answer.
 */
export function scanForInjection(text: string): InjectionScan {
  const plain = normaliseText(text, SCAN_CHARACTERS);
  const payloads = findEncodedPayloads(plain);
  const views = [...new Set([plain, undisguise(plain), ...payloads.decoded.map((decoded) => normaliseText(decoded))])];
  const weights = new Map<string, number>();
  if (payloads.found) weights.set('encoded-payload', ENCODED_WEIGHT);
  for (const rule of INJECTION_RULES) {
    if (views.some((view) => matches(rule, view))) {
      weights.set(rule.name, Math.max(rule.weight, weights.get(rule.name) ?? 0));
    }
  }
  const score = 1 - [...weights.values()].reduce((left, weight) => left * (1 - weight), 1);
  return {
    score: Math.round(score * 1000) / 1000,
    suspicious: score >= SUSPICION_THRESHOLD,
    rules: [...weights.keys()],
  };
}

function matches({ needs, pattern }: InjectionRule, text: string): boolean {
  return (needs === undefined || needs.test(text)) && pattern.test(text);
}

const LOOK_ALIKES: Record<string, string> = {
  а: 'a',
  е: 'e',
  о: 'o',
  р: 'p',
  с: 'c',
  у: 'y',
  х: 'x',
  і: 'i',
  ѕ: 's',
  ј: 'j',
  ԁ: 'd',
  ɡ: 'g',
  ո: 'n',
  α: 'a',
  ο: 'o',
  ρ: 'p',
  ν: 'v',
  ι: 'i',
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
};

/** The text as a reader would take it: "1gn0re", "і g n o r e" and "ig*nore" become "ignore". */
function undisguise(text: string): string {
  return text
    .replace(/(?<![\p{L}\p{N}])(?:[\p{L}\p{N}][ .\-_*]){3,}[\p{L}\p{N}](?![\p{L}\p{N}])/gu, (spaced) =>
      spaced.replace(/[ .\-_*]/g, ''),
    )
    .replace(/(?<=\p{L})[*_~`|](?=\p{L})/gu, '')
    .replace(/[а-яіѕјԁɡոαορνι0-9$]|(?<=\p{L})@/giu, (character) => LOOK_ALIKES[character.toLowerCase()] ?? character);
}

/**
 * Marks text from outside as data. The marker carries a digest of the content, so no content can close it: to do so
 * it would have to contain its own digest. Pure, so that a prompt renders the same twice.
 */
export function wrapUntrusted(label: string, text: string): string {
  const content = normaliseText(text, SCAN_CHARACTERS);
  const name = label.replace(/[^\p{L}\p{N} _.:-]/gu, '').slice(0, 80);
  const mark = createHash('sha256').update(name).update('\0').update(content).digest('hex').slice(0, 16);
  return `<untrusted-data ${mark} label="${name}">\n${content}\n</untrusted-data ${mark}>`;
}
