import type { SoulIssue } from './soul-error.ts';
import type { Located } from './soul-front-matter.ts';

export interface SoulBody {
  backstory: Located<string>;
  voiceTraits?: Located<Located<string>[]>;
  coreBeliefs?: Located<Located<string>[]>;
  directives?: Located<Located<string>[]>;
}

const LIST_SECTIONS: Record<string, 'voiceTraits' | 'coreBeliefs' | 'directives'> = {
  voice: 'voiceTraits',
  'voice traits': 'voiceTraits',
  'core beliefs': 'coreBeliefs',
  'core values': 'coreBeliefs',
  beliefs: 'coreBeliefs',
  values: 'coreBeliefs',
  directives: 'directives',
};

interface Section {
  title: string | null;
  heading: string;
  line: number;
  lines: { text: string; line: number }[];
}

/**
 * Reads the prose. With a `## Backstory` that section is the backstory; without one it is all the prose that is not a
 * list section. Other sections stay part of it, with their headings. A `# Title` line is left out.
 */
export function readBody(body: string, firstLine: number, issues: SoulIssue[]): SoulBody {
  const sections = splitSections(body, firstLine);
  const result: Omit<SoulBody, 'backstory'> = {};
  const prose: Section[] = [];
  for (const section of sections) {
    const field = section.title === null ? undefined : LIST_SECTIONS[section.title];
    if (!field) prose.push(section);
    else if (result[field])
      issues.push({
        line: section.line,
        field: section.heading,
        message: 'this section is given twice; keep one of them',
      });
    else result[field] = { value: readBullets(section, issues), line: section.line };
  }
  const named = prose.filter((section) => section.title === 'backstory');
  if (named.length > 1)
    issues.push({
      line: named[1]?.line ?? firstLine,
      field: 'body',
      message: 'has two "## Backstory" sections; keep one of them',
    });
  const chosen = named[0] ?? null;
  const backstory = (chosen ? [chosen] : prose)
    .map((section) =>
      section.title === null || section === chosen ? textOf(section) : `${section.heading}\n\n${textOf(section)}`,
    )
    .join('\n\n')
    .trim();
  return { ...result, backstory: { value: backstory, line: chosen?.line ?? prose[0]?.line ?? firstLine } };
}

function splitSections(body: string, firstLine: number): Section[] {
  let current: Section = { title: null, heading: '', line: firstLine, lines: [] };
  const sections = [current];
  let fenced = false;
  body.split('\n').forEach((text, index) => {
    const line = firstLine + index;
    if (/^\s*(?:```|~~~)/.test(text)) fenced = !fenced;
    const heading = fenced ? null : /^##\s+(.+?)\s*#*\s*$/.exec(text);
    if (heading) {
      current = {
        title: (heading[1] ?? '')
          .toLowerCase()
          .replace(/[^a-z ]/g, '')
          .trim(),
        heading: text.trim(),
        line,
        lines: [],
      };
      sections.push(current);
    } else if (fenced || !/^#\s+\S/.test(text)) current.lines.push({ text, line });
  });
  return sections.filter((section) => section.title !== null || section.lines.some(({ text }) => text.trim() !== ''));
}

function textOf(section: Section): string {
  return section.lines
    .map(({ text }) => text.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Bullets with -, * or +, or numbers; an indented next line continues its bullet. */
function readBullets(section: Section, issues: SoulIssue[]): Located<string>[] {
  const items: Located<string>[] = [];
  for (const { text, line } of section.lines) {
    if (text.trim() === '') continue;
    const bullet = /^\s{0,3}(?:[-*+]|\d{1,2}[.)])\s+(.+)$/.exec(text);
    const last = items.at(-1);
    if (bullet) items.push({ value: (bullet[1] ?? '').trim(), line });
    else if (last && /^\s/.test(text)) last.value = `${last.value} ${text.trim()}`;
    else issues.push({ line, field: section.heading, message: 'this section is a list; start each line with "- "' });
  }
  return items;
}
