import { describe, expect, it } from 'vitest';
import { platformLength, publishedText } from '../../../domain/text/platform-length.ts';
import { textSimilarity } from '../../../domain/text/similarity.ts';
import { styleFeatures } from '../../../domain/text/style-features.ts';
import { containsPhrase, contentWords, sentences, words } from '../../../domain/text/words.ts';

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
