import { describe, expect, it } from 'vitest';
import { checkBrand } from '../../../../swarm/judge/checks/brand.ts';
import { CLAIM_RULES } from '../../../../swarm/judge/checks/brand-rules.ts';
import { generatedTexts, PLAIN_FRAGMENTS } from '../../../support/generated-texts.ts';
import { GOALS, GOOD_ASSESSMENT, judged } from '../judged.ts';

const found = (changes: Parameters<typeof judged>[0]): string[] =>
  checkBrand(judged(changes)).flags.map(({ code, risk }) => `${code} ${risk}`);

describe('checkBrand', () => {
  it('has nothing to say about a good post', () => {
    const check = checkBrand(judged());
    expect(check).toMatchObject({ passed: true, flags: [] });
    expect(check.score).toBeGreaterThan(0.7);
  });

  it('hears the model on alignment', () => {
    expect(found({ assessment: { ...GOOD_ASSESSMENT, brandAlignment: 0.1 } })).toEqual(['OFF_BRAND MEDIUM']);
  });

  it('asks about names that nobody asked for, and accepts those that the campaign names', () => {
    expect(found({ text: 'That kemis fusion piece by @DesignerMulu was pure art' })).toEqual(['UNKNOWN_MENTION LOW']);
    expect(
      found({
        text: 'That kemis fusion piece by @DesignerMulu was pure art',
        goals: `${GOALS} Work with @designermulu.`,
      }),
    ).toEqual([]);
    expect(found({ text: 'Mending my Gucci jacket with cotton' })).toEqual(['NEW_BRAND LOW']);
    expect(found({ text: 'Mending my Gucci jacket with cotton', topic: 'A repair week with Gucci' })).toEqual([]);
    expect(found({ text: 'Mending my zara jacket while uber excited' })).toEqual([]);
    expect(found({ text: 'Better than Fabulon linen', goals: 'Sell linen. Competitors: Fabulon, Linora.' })).toEqual([
      'COMPETITOR MEDIUM',
    ]);
  });

  it('lets a reply name the one it answers', () => {
    const reply = {
      taskType: 'REPLY_COMMENT',
      mention: { author: '@abebe', text: 'Where is it from?', suspicious: false },
    } as const;
    expect(found({ ...reply, text: '@abebe from Shiro Meda, woven by hand!' })).toEqual([]);
    expect(found({ ...reply, text: '@mulu from Shiro Meda, woven by hand!' })).toEqual(['UNKNOWN_MENTION LOW']);
  });

  it.each([
    ['Clinically proven to make cotton softer', 'UNVERIFIED_CLAIM LOW'],
    ['90% of women re-wear less than you think', 'UNVERIFIED_CLAIM LOW'],
    ['Get 20% off every scarf', 'UNVERIFIED_OFFER LOW'],
    ['Scarves from $29 this week', 'UNVERIFIED_OFFER LOW'],
    ['This look is sponsored by the loom', 'UNPLANNED_PROMOTION LOW'],
    ['Vote well in the election, then mend a hem', 'POLITICS LOW'],
    ['LOOK AT THIS AMAZING LOOM NOW', 'SPAM LOW'],
    ['Looms!!!! Looms forever', 'SPAM LOW'],
    ['Follow back for looms and like4like', 'SPAM LOW'],
    ['Looms #a1 #b2 #c3 #d4 #e5', 'SPAM LOW'],
    ['Hi @aa @bb @cc @dd looms', 'SPAM LOW'],
  ])('flags “%s”', (text, expected) => {
    expect(found({ text })).toContain(expected);
  });

  it('accepts claims, offers and politics that the campaign itself makes', () => {
    expect(found({ text: 'Get 20% off every scarf', goals: 'Tell everybody about 20% off in May.' })).toEqual([]);
    expect(found({ text: 'Vote well in the election, then mend a hem', topic: 'Turnout at the election' })).toEqual([]);
  });

  it('allows the hashtags that a platform’s readers expect', () => {
    const text = 'Looms #a1 #b2 #c3 #d4 #e5 #f6';
    expect(found({ text, platform: 'INSTAGRAM' })).toEqual([]);
    expect(found({ text, platform: 'TWITTER' })).toEqual(['SPAM LOW']);
  });
});

it('loses no claim by what it looks for first', () => {
  const fragments =
    '12|3.5 %|90% of|% of|all|women|9 out of 10|7 in 8|doctors|customers|in|out of|2x|10x|x|faster|better|cheaper'.split(
      '|',
    );
  const texts = generatedTexts([...fragments, ...fragments, ...PLAIN_FRAGMENTS], 4000);
  for (const { needs, pattern, message } of CLAIM_RULES) {
    if (needs === undefined) continue;
    const matched = texts.filter((text) => pattern.test(text));
    expect(matched.length, message).toBeGreaterThan(100);
    expect(
      matched.filter((text) => !needs.test(text)),
      message,
    ).toEqual([]);
  }
});
