import { createLanguageModel } from '../../swarm/models/create-language-model.ts';
import type { GenerateOptions, LanguageModel, Prompt, PromptName } from '../../swarm/models/language-model.ts';

/** Changes the offline model's answer of one prompt: gets that answer, the input, and how often the prompt was asked before. Throws what a vendor would. */
export type Script = (answer: unknown, input: unknown, call: number) => unknown;

export interface ScriptedModel extends LanguageModel {
  /** How often each prompt was asked. */
  calls: Partial<Record<PromptName, number>>;
  /** May be changed while the swarm runs. */
  scripts: Partial<Record<PromptName, Script>>;
}

/** The offline model, with the answers of some prompts changed. `costMicroUsd` is the price of every call, and the estimate. */
export function createScriptedModel(
  scripts: Partial<Record<PromptName, Script>> = {},
  costMicroUsd = 0,
): ScriptedModel {
  const offline = createLanguageModel({ anthropic: null, google: null, offlineSeed: 'scripted' });
  const model: ScriptedModel = {
    ...offline,
    calls: {},
    scripts,
    estimateMicroUsd: () => costMicroUsd,
    async generate<I, O>(prompt: Prompt<I, O>, input: I, options?: GenerateOptions) {
      const call = model.calls[prompt.name] ?? 0;
      model.calls[prompt.name] = call + 1;
      const generation = await offline.generate(prompt, input, options);
      const script = model.scripts[prompt.name];
      const output = script ? prompt.output.parse(await script(generation.output, input, call)) : generation.output;
      return { ...generation, output, costMicroUsd };
    },
  };
  return model;
}

const withProbability =
  (probability: number): Script =>
  (answer) => ({ ...(answer as object), probability });

const FLAWLESS: Script = (answer) => ({
  ...(answer as object),
  personaConsistency: 1,
  contentSafety: 1,
  brandAlignment: 1,
  technicalQuality: 1,
  flags: [],
});

/** Every draft and reply is what the model is sure of and finds flawless: above the approve threshold, 0.97 or so. */
export const SURE: Partial<Record<PromptName, Script>> = {
  WRITE_POST: withProbability(1),
  WRITE_REPLY: withProbability(1),
  DESCRIBE_IMAGE: withProbability(1),
  ANALYZE_TREND: withProbability(1),
  ASSESS: FLAWLESS,
};

/** Drafts the model is not sure of: between the thresholds, 0.85 or so. */
export const UNSURE: Partial<Record<PromptName, Script>> = { ...SURE, WRITE_POST: withProbability(0.7) };
