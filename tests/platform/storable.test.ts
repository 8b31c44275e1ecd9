import { describe, expect, it } from 'vitest';
import { storableJson, storableText } from '../../platform/storable.ts';

describe('what PostgreSQL can store', () => {
  it('is text without NUL and without halves of emoji; whole ones stay', () => {
    expect(storableText('a\0b \ud83d 🙂 \udc00 ü')).toBe('ab  🙂  ü');
    expect(storableText(`${'x'.repeat(9)}🙂`.slice(0, 10))).toBe('x'.repeat(9));
  });

  it('is JSON with such texts at any depth; what only looks like an escape stays', () => {
    const value = {
      text: 'a\0',
      list: [{ part: '\ud83d', whole: '🙂' }],
      at: new Date(0),
      looks: '\\u0000',
      none: null,
    };
    expect(JSON.parse(storableJson(value))).toEqual({
      text: 'a',
      list: [{ part: '', whole: '🙂' }],
      at: '1970-01-01T00:00:00.000Z',
      looks: '\\u0000',
      none: null,
    });
    expect(storableJson({ plain: 'text' })).toBe('{"plain":"text"}');
  });
});
