import { describe, expect, test } from 'vitest';
import { accountOf, effectCall } from '../../../domain/effect/effect-call.ts';

const POST = { platform: 'TWITTER', text: 'fog', mediaUrls: [], disclosure: 'AUTOMATED' };

describe('the call of an approved output', () => {
  const call = (output: unknown, id = 'task-1') =>
    effectCall({ tenantId: 't', id, type: 'POST_CONTENT', account: 'mira' }, output);
  test('its key is one a tenant, task and content: another text is another intent', () => {
    expect(call(POST)).toEqual(call({ ...POST }));
    expect(call({ ...POST, text: 'rain' }).idempotencyKey).not.toBe(call(POST).idempotencyKey);
    expect(call(POST, 'task-2').idempotencyKey).not.toBe(call(POST).idempotencyKey);
  });
  test('carries the disclosure, and refuses a platform or a type without an outside', () => {
    expect(call(POST).payload).toEqual({ account: 'mira', text: 'fog', media_urls: [], disclosure: 'AUTOMATED' });
    expect(() => call({ ...POST, platform: 'TIKTOK' })).toThrow(/no MCP server publishes on TIKTOK/);
    expect(() => effectCall({ tenantId: 't', id: 'i', type: 'GENERATE_POST', account: 'a' }, {})).toThrow(
      /no effect outside/,
    );
  });
  test.each([
    ['Mira', null, 'mira'],
    ['Séla  & Co.', null, 's_la_co'],
    ['日本', null, 'agent'],
    ['Mira', 'mira.sea', 'mira.sea'],
  ])('the account of %s with handle %s is %s', (name, handle, account) => {
    expect(accountOf(name, handle)).toBe(account);
  });
});
