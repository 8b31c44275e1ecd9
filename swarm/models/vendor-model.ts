import type { ZodType } from 'zod';
import { parseAnswer, toAnswerSchema } from './answer-schema.ts';
import { estimateTokens, maxTokens } from './count-tokens.ts';
import { startDeadline } from './deadline.ts';
import type {
  GenerateOptions,
  Generation,
  LanguageModel,
  LanguageModelErrorKind,
  ModelTier,
  Prompt,
  TokenUsage,
  Vendor,
} from './language-model.ts';
import { LanguageModelError } from './language-model.ts';
import { costMicroUsd } from './prices.ts';

const DEFAULT_TIMEOUT_MS = 60_000;
/** Both vendors count thinking into the limit of the output; without room for it an answer is cut off. */
const THINKING_TOKENS = 4_000;
/** Characters of an error that are shown to the model; bounds the second call's price. */
const MAX_PROBLEM_CHARACTERS = 2_000;
const ENVELOPE_TOKENS = 200;

export interface Turn {
  role: 'user' | 'assistant';
  text: string;
}

export interface VendorRequest {
  model: string;
  system: string;
  turns: readonly Turn[];
  schema: ZodType;
  maxOutputTokens: number;
  signal: AbortSignal;
}

/** `stopped` says why there is no usable answer although the call went well. */
export interface VendorAnswer {
  text: string;
  usage: TokenUsage;
  stopped: null | { kind: 'REFUSED' | 'TRUNCATED'; message: string };
}

/** What failed, in our words; `null` is an error that is nobody's fault but ours. */
export interface VendorFailure {
  kind: LanguageModelErrorKind;
  message: string;
  retryAfterMs?: number;
}

/** What a vendor's folder implements: one HTTP call without retries, and what its errors mean. */
export interface VendorClient {
  vendor: Exclude<Vendor, 'offline'>;
  /** As it is printed: "Claude", "Gemini". */
  label: string;
  call(request: VendorRequest): Promise<VendorAnswer>;
  toFailure(error: unknown): VendorFailure | null;
}

/** A language model of one vendor: everything that is the same for all vendors. */
export function createVendorModel(client: VendorClient, models: Record<ModelTier, string>): LanguageModel {
  const names = [...new Set([models.STRONG, models.FAST])].join(' and ');
  return {
    vendor: client.vendor,
    description: `${client.label} ${names}`,
    modelFor: (tier) => models[tier],
    estimateMicroUsd: (prompt, input) => estimate(prompt, input, models[prompt.tier]),
    generate: (prompt, input, options) => generate(client, models[prompt.tier], prompt, input, options ?? {}),
  };
}

function estimate<I, O>(prompt: Prompt<I, O>, input: I, model: string): number {
  const { system, user } = prompt.render(input);
  const answerTokens = prompt.maxOutputTokens + THINKING_TOKENS;
  const first = maxTokens(system + user + JSON.stringify(toAnswerSchema(prompt.output))) + ENVELOPE_TOKENS;
  const second = first + answerTokens + MAX_PROBLEM_CHARACTERS;
  return [first, second].reduce(
    (sum, inputTokens) => sum + costMicroUsd(model, { inputTokens, outputTokens: answerTokens }),
    0,
  );
}

async function generate<I, O>(
  client: VendorClient,
  model: string,
  prompt: Prompt<I, O>,
  rawInput: I,
  options: GenerateOptions,
): Promise<Generation<O>> {
  const { system, user } = prompt.render(prompt.input.parse(rawInput));
  const startedAt = performance.now();
  const spent = { usage: { inputTokens: 0, outputTokens: 0 }, costMicroUsd: 0 };
  const charge = (usage: TokenUsage) => {
    spent.usage.inputTokens += usage.inputTokens;
    spent.usage.outputTokens += usage.outputTokens;
    spent.costMicroUsd += costMicroUsd(model, usage);
  };
  using deadline = startDeadline(options.timeoutMs ?? DEFAULT_TIMEOUT_MS, options.signal);
  const turns: Turn[] = [{ role: 'user', text: user }];

  for (let attempt = 1; ; attempt++) {
    if (deadline.signal.aborted) throw interrupted(deadline.expired(), spent);
    let answer: VendorAnswer;
    try {
      const maxOutputTokens = prompt.maxOutputTokens + THINKING_TOKENS;
      answer = await client.call({
        model,
        system,
        turns,
        schema: prompt.output,
        maxOutputTokens,
        signal: deadline.signal,
      });
    } catch (error) {
      if (deadline.signal.aborted) {
        // Nobody told us what the vendor had done by then; at least it had read the prompt.
        charge({ inputTokens: estimateTokens(system + turns.map((turn) => turn.text).join('')), outputTokens: 0 });
        throw interrupted(deadline.expired(), spent, error);
      }
      const failure = client.toFailure(error);
      if (!failure) throw error;
      throw new LanguageModelError(failure.kind, `${client.label} ${model}: ${failure.message}`, {
        ...spent,
        retryAfterMs: failure.retryAfterMs,
        cause: error,
      });
    }
    charge(answer.usage);
    if (answer.stopped) {
      throw new LanguageModelError(answer.stopped.kind, `${client.label} ${model}: ${answer.stopped.message}`, spent);
    }
    const parsed = parseAnswer(answer.text, prompt.output);
    if (parsed.ok) {
      const durationMs = Math.round(performance.now() - startedAt);
      return { output: parsed.output, vendor: client.vendor, model, ...spent, durationMs };
    }
    if (attempt === 2) {
      throw new LanguageModelError(
        'MALFORMED_OUTPUT',
        `${client.label} ${model}, ${prompt.name}: ${parsed.problem}`,
        spent,
      );
    }
    turns.push(
      { role: 'assistant', text: answer.text || '(empty)' },
      { role: 'user', text: askForCorrection(parsed.problem) },
    );
  }
}

function askForCorrection(problem: string): string {
  return `Your answer does not fit the schema.\n${problem.slice(0, MAX_PROBLEM_CHARACTERS)}\nAnswer again with the corrected JSON object only.`;
}

function interrupted(
  expired: boolean,
  spent: { usage: TokenUsage; costMicroUsd: number },
  cause?: unknown,
): LanguageModelError {
  return expired
    ? new LanguageModelError('TIMEOUT', 'no answer within the time limit', { ...spent, cause })
    : new LanguageModelError('ABORTED', 'aborted by the caller', { ...spent, cause });
}
