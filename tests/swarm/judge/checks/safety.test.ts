import { describe, expect, it } from 'vitest';
import { linksOf } from '../../../../swarm/judge/checks/links.ts';
import { checkSafety, findUnsafeText } from '../../../../swarm/judge/checks/safety.ts';
import { generatedTexts, PLAIN_FRAGMENTS } from '../../../support/generated-texts.ts';
import { codes, GOOD_ASSESSMENT, GOOD_POST, judged } from '../judged.ts';

const risks = (text: string): string[] => findUnsafeText(text).map(({ code, risk }) => `${code} ${risk}`);

describe('findUnsafeText', () => {
  it.each([
    ['this is fucking great', 'PROFANITY HIGH'],
    ['what a load of sh1t', 'PROFANITY MEDIUM'],
    ['f u c k this', 'PROFANITY HIGH'],
    ['f**k this', 'PROFANITY HIGH'],
    ['𝒇𝒖𝒄𝒌 this', 'PROFANITY HIGH'],
    ['fu\u200Bck this', 'PROFANITY HIGH'],
    ['those spics again', 'HATE_SPEECH HIGH'],
    ['Immigrants are vermin', 'HATE_SPEECH HIGH'],
    ['deport all muslims', 'HATE_SPEECH HIGH'],
    ["I'm going to kill you", 'THREAT HIGH'],
    ['they should all be hanged', 'THREAT HIGH'],
    ['kill yourself', 'SELF_HARM HIGH'],
    ['you are such an idiot', 'HARASSMENT MEDIUM'],
    ['send me nudes', 'SEXUAL HIGH'],
    ['Turmeric cures cancer', 'MEDICAL_ADVICE MEDIUM'],
    ['Stop taking your insulin', 'MEDICAL_ADVICE HIGH'],
    ['Guaranteed returns for everyone', 'FINANCIAL_ADVICE HIGH'],
    ['Buy $DOGE before Friday', 'FINANCIAL_ADVICE MEDIUM'],
    ['Write to abebe.kebede@gmail.com', 'PERSONAL_DATA HIGH'],
    ['Call me on +251 911 234 567', 'PERSONAL_DATA HIGH'],
    ['Call 866-970-8267 now', 'PERSONAL_DATA HIGH'],
    ['My card is 4111 1111 1111 1111', 'PERSONAL_DATA HIGH'],
    ['He lives at 12 Church Street', 'PERSONAL_DATA MEDIUM'],
    ['key sk-abcdefghijklmnopqrstuvwx', 'SECRET HIGH'],
  ])('finds what is wrong with “%s”', (text, expected) => {
    expect(risks(text)).toContain(expected);
  });

  it.each([
    GOOD_POST,
    'Cocktail hour in Scunthorpe, Essex and Middlesex: peacock feathers, a shiitake risotto and a class on assessing assets.',
    'This jacket is killing it. I would kill for that lining, and the colours are to die for.',
    'The show runs 2025-11-20 to 2026-01-05, tickets 1 000 000 sold, score 102-98, from 10.30 to 11.45.',
    'We beat them 3-1 and the whole room burned with joy.',
    'My therapist analysed a bass class in the basement.',
    'Open 24/7 since 1998, version 10.12.2024, 5.5 million views and 3,400,000 likes.',
    'Set a timer for 45 s and a 455 g batch.',
    'Women are brilliant, immigrants built this city, and weavers deserve fair pay.',
    'No more shut-up shops: the market opens up in the morning.',
  ])('lets “%s” pass', (text) => {
    expect(risks(text)).toEqual([]);
  });

  it('does not repeat the word it found', () => {
    expect(findUnsafeText('fucking great')[0]?.message).toBe('Contains a swear word (f***).');
  });
});

describe('checkSafety', () => {
  it('gives a good post 0.9 or more, with and without a model', () => {
    expect(checkSafety(judged())).toMatchObject({ score: 0.98, passed: true, flags: [] });
    expect(checkSafety(judged({ assessment: null }))).toMatchObject({ score: 1, passed: true, flags: [] });
  });

  it('takes the lower of the rules and the model', () => {
    expect(checkSafety(judged({ text: 'this is fucking great' })).score).toBeLessThanOrEqual(0.1);
    const unsafe = checkSafety(
      judged({ assessment: { ...GOOD_ASSESSMENT, contentSafety: 0.2, flags: ['mocks an illness'] } }),
    );
    expect(unsafe).toMatchObject({
      passed: false,
      flags: [{ code: 'MODEL_FLAG', risk: 'HIGH', message: 'The assessing model says: mocks an illness' }],
    });
    expect(unsafe.score).toBeLessThanOrEqual(0.1);
    expect(checkSafety(judged({ assessment: { ...GOOD_ASSESSMENT, contentSafety: 0.6 } })).flags).toMatchObject([
      { risk: 'MEDIUM' },
    ]);
  });

  it('lets no flag of the model pass unseen', () => {
    expect(
      checkSafety(judged({ assessment: { ...GOOD_ASSESSMENT, flags: ['names a designer'] } })).flags,
    ).toMatchObject([{ risk: 'LOW' }]);
  });

  it('reads hashtags too', () => {
    expect(codes(checkSafety(judged({ hashtags: ['#fuckthis'] })))).toEqual(['PROFANITY']);
  });

  it('flags links that neither the campaign names nor everybody knows', () => {
    const risk = (text: string, goals = '') =>
      checkSafety(judged({ text, goals })).flags.map((flag) => `${flag.code} ${flag.risk}`);
    expect(risk('See https://shop.example.org/a')).toEqual(['UNKNOWN_LINK LOW']);
    expect(risk('See https://shop.example.org/a', 'Sell at shop.example.org')).toEqual([]);
    expect(risk('See https://www.youtube.com/watch?v=1 and https://en.wikipedia.org/wiki/Loom.')).toEqual([]);
    expect(risk('See https://bit.ly/3xyz')).toEqual(['SUSPICIOUS_LINK MEDIUM']);
    expect(risk('See http://192.168.1.7/login')).toEqual(['SUSPICIOUS_LINK HIGH']);
    expect(risk('See https://youtube.com@evil.example/x')).toEqual(['SUSPICIOUS_LINK HIGH']);
    expect(risk('See https://notyoutube.com/x')).toEqual(['UNKNOWN_LINK LOW']);
    expect(risk('See https://evilwho.int/x')).toEqual(['UNKNOWN_LINK LOW']);
  });

  it('misses no link by what it looks for first', () => {
    const forced = 'https://forced.example';
    const fragments = [
      'www.',
      'weavers',
      '.',
      'co',
      'shop',
      'x.tk',
      'a-b.io/path',
      'HTTPS://',
      'http://',
      '.link',
      'ſhop.',
      '@',
    ];
    const texts = generatedTexts([...fragments, ...fragments, ...PLAIN_FRAGMENTS], 4000);
    for (const text of texts)
      expect(linksOf(text)).toEqual(linksOf(`${text} ${forced}`).filter((link) => link !== forced));
    expect(texts.filter((text) => linksOf(text).length > 0).length).toBeGreaterThan(500);
  });

  it('lets an analysis speak of bad news, and stops what is beyond that', () => {
    const analysis = { taskType: 'ANALYZE_TREND', assessment: null } as const;
    expect(
      checkSafety(judged({ ...analysis, text: 'Fans are pissed at a suicide prevention campaign.' })).flags,
    ).toEqual([]);
    expect(codes(checkSafety(judged({ ...analysis, text: 'Immigrants are vermin' })))).toEqual(['HATE_SPEECH']);
  });
});
