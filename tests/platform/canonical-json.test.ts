import { expect, test } from 'vitest';
import { digestOf } from '../../platform/canonical-json.ts';

test('equal values have equal digests, whatever the order of their keys', () => {
  expect(digestOf({ a: 1, b: { c: [1, 2], d: 'ü' } })).toBe(digestOf({ b: { d: 'ü', c: [1, 2] }, a: 1 }));
});

test('a digest survives the way through JSON, as through the database', () => {
  const value = { text: 'fog\u2028 "quoted"', n: 0.1, big: 1e21, none: null, gone: undefined, list: [true, -0] };
  expect(digestOf(JSON.parse(JSON.stringify(value)))).toBe(digestOf(value));
});

test.each([
  [{ a: 1 }, { a: 2 }],
  [{ a: 1 }, { a: '1' }],
  [{ a: null }, {}],
  [
    [1, 2],
    [2, 1],
  ],
  [null, undefined],
])('%j and %j differ', (left, right) => {
  expect(digestOf(left)).not.toBe(digestOf(right));
});

test('a digest is the sha-256 of the RFC 8785 text', () => {
  // printf '{"a":1,"b":"x"}' | sha256sum
  expect(digestOf({ b: 'x', a: 1 })).toBe('ecf9e98ec0641e23113ff3ce8bdc78d0ddd249886517fd4a7f68cc83d4e65667');
});
