import { describe, expect, test } from 'vitest';
import { createLanguageModel } from '../../../swarm/models/create-language-model.ts';
import { costMicroUsd, DEFAULT_MODELS, PRICES } from '../../../swarm/models/prices.ts';

const key = { apiKey: 'k' };

describe('choice of the model', () => {
  test('without a key it is the offline model, and says why', () => {
    const model = createLanguageModel({ anthropic: null, google: null, offlineSeed: 's' });
    expect(model.description).toBe('offline model (no ANTHROPIC_API_KEY or GOOGLE_API_KEY set)');
    expect(model.modelFor('STRONG')).toBe('offline');
  });

  test('with both keys Claude judges and Gemini writes', () => {
    const model = createLanguageModel({ anthropic: key, google: key, offlineSeed: 's' });
    expect(model.modelFor('STRONG')).toBe(DEFAULT_MODELS.anthropic.STRONG);
    expect(model.modelFor('FAST')).toBe(DEFAULT_MODELS.google.FAST);
    expect(model.description).toBe('Claude claude-sonnet-5-5 and Gemini gemini-3.8-flash');
  });

  test('with one key its vendor serves both tiers', () => {
    expect(createLanguageModel({ anthropic: key, google: null, offlineSeed: 's' }).description).toBe(
      'Claude claude-sonnet-5-5 and claude-haiku-5-5',
    );
    expect(createLanguageModel({ anthropic: null, google: key, offlineSeed: 's' }).description).toBe(
      'Gemini gemini-3.8-flash',
    );
  });

  test('a configured model goes to the vendor whose name it bears', () => {
    const model = createLanguageModel({
      anthropic: key,
      google: key,
      models: { FAST: 'claude-haiku-5-5' },
      offlineSeed: 's',
    });
    expect(model.description).toBe('Claude claude-sonnet-5-5 and Claude claude-haiku-5-5');
  });
});

describe('prices', () => {
  test('every default model has one', () => {
    for (const model of Object.values(DEFAULT_MODELS).flatMap((tiers) => Object.values(tiers)))
      expect(PRICES[model]).toBeDefined();
  });

  test('are in micro-USD, rounded up', () => {
    expect(costMicroUsd('claude-sonnet-5-5', { inputTokens: 1_000_000, outputTokens: 0 })).toBe(2_000_000);
    expect(costMicroUsd('claude-sonnet-5-5', { inputTokens: 0, outputTokens: 1 })).toBe(10);
    expect(costMicroUsd('claude-haiku-5-5', { inputTokens: 1, outputTokens: 0 })).toBe(1);
  });

  test('know long prompts and the day of the call', () => {
    expect(costMicroUsd('claude-haiku-5-5', { inputTokens: 200_000, outputTokens: 0 })).toBe(100_000);
    const usage = { inputTokens: 1_000_000, outputTokens: 0 };
    expect(costMicroUsd('gemini-3.8-flash', usage, new Date('2026-12-31T23:00:00Z'))).toBe(750_000);
    expect(costMicroUsd('gemini-3.8-flash', usage, new Date('2027-01-01T00:00:00Z'))).toBe(1_500_000);
  });

  test('a model without a listed price is charged like the dearest', () => {
    expect(costMicroUsd('claude-unheard-of', { inputTokens: 1_000_000, outputTokens: 0 })).toBe(10_000_000);
  });
});
