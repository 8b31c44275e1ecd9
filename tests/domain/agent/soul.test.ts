import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Persona } from '../../../domain/agent/persona.ts';
import type { SoulIssue } from '../../../domain/agent/soul.ts';
import { composeSoul, decodeSoulInput, MAX_SOUL_BYTES, parseSoul, SoulError } from '../../../domain/agent/soul.ts';

const GOOD = `---
name: Ada
niche: engines
voice_traits: [precise, dry]
core_beliefs:
  - Numbers matter.
directives:
  - No emoji.
---

I build engines in a shed.
`;

function issuesOf(source: string): readonly SoulIssue[] {
  try {
    parseSoul(source);
  } catch (error) {
    if (error instanceof SoulError) return error.issues;
    throw error;
  }
  throw new Error('should have been refused');
}

describe('what is accepted', () => {
  test('front matter and prose', () => {
    expect(parseSoul(GOOD).persona).toEqual({
      name: 'Ada',
      niche: 'engines',
      region: null,
      backstory: 'I build engines in a shed.',
      voiceTraits: ['precise', 'dry'],
      coreBeliefs: ['Numbers matter.'],
      directives: ['No emoji.'],
    });
  });

  test('lists as sections, core_values, a backstory section, other headings, a title', () => {
    const { persona } = parseSoul(
      '---\nname: Ada\ncore_values: [Numbers matter.]\n---\n# Ada\n\n## Voice\n\n- precise\n  in speech\n* dry\n\n## Backstory\n\nI build engines.\n\n### Youth\n\nIn a shed.\n\n## Directives\n1. No emoji.\n',
    );
    expect(persona).toMatchObject({
      voiceTraits: ['precise in speech', 'dry'],
      coreBeliefs: ['Numbers matter.'],
      directives: ['No emoji.'],
      backstory: 'I build engines.\n\n### Youth\n\nIn a shed.',
    });
  });

  test('without a backstory section all other prose is the backstory', () => {
    const { persona } = parseSoul(
      '---\nname: A\nvoice_traits: [a]\ncore_beliefs: [b]\n---\nBegin.\n\n## Later\n\nEnd.\n',
    );
    expect(persona.backstory).toBe('Begin.\n\n## Later\n\nEnd.');
  });

  test('a byte order mark, CRLF, and numbers or yes where text is meant', () => {
    const { persona, soulMarkdown } = parseSoul(
      `\uFEFF${GOOD.replace('name: Ada', 'name: 2024').replace('niche: engines', 'niche: yes').replaceAll('\n', '\r\n')}`,
    );
    expect(persona).toMatchObject({ name: '2024', niche: 'yes' });
    expect(soulMarkdown.startsWith('---\nname: 2024\n')).toBe(true);
  });

  test.each(readdirSync('examples').filter((name) => readdirSync(path.join('examples', name)).includes('SOUL.md')))(
    'the example %s',
    (name) => {
      const { persona } = parseSoul(readFileSync(path.join('examples', name, 'SOUL.md'), 'utf8'));
      expect(persona.coreBeliefs.length).toBeGreaterThan(2);
      expect(parseSoul(composeSoul(persona)).persona).toEqual(persona);
    },
  );
});

describe('what is refused', () => {
  test('everything wrong is reported at once, each with its line', () => {
    const issues = issuesOf(
      '---\nname:\nniche: [a]\nvoice_traits:\n  - ok\n  - key: value\nhobby: chess\ncore_values: []\ndirectives: none\n---\n\n',
    );
    expect(issues.map(({ line, field }) => `${line} ${field}`)).toEqual([
      '2 name',
      '3 niche',
      '6 voice_traits[1]',
      '7 hobby',
      '8 core_values',
      '9 directives',
      '11 backstory',
    ]);
  });

  test('an unknown key comes with the likely one', () => {
    expect(issuesOf(GOOD.replace('voice_traits', 'voice_trait')).find(({ line }) => line === 4)).toMatchObject({
      line: 4,
      field: 'voice_trait',
      message: expect.stringContaining('did you mean voice_traits'),
    });
  });

  test.each([
    ['no front matter', 'Just prose.', 1, 'front matter'],
    ['an unclosed one', '---\nname: A\n', 1, 'front matter'],
    ['code as front matter', '---js\nmodule.exports = {}\n---\nx', 1, 'front matter'],
    ['a code tag', GOOD.replace('niche: engines', 'niche: !!js/function "function(){}"'), 3, 'front matter'],
    ['a duplicate key', GOOD.replace('niche: engines', 'name: Bob'), 3, 'front matter'],
    ['broken YAML', GOOD.replace('niche: engines', 'niche: @engines'), 3, 'front matter'],
    ['a list given twice', `${GOOD}\n## Voice\n- loud\n`, 13, 'voice_traits'],
    [
      'a section that is no list',
      '---\nname: A\ncore_beliefs: [b]\n---\nStory.\n\n## Voice\n- a\nloose line\n',
      9,
      '## Voice',
    ],
    [
      'too many beliefs',
      GOOD.replace('  - Numbers matter.', Array.from({ length: 21 }, (_, index) => `  - b${index}`).join('\n')),
      5,
      'core_beliefs',
    ],
    ['a trait that is too long', GOOD.replace('precise, dry', `precise, ${'x'.repeat(101)}`), 4, 'voice_traits[1]'],
    ['a file that is too large', GOOD + 'x'.repeat(MAX_SOUL_BYTES), 1, 'file'],
  ])('%s', (_name, source, line, field) => {
    expect(issuesOf(source).map((issue) => `${issue.line} ${issue.field}`)).toContain(`${line} ${field}`);
  });

  test('a YAML alias bomb', () => {
    const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${['b', 'c', 'd', 'e', 'f', 'g'].map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdef'[index]}`).join(', ')}]`).join('\n')}`;
    expect(issuesOf(`---\n${bomb}\n---\nx`).some(({ message }) => message.includes('aliases'))).toBe(true);
  });

  test('what a broken front matter holds is not reported as missing', () => {
    expect(issuesOf('---\nname: "A\n---\nStory.').map(({ field }) => field)).toEqual(['front matter']);
  });
});

describe('composeSoul', () => {
  test.each<Persona>([
    {
      name: 'A: "quoted" #1',
      niche: 'yes',
      region: null,
      backstory: 'One.\n\nTwo: three.',
      voiceTraits: ['- dash', '[x]', 'null'],
      coreBeliefs: ['a: b', '2024'],
      directives: [],
    },
    {
      name: 'ሰላም',
      niche: null,
      region: 'Äthiopien',
      backstory: 'x',
      voiceTraits: ['y'],
      coreBeliefs: ["it's"],
      directives: ['# no', '* star'],
    },
  ])('parses back to the same persona', (persona) => expect(parseSoul(composeSoul(persona)).persona).toEqual(persona));
});

describe('decodeSoulInput', () => {
  test('takes the text itself, or its base64, wrapped or not', () => {
    const base64 = Buffer.from(GOOD).toString('base64');
    expect(decodeSoulInput(GOOD)).toBe(GOOD);
    expect(decodeSoulInput(base64)).toBe(GOOD);
    expect(decodeSoulInput(base64.replace(/.{60}/g, '$&\n'))).toBe(GOOD);
    expect(decodeSoulInput('hello')).toBe('hello');
  });
});
