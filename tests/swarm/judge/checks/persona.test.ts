import { describe, expect, it } from 'vitest';
import { findDirectiveViolations } from '../../../../swarm/judge/checks/directives.ts';
import { checkPersona, PERSONA_CURVE, personaScore } from '../../../../swarm/judge/checks/persona.ts';
import { interpolate } from '../../../../swarm/judge/checks/scoring.ts';
import { compareVoice } from '../../../../swarm/judge/checks/voice.ts';
import { codes, GOOD_ASSESSMENT, GOOD_POST, judged, SELAM } from '../judged.ts';

describe('personaScore', () => {
  it('maps cosines at fixed points', () => {
    const score = (cosine: number) => Math.round(personaScore(cosine, 8, null) * 1000) / 1000;
    expect([-0.5, 0, 0.025, 0.05, 0.1, 0.14, 0.18, 0.3, 0.5, 1].map(score)).toEqual([
      0.4, 0.4, 0.55, 0.7, 0.85, 0.895, 0.94, 0.98, 1, 1,
    ]);
    expect(personaScore(0.05, 8, 0.93)).toBeCloseTo(0.861, 3);
    expect(personaScore(0, 0, null)).toBe(0.88);
    expect(personaScore(0, 4, null)).toBeCloseTo(0.64, 3);
  });

  it('is monotone in the cosine and in the model’s opinion, and stays in 0..1', () => {
    for (let step = -20; step < 100; step++) {
      const cosine = step / 100;
      expect(personaScore(cosine + 0.01, 8, null)).toBeGreaterThanOrEqual(personaScore(cosine, 8, null));
      expect(personaScore(0.1, 8, Math.min(1, Math.max(0, cosine + 0.01)))).toBeGreaterThanOrEqual(
        personaScore(0.1, 8, Math.max(0, cosine)),
      );
      expect(interpolate(PERSONA_CURVE, cosine)).toBeLessThanOrEqual(1);
    }
  });
});

describe('checkPersona', () => {
  it('lets a good post that the model likes reach a confidence of 0.9', () => {
    expect(checkPersona(judged())).toMatchObject({ passed: true, flags: [] });
    expect(checkPersona(judged()).score).toBeGreaterThanOrEqual(0.84);
  });

  it('judges strangers’ posts worse than the persona’s own, without a model', () => {
    const score = (text: string): number => checkPersona(judged({ assessment: null, text })).score;
    const mean = (texts: string[]): number => texts.reduce((sum, text) => sum + score(text), 0) / texts.length;
    const own = [GOOD_POST, 'Hand-woven cotton outlives every trend: mend it, re-wear it, and credit the weavers.'];
    const strangers = [
      'Postgres is boring the way bridges are boring. You notice them when they are not there.',
      'Midfielder signs for three seasons after passing the medical on Tuesday night.',
      'Artichokes are back. Trim, halve, a little garlic, patience. Save the leaves for broth.',
    ];
    expect(mean(strangers)).toBeLessThan(mean(own) - 0.15);
  });

  it('flags what the model does not recognise', () => {
    const drift = (personaConsistency: number) =>
      checkPersona(judged({ assessment: { ...GOOD_ASSESSMENT, personaConsistency } })).flags.map(({ risk }) => risk);
    expect(drift(0.25)).toEqual(['MEDIUM']);
    expect(drift(0)).toHaveLength(1);
    expect(drift(0.9)).toEqual([]);
  });

  it('holds the persona to being artificial', () => {
    expect(codes(checkPersona(judged({ text: "I'm a real human, promise, and I love weaving cotton." })))).toEqual([
      'CLAIMS_HUMAN',
    ]);
    const mention = { author: 'abebe', text: 'Are you a real person or a bot?', suspicious: false };
    const reply = { taskType: 'REPLY_COMMENT', disclosure: 'AUTOMATED', mention } as const;
    expect(codes(checkPersona(judged({ ...reply, text: 'Just a girl who loves looms and thrifted linen.' })))).toEqual([
      'AI_NOT_DISCLOSED',
    ]);
    expect(
      codes(checkPersona(judged({ ...reply, text: 'A virtual one! The weavers behind the looms are very real.' }))),
    ).toEqual([]);
    expect(codes(checkPersona(judged({ taskType: 'POST_CONTENT', disclosure: 'NONE' })))).toEqual([
      'DISCLOSURE_MISSING',
    ]);
    expect(codes(checkPersona(judged({ taskType: 'POST_CONTENT', disclosure: 'AUTOMATED' })))).toEqual([]);
  });

  it('compares no alternative text of an image with the voice', () => {
    expect(
      checkPersona(judged({ taskType: 'GENERATE_IMAGE', text: 'A semiconductor', assessment: null })),
    ).toMatchObject({ score: 1, flags: [] });
  });
});

