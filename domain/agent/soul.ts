import { stringify } from 'yaml';
import type { z } from 'zod';
import type { Persona } from './persona.ts';
import { personaSchema } from './persona.ts';
import { readBody } from './soul-body.ts';
import type { SoulIssue } from './soul-error.ts';
import { SoulError } from './soul-error.ts';
import type { FrontMatter, Located } from './soul-front-matter.ts';
import { readFrontMatter } from './soul-front-matter.ts';

export { SoulError, type SoulIssue } from './soul-error.ts';

export const MAX_SOUL_BYTES = 64 * 1024;
export interface Soul {
  persona: Persona;
  /** The source as it was given, with plain line ends and without a byte order mark. */
  soulMarkdown: string;
}

/** The key of the front matter that a field of the persona is read from: what an issue names. */
const KEY_OF: Record<keyof Persona, string> = {
  name: 'name',
  niche: 'niche',
  region: 'region',
  backstory: 'backstory',
  voiceTraits: 'voice_traits',
  coreBeliefs: 'core_beliefs',
  directives: 'directives',
};
const LIST_FIELDS = ['voiceTraits', 'coreBeliefs', 'directives'] as const;

/**
 * Reads a SOUL.md (the format is in docs/soul.md). Throws SoulError with every issue, in the order of the lines.
 * Nothing in a source is ever executed.
 */
export function parseSoul(source: string): Soul {
  if (Buffer.byteLength(source) > MAX_SOUL_BYTES) {
    throw new SoulError([
      { line: 1, field: 'file', message: `is larger than ${MAX_SOUL_BYTES / 1024} kB; shorten the backstory` },
    ]);
  }
  const soulMarkdown = source.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const issues: SoulIssue[] = [];
  const { yaml, body, bodyLine } = splitFrontMatter(soulMarkdown, issues);
  const front = yaml === null ? null : readFrontMatter(yaml, 2, issues);
  const prose = readBody(body, bodyLine, issues);
  const sources: Sources = { ...front, backstory: prose.backstory };
  for (const field of LIST_FIELDS) {
    const section = prose[field];
    if (front?.[field] && section) {
      issues.push({
        line: section.line,
        field: KEY_OF[field],
        message: 'is given in the front matter and as a section; keep one of them',
      });
    }
    sources[field] = front?.[field] ?? section;
  }
  const persona = checkPersona(sources, front !== null, issues);
  if (issues.length > 0 || !persona) throw new SoulError(issues.sort((left, right) => left.line - right.line));
  return { persona, soulMarkdown };
}

function splitFrontMatter(
  source: string,
  issues: SoulIssue[],
): { yaml: string | null; body: string; bodyLine: number } {
  const opening = /^---([^\n]*)(?:\n|$)/.exec(source);
  if (!opening) {
    issues.push({
      line: 1,
      field: 'front matter',
      message: 'is missing: the file starts with a line "---", then for example "name: Ada", then "---"',
    });
    return { yaml: null, body: source, bodyLine: 1 };
  }
  const language = (opening[1] ?? '').trim();
  if (language !== '') {
    issues.push({
      line: 1,
      field: 'front matter',
      message: `must be YAML between two plain "---" lines; "---${language}" is not accepted, and code in it is never run`,
    });
  }
  const rest = source.slice(opening[0].length);
  const closing = /^---[ \t]*$/m.exec(rest);
  if (!closing) {
    issues.push({ line: 1, field: 'front matter', message: 'is not closed: end it with a second line "---"' });
    return { yaml: null, body: '', bodyLine: source.split('\n').length };
  }
  const yaml = rest.slice(0, closing.index);
  const body = rest.slice(closing.index + closing[0].length).replace(/^\n/, '');
  return { yaml: language === '' ? yaml : null, body, bodyLine: yaml.split('\n').length + 2 };
}

type Sources = FrontMatter & { backstory: Located<string> };

/** Checks against the persona's schema and gives each problem the line of what caused it. */
function checkPersona(sources: Sources, isFrontRead: boolean, issues: SoulIssue[]): Persona | null {
  const values = (list: Located<Located<string>[]> | undefined) => list?.value.map((item) => item.value);
  const parsed = personaSchema.safeParse({
    name: sources.name?.value,
    niche: sources.niche?.value ?? null,
    region: sources.region?.value ?? null,
    backstory: sources.backstory.value,
    voiceTraits: values(sources.voiceTraits),
    coreBeliefs: values(sources.coreBeliefs),
    directives: values(sources.directives) ?? [],
  });
  if (parsed.success) return parsed.data;
  for (const problem of parsed.error.issues) {
    const field = problem.path[0] as keyof Persona;
    const index = problem.path[1];
    const origin = sources[field];
    const item = typeof index === 'number' && Array.isArray(origin?.value) ? origin.value[index] : undefined;
    const key = origin?.key ?? KEY_OF[field];
    const name = typeof index === 'number' ? `${key}[${index}]` : key;
    // What a broken front matter holds is not known to be missing.
    if (!origin && !isFrontRead) continue;
    if (issues.some((issue) => issue.field === name)) continue;
    issues.push({
      line: item?.line ?? origin?.line ?? 1,
      field: name,
      message: describeProblem(problem, field, origin !== undefined),
    });
  }
  return null;
}

function describeProblem(problem: z.core.$ZodIssue, field: keyof Persona, isGiven: boolean): string {
  const isList = (LIST_FIELDS as readonly string[]).includes(field) && problem.path.length === 1;
  if (!isGiven || problem.code === 'invalid_type') {
    return isList
      ? `is missing: give a list of one to ${field === 'directives' ? 30 : 20} lines in the front matter, or a "## ${field === 'voiceTraits' ? 'Voice' : 'Core beliefs'}" section`
      : 'is missing: add it to the front matter';
  }
  if (problem.code === 'too_big') return `is too long: at most ${problem.maximum} ${isList ? 'lines' : 'characters'}`;
  if (problem.code === 'too_small') {
    if (field === 'backstory')
      return 'is missing: write it below the front matter, as plain prose or under "## Backstory"';
    return isList ? 'must have at least one line' : 'must not be empty';
  }
  return problem.message;
}

/** Writes a SOUL.md that parses to this persona again. */
export function composeSoul(persona: Persona): string {
  const front = stringify(
    {
      name: persona.name,
      ...(persona.niche === null ? {} : { niche: persona.niche }),
      ...(persona.region === null ? {} : { region: persona.region }),
      voice_traits: persona.voiceTraits,
      core_beliefs: persona.coreBeliefs,
      ...(persona.directives.length === 0 ? {} : { directives: persona.directives }),
    },
    { lineWidth: 0, schema: 'core' },
  );
  return `---\n${front}---\n\n## Backstory\n\n${persona.backstory.trim()}\n`;
}

/** A SOUL.md as the API takes it: the text itself, or its base64. Which of the two is told by its form. */
export function decodeSoulInput(text: string): string {
  const compact = text.replace(/\s+/g, '');
  const isBase64 = compact.length >= 8 && compact.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(compact);
  if (!isBase64) return text;
  const decoded = Buffer.from(compact, 'base64').toString('utf8');
  return decoded.includes('\uFFFD') ? text : decoded;
}
