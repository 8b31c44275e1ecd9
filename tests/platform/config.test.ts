import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../../platform/config.ts';

function problemsOf(env: Record<string, string>): string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((problem) => problem.name).sort();
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  test('needs nothing: every feature that is not configured is null', () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      environment: expect.any(String),
      database: { url: null },
      redis: { url: null },
      jwt: { secret: null, jwksUrl: null },
      walletEncryptionKey: null,
      models: { anthropic: null, google: null },
      outside: { twitter: null, ideogram: null, newsFeeds: [] },
      review: { slaMinutes: 15, approveThreshold: 0.9, escalateThreshold: 0.7 },
      swarm: { mentionsPollSeconds: 120, trendsPollSeconds: 300 },
    });
    expect(path.isAbsolute(config.home)).toBe(true);
  });

  test('says everything that is wrong at once, naming the variable and what it should be', () => {
    const broken = {
      PORT: 'eighty',
      DATABASE_URL: 'mysql://db/chimera',
      REDIS_URL: 'localhost:6379',
      JWT_SECRET: 'short',
      WALLET_ENCRYPTION_KEY: 'zz',
      CORS_ORIGINS: 'https://ok.example,nonsense',
      WORKER_CONCURRENCY: '0',
      HITL_CONFIDENCE_THRESHOLD: '90',
      LOG_LEVEL: 'loud',
      NEWS_ALLOW_PRIVATE_ADDRESSES: 'perhaps',
    };
    expect(problemsOf(broken)).toEqual(Object.keys(broken).sort());
    expect(() => readConfig(broken)).toThrow(/WORKER_CONCURRENCY: should be at least 1 slots/);
    expect(() => readConfig(broken)).toThrow(/DATABASE_URL: should be a URL that starts with postgresql:/);
  });

  test('never repeats a secret in its complaint', () => {
    expect(() => readConfig({ JWT_SECRET: 'hunter2' })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
    );
  });

  test('refuses thresholds in the wrong order', () => {
    expect(problemsOf({ HITL_CONFIDENCE_THRESHOLD: '0.6', HITL_ESCALATE_THRESHOLD: '0.8' })).toEqual([
      'HITL_ESCALATE_THRESHOLD',
    ]);
    expect(problemsOf({ HITL_CONFIDENCE_THRESHOLD: '0.8', HITL_ESCALATE_THRESHOLD: '0.8' })).toEqual([]);
  });

  test.each([
    ['PORT', '0', []],
    ['PORT', '65535', []],
    ['PORT', '65536', ['PORT']],
    ['PORT', '80.5', ['PORT']],
    ['PORT', '-1', ['PORT']],
    ['WORKER_CONCURRENCY', '500', []],
    ['WORKER_CONCURRENCY', '501', ['WORKER_CONCURRENCY']],
    ['REDIS_PREFIX', 'a:b', ['REDIS_PREFIX']],
    ['JWT_SECRET', 'x'.repeat(32), []],
    ['WALLET_ENCRYPTION_KEY', 'aB'.repeat(32), []],
    ['HITL_CONFIDENCE_THRESHOLD', '1', []],
    ['NODE_ENV', 'staging', ['NODE_ENV']],
  ])('%s=%s has the problems %j', (name, value, problems) => {
    expect(problemsOf({ [name]: value })).toEqual(problems);
  });

  test('an empty value counts as not given, and lists are read with their blanks', () => {
    expect(readConfig({ DATABASE_URL: '', PORT: '' }).database.url).toBeNull();
    const config = readConfig({
      CORS_ORIGINS: ' https://a.example , http://b.example,',
      NEWS_FEEDS: 'https://f.example/rss ,',
    });
    expect(config.http.corsOrigins).toEqual(['https://a.example', 'http://b.example']);
    expect(config.outside.newsFeeds).toEqual(['https://f.example/rss']);
  });
});