describe('findDirectiveViolations', () => {
  const violates = (text: string, directive: string): boolean => findDirectiveViolations(text, [directive]).length > 0;

  it.each([
    ['The election is close.', 'Never mention politics.'],
    ['Pray at the mosque today.', "Don't talk about religion."],
    ['I adore Zara.', 'Never mention Zara, Shein or H&M.'],
    ['I adore Shein!', 'Never mention Zara, Shein or H&M.'],
    ['This is beast mode.', 'Do not use the words "beast mode".'],
    ['Fast fashion is fun.', 'Never promote fast fashion.'],
    ['So pretty 🧵', 'Never use emojis.'],
    ['So pretty 🧵', 'No emojis.'],
    ['Wow!', 'Avoid exclamation marks.'],
    ['See https://example.org', 'Never post links.'],
    ['One #a #b #c #d', 'Use at most 3 hashtags.'],
    ['One #a #b #c', 'No more than two hashtags.'],
    ['A glass of wine', 'Never mention alcohol.'],
    ['A solid 7/10 from me', 'No score out of ten, ever.'],
    ['It costs 300 birr', 'Do not quote prices; point people to the makers instead.'],
    ['Parliament is voting', 'Speak with respect and stay out of politics.'],
    ['My loom sings', 'Always end with "Mend it." whatever happens'],
    ['My loom sings', 'Always use #MendIt'],
  ])('“%s” is against “%s”', (text, directive) => {
    expect(violates(text, directive)).toBe(true);
  });

  it.each([
    [GOOD_POST, 'Never give medical advice.'],
    ['The best loom ever', 'No score out of ten, ever.'],
    [GOOD_POST, 'Never be rude to followers.'],
    [GOOD_POST, 'Never claim to be human.'],
    [GOOD_POST, 'Never make promises about delivery dates.'],
    [GOOD_POST, 'Always credit the maker.'],
    [GOOD_POST, 'Always disclose that you are an AI persona.'],
    [GOOD_POST, 'Do not engage with trolls.'],
    ['A loom, present and sacred', 'Never present sacred or funeral dress as a trend.'],
    ['No rush, no hurry', 'Never rush. There is no hurry.'],
    [GOOD_POST, 'Write no more than three sentences per thought and never repeat a joke.'],
    ['My loom sings. mend it.', 'Always end with "Mend it."'],
    ['One #a #b #c', 'Use at most 3 hashtags.'],
  ])('“%s” is not against “%s”', (text, directive) => {
    expect(violates(text, directive)).toBe(false);
  });
});

describe('compareVoice', () => {
  const flagged = (text: string, trait: string): boolean => compareVoice(text, [trait]).flags.length > 0;

  it('flags what a trait forbids, and only lowers the score for what it describes', () => {
    expect(flagged('So pretty 🧵', 'no emoji')).toBe(true);
    expect(flagged('VERY PRETTY LOOM', 'never shouts')).toBe(true);
    expect(flagged('Pretty loom', 'all lowercase')).toBe(true);
    expect(flagged('pretty loom', 'all lowercase')).toBe(false);
    expect(flagged('So pretty 🧵', 'uses emoji')).toBe(false);
    expect(compareVoice('omg gonna wear this', ['formal'])).toMatchObject({
      flags: [],
      factor: 0.9,
      remarks: ['is not formal'],
    });
    expect(compareVoice('omg gonna wear this', ['informal'])).toMatchObject({ factor: 1 });
    expect(compareVoice(GOOD_POST, SELAM.voiceTraits)).toEqual({ flags: [], factor: 1, remarks: [] });
  });
});
