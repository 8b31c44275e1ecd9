import type { ModelTier, TokenUsage } from './language-model.ts';

/**
 * Which model serves a tier when the configuration names none. Sonnet plans and judges: a judgement is made for every
 * result, so it has to be quick. Gemini Flash serves both tiers where Google's key is the only one: its Pro models are
 * previews, which Google withdraws at short notice.
 */
export const DEFAULT_MODELS = {
  anthropic: { FAST: 'claude-haiku-5-5', STRONG: 'claude-sonnet-5-5' },
  google: { FAST: 'gemini-3.8-flash', STRONG: 'gemini-3.8-flash' },
} as const satisfies Record<string, Record<ModelTier, string>>;

interface Rate {
  /** micro-USD per million tokens, that is USD per million times 1 000 000. */
  input: number;
  /** Thinking tokens are billed at this rate too. */
  output: number;
}

interface Price extends Rate {
  /** Valid from this day on (UTC); a model's prices are listed oldest first. */
  from: string;
  /** For the whole call when its prompt is longer than this. */
  longPrompt?: Rate & { aboveTokens: number };
}

const usd = (amount: number): number => amount * 1_000_000;

/**
 * List prices as of 2026-11-20. Sources: platform.claude.com/docs/en/models/<model>/overview, and
 * ai.google.dev/gemini-api/docs/pricing (its half price for 3.8 Flash ends with the year).
 */
export const PRICES: Readonly<Record<string, readonly Price[]>> = {
  'claude-haiku-5-5': [
    {
      from: '2026-10-07',
      input: usd(0.1),
      output: usd(0.5),
      longPrompt: { aboveTokens: 100_000, input: usd(0.5), output: usd(2.5) },
    },
  ],
  'claude-haiku-4-5': [{ from: '2025-10-15', input: usd(1), output: usd(5) }],
  'claude-sonnet-5-5': [{ from: '2026-09-01', input: usd(2), output: usd(10) }],
  'claude-opus-5-5': [{ from: '2026-09-01', input: usd(4), output: usd(20) }],
  'claude-fable-5-1': [{ from: '2026-09-01', input: usd(10), output: usd(50) }],
  'gemini-3.8-flash': [
    { from: '2026-09-02', input: usd(0.75), output: usd(3.75) },
    { from: '2027-01-01', input: usd(1.5), output: usd(7.5) },
  ],
  'gemini-3.5-flash-lite': [{ from: '2026-01-01', input: usd(0.3), output: usd(2.5) }],
  'gemini-3.1-pro-preview': [
    {
      from: '2026-01-01',
      input: usd(2),
      output: usd(12),
      longPrompt: { aboveTokens: 200_000, input: usd(4), output: usd(18) },
    },
  ],
};

/** A configured model that is not listed is charged like the dearest of all: a budget must not be passed unseen. */
const UNLISTED: Rate = { input: usd(10), output: usd(50) };

/** What one call costs, rounded up to whole micro-USD. */
export function costMicroUsd(model: string, usage: TokenUsage, at: Date = new Date()): number {
  const rate = rateOf(model, usage.inputTokens, at);
  return Math.ceil((usage.inputTokens * rate.input + usage.outputTokens * rate.output) / 1_000_000);
}

function rateOf(model: string, promptTokens: number, at: Date): Rate {
  const prices = PRICES[model];
  if (!prices) return UNLISTED;
  const price = prices.findLast((candidate) => Date.parse(candidate.from) <= at.getTime()) ?? prices[0];
  if (!price) return UNLISTED;
  return price.longPrompt && promptTokens > price.longPrompt.aboveTokens ? price.longPrompt : price;
}
