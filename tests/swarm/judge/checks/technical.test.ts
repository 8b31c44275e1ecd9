import { describe, expect, it } from 'vitest';
import { checkTechnical } from '../../../../swarm/judge/checks/technical.ts';
import { codes, GOOD_ASSESSMENT, GOOD_POST, judged } from '../judged.ts';

const found = (changes: Parameters<typeof judged>[0]): string[] =>
  checkTechnical(judged(changes)).flags.map(({ code, risk }) => `${code} ${risk}`);
const IMAGE = { width: 1080, height: 1350, bytes: 400_000, mimeType: 'image/png', decodable: true };

describe('checkTechnical', () => {
  it('gives a good post 0.9 or more', () => {
    const check = checkTechnical(judged());
    expect(check).toMatchObject({ passed: true, flags: [] });
    expect(check.score).toBeGreaterThanOrEqual(0.9);
    expect(checkTechnical(judged({ assessment: null })).score).toBe(1);
  });

  it('fails output that does not fit its schema, whatever it says', () => {
    expect(checkTechnical(judged({ outputIssue: 'text: expected string' }))).toMatchObject({
      score: 0,
      passed: false,
      flags: [{ code: 'SCHEMA_INVALID', risk: 'HIGH' }],
    });
  });

  it('counts length as the platform does, hashtags included, against the tighter limit', () => {
    expect(found({ text: `a b ${'c'.repeat(276)}` })).toEqual([]);
    expect(found({ text: `a b ${'c'.repeat(277)}` })).toEqual(['TOO_LONG HIGH']);
    expect(found({ text: `a b ${'c'.repeat(270)}`, hashtags: ['#weaving'] })).toEqual(['TOO_LONG HIGH']);
    expect(found({ text: `a b ${'c'.repeat(260)} #weaving`, hashtags: ['#Weaving'] })).toEqual([]);
    expect(found({ text: `See this loom https://example.org/${'c'.repeat(300)}` })).toEqual([]);
    expect(found({ text: `${'👩‍👩‍👧‍👦'.repeat(130)} one two three` })).toEqual([]);
    expect(found({ text: `${'👩‍👩‍👧‍👦'.repeat(140)} one two three` })).toEqual(['TOO_LONG HIGH']);
    expect(found({ text: GOOD_POST, maxLength: 50 })).toEqual(['TOO_LONG HIGH']);
    expect(found({ text: 'x '.repeat(1000), platform: 'INSTAGRAM' })).toEqual([]);
  });

  it('fails empty text', () => {
    expect(found({ text: '' })).toEqual(['EMPTY_TEXT HIGH']);
    expect(found({ text: null })).toEqual(['EMPTY_TEXT HIGH']);
    expect(found({ text: '🧵🧵' })).toEqual(['EMPTY_TEXT HIGH']);
  });

  it('fails a repeated post, asks about a similar one, and is milder with replies', () => {
    expect(
      found({ recentTexts: ['Something else entirely about looms.', `${GOOD_POST.toUpperCase()} #again`] }),
    ).toEqual(['DUPLICATE HIGH']);
    expect(
      found({
        recentTexts: [
          GOOD_POST.replace('What would you mend before you buy new?', 'Tell me what is waiting in your wardrobe!'),
        ],
      }),
    ).toEqual(['NEAR_DUPLICATE MEDIUM']);
    const reply = {
      taskType: 'REPLY_COMMENT',
      disclosure: 'AUTOMATED',
      text: 'Thank you so much, that means a lot!',
    } as const;
    expect(found({ ...reply, recentTexts: ['Thank you so much, that means a lot!'] })).toEqual(['DUPLICATE MEDIUM']);
    expect(found({ ...reply, recentTexts: ['Thank you so much, it is from Shiro Meda!'] })).toEqual([]);
  });

  it.each([
    ['Loving [insert brand] this week', 'PLACEHOLDER HIGH'],
    ['Hello {{name}}, meet my loom', 'PLACEHOLDER HIGH'],
    ['Lorem ipsum dolor sit amet', 'PLACEHOLDER HIGH'],
    ['The price is undefined today', 'PLACEHOLDER HIGH'],
    ['Grandmotherâ€™s loom sings again', 'MOJIBAKE HIGH'],
    ['A cafÃ© with looms inside', 'MOJIBAKE HIGH'],
    ['The loom \uFFFD sings again', 'MOJIBAKE HIGH'],
    ['The loom \u202E sings again', 'CONTROL_CHARACTERS HIGH'],
    ["Sure! Here's a tweet about looms", 'META_TEXT HIGH'],
    ['As an AI language model I love looms', 'META_TEXT HIGH'],
    ["I'm sorry, but I can't write about looms", 'META_TEXT HIGH'],
    ['Tweet: my loom is singing again', 'META_TEXT HIGH'],
    ['My **loom** is singing again', 'MARKDOWN LOW'],
    ['My loom [sings](https://example', 'BROKEN_MARKDOWN MEDIUM'],
    ['My grandmother said "mend it first', 'UNBALANCED LOW'],
    ['My grandmother told me to mend the', 'CUT_OFF MEDIUM'],
  ])('sees that “%s” is broken', (text, expected) => {
    expect(found({ text })).toContain(expected);
  });

  it.each([
    'My loom is 6" wide :) and I love it (really).',
    '1) warp 2) weft 3) patience',
    'Grandma said “mend it”, so I did; 🧵 and again…',
    'Café crème, São Paulo, Ñandutí lace: textile travels.',
    'Which one would you wear to the market? #weaving #addis',
  ])('lets “%s” pass', (text) => {
    expect(found({ text })).toEqual([]);
  });

  it('lets a reply decline politely', () => {
    const reply = { taskType: 'REPLY_COMMENT', disclosure: 'AUTOMATED' } as const;
    expect(found({ ...reply, text: "I appreciate your message, but I can't fulfill that request." })).toEqual([]);
  });

  it('wants a disclosure level on whatever is published', () => {
    expect(found({ taskType: 'POST_CONTENT', disclosure: null })).toEqual(['NO_DISCLOSURE HIGH']);
    expect(found({ taskType: 'REPLY_COMMENT', disclosure: null })).toEqual(['NO_DISCLOSURE HIGH']);
    expect(found({ taskType: 'POST_CONTENT', disclosure: 'NONE' })).toEqual([]);
  });

  it('wants media where the platform does, all of it readable, decodable and of a usable size', () => {
    const post = { taskType: 'POST_CONTENT', disclosure: 'AUTOMATED', platform: 'INSTAGRAM' } as const;
    const mediaUrls = ['https://media.example/1.png'];
    expect(found(post)).toEqual(['MEDIA_MISSING HIGH']);
    expect(found({ ...post, mediaUrls, media: [] })).toEqual(['MEDIA_MISSING HIGH']);
    expect(found({ ...post, mediaUrls, media: [IMAGE] })).toEqual([]);
    expect(found({ ...post, mediaUrls, media: [{ ...IMAGE, decodable: false }] })).toEqual(['MEDIA_BROKEN HIGH']);
    expect(found({ ...post, mediaUrls, media: [{ ...IMAGE, mimeType: 'text/html' }] })).toEqual(['MEDIA_BROKEN HIGH']);
    expect(found({ ...post, mediaUrls, media: [{ ...IMAGE, width: 40 }] })).toEqual(['MEDIA_BROKEN HIGH']);
    expect(found({ ...post, mediaUrls, media: [{ ...IMAGE, width: Number.NaN }] })).toEqual(['MEDIA_BROKEN HIGH']);
    expect(found({ ...post, mediaUrls, media: [{ ...IMAGE, bytes: 9 * 1024 * 1024 }] })).toEqual(['MEDIA_BROKEN HIGH']);
    expect(found({ ...post, mediaUrls, media: [{ ...IMAGE, width: 720, height: 1280 }] })).toEqual(['MEDIA_RATIO LOW']);
  });

  it('compares a generated image with what the output says of it', () => {
    const image = { taskType: 'GENERATE_IMAGE', text: 'A loom by the window', platform: null } as const;
    const output = {
      mediaId: 'm',
      imageUrl: 'https://media.example/1.png',
      altText: 'A loom',
      width: 1080,
      height: 1350,
      fileSizeBytes: 1,
      format: 'png',
      generationModel: 'm',
    };
    expect(found({ ...image, output, media: [IMAGE] })).toEqual([]);
    expect(found({ ...image, output, media: [{ ...IMAGE, width: 512 }] })).toEqual(['MEDIA_MISMATCH MEDIUM']);
    expect(found({ ...image, output, media: [] })).toEqual(['MEDIA_MISSING HIGH']);
  });

  it('hears the model on quality', () => {
    expect(codes(checkTechnical(judged({ assessment: { ...GOOD_ASSESSMENT, technicalQuality: 0.3 } })))).toEqual([
      'LOW_QUALITY',
    ]);
  });
});
