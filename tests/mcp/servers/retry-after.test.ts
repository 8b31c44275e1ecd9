import { expect, it } from 'vitest';
import { parseRetryAfter } from '../../../mcp/servers/retry-after.ts';

it.each([
  ['7', 7_000],
  ['0', 0],
  ['Fri, 20 Nov 2026 10:00:05 GMT', 5_000],
  ['Fri, 20 Nov 2026 09:00:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
])('a retry-after of %j is %j ms', (value, ms) => {
  expect(parseRetryAfter(value, Date.parse('2026-11-20T10:00:00Z'))).toBe(ms);
});
