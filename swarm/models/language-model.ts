import type { ZodType } from 'zod';
import { storableText } from '../../platform/storable.ts';

/** FAST: routine writing and analysis. STRONG: planning and judging. Which model serves a tier is configuration. */
export type ModelTier = 'FAST' | 'STRONG';

export type PromptName = 'PLAN' | 'ANALYZE_TREND' | 'WRITE_POST' | 'WRITE_REPLY' | 'DESCRIBE_IMAGE' | 'ASSESS';

/**
 * One question to a model. `render` is pure: the same input gives the same text. `version` changes whenever the
 * rendered text does, so that stored results say which wording produced them.
 */
export interface Prompt<I, O> {
  readonly name: PromptName;
  readonly version: string;
  readonly tier: ModelTier;
  readonly input: ZodType<I>;
  readonly output: ZodType<O>;
  /** Tokens of the answer alone; what a model spends on thinking comes on top. */
  readonly maxOutputTokens: number;
  render(input: I): { system: string; user: string };
}

/** Keeps the types of input and output tied to their schemas. */
export function definePrompt<I, O>(prompt: Prompt<I, O>): Prompt<I, O> {
  return prompt;
}

export interface GenerateOptions {
  signal?: AbortSignal;
  /** For the whole of `generate`, both calls; 60 000 where absent. */
  timeoutMs?: number;
  /** Stable id of the work, e.g. task id + attempt: the offline model's output is a function of (seed, input). */
  seed?: string;
}

export interface TokenUsage {
  inputTokens: number;
  /** Thinking included: it is billed as output. */
  outputTokens: number;
}

export type Vendor = 'anthropic' | 'google' | 'offline';

export interface Generation<O> {
  output: O;
  vendor: Vendor;
  model: string;
  /** Of all calls made for this answer. */
  usage: TokenUsage;
  costMicroUsd: number;
  durationMs: number;
}

export interface LanguageModel {
  readonly vendor: string;
  /** What the terminal prints about it. */
  readonly description: string;
  modelFor(tier: ModelTier): string;
  /** Upper bound in micro-USD of what `generate` can cost with this input, the second call included. */
  estimateMicroUsd<I, O>(prompt: Prompt<I, O>, input: I): number;
  /**
   * Parses the input, asks, parses the answer. An answer that does not fit the schema is shown to the model with the
   * error exactly once; then MALFORMED_OUTPUT. Nothing else is retried here: the queue retries.
   * Throws LanguageModelError for whatever the model or the way to it does; a ZodError for an input that does not fit.
   * Running it twice costs twice and has no other effect.
   */
  generate<I, O>(prompt: Prompt<I, O>, input: I, options?: GenerateOptions): Promise<Generation<O>>;
}

export type LanguageModelErrorKind =
  | 'RATE_LIMITED'
  | 'OVERLOADED'
  | 'TIMEOUT'
  | 'ABORTED'
  | 'NETWORK'
  | 'MALFORMED_OUTPUT'
  | 'REFUSED'
  | 'TRUNCATED'
  | 'AUTHENTICATION'
  | 'INVALID_REQUEST';

const RETRYABLE_KINDS: ReadonlySet<LanguageModelErrorKind> = new Set([
  'RATE_LIMITED',
  'OVERLOADED',
  'TIMEOUT',
  'NETWORK',
]);

export interface LanguageModelErrorDetails {
  retryAfterMs?: number;
  costMicroUsd?: number;
  usage?: TokenUsage;
  cause?: unknown;
}

/** `costMicroUsd` and `usage` are what the failed attempt has cost all the same: they are settled, not released. */
export class LanguageModelError extends Error {
  override readonly name = 'LanguageModelError';
  readonly kind: LanguageModelErrorKind;
  readonly retryable: boolean;
  /** How long the vendor asked to wait, where it said so. */
  readonly retryAfterMs: number | undefined;
  readonly costMicroUsd: number;
  readonly usage: TokenUsage;

  constructor(kind: LanguageModelErrorKind, message: string, details: LanguageModelErrorDetails = {}) {
    super(storableText(message), { cause: details.cause });
    this.kind = kind;
    this.retryable = RETRYABLE_KINDS.has(kind);
    this.retryAfterMs = details.retryAfterMs;
    this.costMicroUsd = details.costMicroUsd ?? 0;
    this.usage = details.usage ?? { inputTokens: 0, outputTokens: 0 };
  }
}
