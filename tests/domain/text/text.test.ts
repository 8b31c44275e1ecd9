import { describe, expect, it } from 'vitest';
import { platformLength, publishedText } from '../../../domain/text/platform-length.ts';
import { textSimilarity } from '../../../domain/text/similarity.ts';
import { styleFeatures } from '../../../domain/text/style-features.ts';
import { containsPhrase, contentWords, sentences, words } from '../../../domain/text/words.ts';
import { generatedTexts, PLAIN_FRAGMENTS } from '../../support/generated-texts.ts';

describe('words', () => {
  it('reads words in any script, without links', () => {
    expect(words('Don’t stop: ሰላም, Ärger https://example.org/x 2026!')).toEqual([
      "don't",
      'stop',
      'ሰላም',
      'ärger',
      '2026',
    ]);
    expect(contentWords('The loom is not in the house of 12 weavers')).toEqual(['loom', 'house', 'weavers']);
  });

  it('splits sentences and ignores what is none', () => {
    expect(sentences('One. Two! “Three?” Four…\n\n🧵\nFive')).toEqual(['One.', 'Two!', '“Three?”', 'Four…', 'Five']);
  });

  it('finds phrases as whole words, singular and plural', () => {
    expect(containsPhrase('I love fast fashion.', 'Fast-Fashion')).toBe(true);
    expect(containsPhrase('two competitors', 'competitor')).toBe(true);
    expect(containsPhrase('one competitor', 'competitors')).toBe(true);
    expect(containsPhrase('breakfast fashionable', 'fast fashion')).toBe(false);
    expect(containsPhrase('anything', '…')).toBe(false);
  });
});

describe('textSimilarity', () => {
  it('is 1 for the same words, low for different posts on one subject, symmetric', () => {
    const left = 'Thrifted linen, lined with hand-woven cotton.';
    const right = 'Why I always check the seams before buying a linen shirt.';
    expect(textSimilarity(left, left.toUpperCase().replace(',', ' –'))).toBe(1);
    expect(textSimilarity(left, right)).toBeLessThan(0.2);
    expect(textSimilarity(left, right)).toBe(textSimilarity(right, left));
    expect(textSimilarity('', '🧵')).toBe(0);
    expect(textSimilarity('🧵', '🧵')).toBe(1);
  });
});

describe('styleFeatures', () => {
  it('counts what can be counted', () => {
    expect(styleFeatures('LOOK!! See @selam_weaves 🇪🇹👩🏽‍🎨 #Loom. The USB loom is HERE.')).toMatchObject({
      words: 7,
      emojis: 2,
      exclamations: 2,
      hashtags: ['#Loom'],
      mentions: ['selam_weaves'],
      shoutedWords: 2,
    });
    expect(styleFeatures('')).toMatchObject({ words: 0, capsRatio: 0, readingEase: 100 });
  });

  it('reads an e-mail address as no mention, and finds long words hard', () => {
    expect(styleFeatures('a@example.org').mentions).toEqual([]);
    const hard = styleFeatures(
      'Multidisciplinary institutional considerations necessitate comprehensive reconfiguration.',
    );
    expect(hard.readingEase).toBeLessThan(0);
    expect(styleFeatures('We sat by the loom and sang.').readingEase).toBeGreaterThan(90);
  });
});

describe('platformLength', () => {
  it('weighs as X does and counts UTF-16 units elsewhere', () => {
    expect(platformLength('abc', 'TWITTER')).toBe(3);
    expect(platformLength('日本', 'TWITTER')).toBe(4);
    expect(platformLength('👩‍👩‍👧‍👦🇪🇹', 'TWITTER')).toBe(4);
    expect(platformLength('see https://example.org/a/very/long/path?with=query', 'TWITTER')).toBe(27);
    expect(platformLength('👩‍👩‍👧‍👦', 'INSTAGRAM')).toBe(11);
  });

  it('adds the hashtags that the text lacks', () => {
    expect(publishedText('Loom #Weaving', ['#weaving', '#addis'])).toBe('Loom #Weaving #addis');
  });
});

describe('the quick ways for plain texts', () => {
  const texts = generatedTexts(PLAIN_FRAGMENTS, 1500);
  const ascii = generatedTexts(
    PLAIN_FRAGMENTS.filter((fragment) => !/[^ -~]/.test(fragment)),
    1500,
    2,
  );

  it('read the same words as the way for all scripts', () => {
    for (const text of ascii) expect(words(`${text} ሰ`).slice(0, -1)).toEqual(words(text));
  });

  it('count the same letters, capitals and syllables as patterns of Unicode classes', () => {
    const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
    for (const text of [...texts, ...ascii].map((raw) => raw.replace(/[#@]|:\/\//g, ' '))) {
      const style = styleFeatures(text);
      const letters = count(text, /\p{L}/gu);
      expect(style.capsRatio).toBe(letters === 0 ? 0 : count(text, /\p{Lu}/gu) / letters);
      const syllables = words(text).map((word) =>
        Math.max(1, count(word.replace(/(?:[^l]e|es|ed)$/u, ''), /[aeiouy]+/gu)),
      );
      if (style.words > 0) {
        const perWord = syllables.reduce((sum, each) => sum + each, 0) / style.words;
        expect(style.readingEase).toBe(206.835 - 1.015 * style.wordsPerSentence - 84.6 * perWord);
      }
    }
  });

  it('count X’s length like the text cut into its clusters as a whole', () => {
    const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
    const light = (code: number): boolean =>
      code <= 4351 ||
      (code >= 8192 && code <= 8205) ||
      (code >= 8208 && code <= 8223) ||
      (code >= 8242 && code <= 8247);
    for (const text of texts.map((raw) => raw.replaceAll('://', ' '))) {
      const clusters = [...segmenter.segment(text.normalize('NFC'))].map(({ segment }) => segment);
      const length = clusters.reduce((sum, cluster) => {
        if (/\p{Extended_Pictographic}|\p{RI}\p{RI}/u.test(cluster)) return sum + 2;
        return [...cluster].reduce((inner, point) => inner + (light(point.codePointAt(0) ?? 0) ? 1 : 2), sum);
      }, 0);
      expect(platformLength(text, 'TWITTER')).toBe(length);
    }
  });

  it('compare texts by their distinct shingles', () => {
    const shingles = (text: string): Set<string> => {
      const flat = words(text).join(' ');
      if (flat === '') return new Set();
      return new Set(Array.from({ length: Math.max(1, flat.length - 3) }, (_, at) => flat.slice(at, at + 4)));
    };
    for (let at = 0; at + 1 < texts.length; at++) {
      const [left = '', right = ''] =
        at % 2 === 0 ? [texts[at], texts[at + 1]] : [texts[at], `${texts[at]} ${texts[at + 1]}`];
      const [a, b] = [shingles(left), shingles(right)];
      if (a.size === 0 || b.size === 0) continue;
      const shared = [...a].filter((shingle) => b.has(shingle)).length;
      expect(textSimilarity(left, right)).toBe(shared / (a.size + b.size - shared));
    }
  });
});
