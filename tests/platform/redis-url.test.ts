import { describe, expect, test } from 'vitest';
import { readRedisUrl } from '../../platform/redis-url.ts';

describe('readRedisUrl', () => {
  test('one server', () => {
    expect(readRedisUrl('redis://user:p%40ss@host:6379/2')).toEqual({
      nodes: ['redis://user:p%40ss@host:6379/2'],
      cluster: false,
    });
  });

  test('a cluster by some of its nodes, each with the login and with TLS', () => {
    expect(readRedisUrl('rediss+cluster://user:secret@a:7000,b:7001,[::1]:7002')).toEqual({
      nodes: ['rediss://user:secret@a:7000', 'rediss://user:secret@b:7001', 'rediss://user:secret@[::1]:7002'],
      cluster: true,
    });
    expect(readRedisUrl('redis+cluster://one.example.com')).toEqual({
      nodes: ['redis://one.example.com'],
      cluster: true,
    });
  });

  test.each([
    'localhost:6379',
    'http://host',
    'redis://',
    'redis+cluster://',
    'redis+cluster://a:1,,b:2',
    'redis+cluster://a:x',
    'redis://a:1,b:2',
  ])('nothing from %s', (url) => expect(readRedisUrl(url)).toBeNull());
});
