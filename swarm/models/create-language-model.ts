import type { VendorCredentials } from './anthropic/anthropic-client.ts';
import { createAnthropicClient } from './anthropic/anthropic-client.ts';
import { createGoogleClient } from './google/google-client.ts';
import type { LanguageModel, ModelTier } from './language-model.ts';
import { createOfflineModel } from './offline/offline-model.ts';
import { DEFAULT_MODELS } from './prices.ts';
import { createVendorModel } from './vendor-model.ts';

export interface LanguageModelConfiguration {
  anthropic: VendorCredentials | null;
  google: VendorCredentials | null;
  /** Overrides the default model of a tier. */
  models?: Partial<Record<ModelTier, string>>;
  offlineSeed: string;
}

/**
 * The model the swarm works with. With both keys Claude serves STRONG and Gemini serves FAST: who judges is then not
 * of the same family as who wrote (a model favours its own writing), and planning and judging do not compete with
 * writing for one vendor's rate limit. With one key that vendor serves both; without any, the offline model.
 */
export function createLanguageModel(configuration: LanguageModelConfiguration): LanguageModel {
  const { anthropic, google, models = {} } = configuration;
  const claude =
    anthropic && createVendorModel(createAnthropicClient(anthropic), { ...DEFAULT_MODELS.anthropic, ...models });
  const gemini = google && createVendorModel(createGoogleClient(google), { ...DEFAULT_MODELS.google, ...models });
  if (claude && gemini) {
    const serves = (tier: ModelTier, usual: LanguageModel) => ownerOf(models[tier], { claude, gemini }) ?? usual;
    return combineTiers({ STRONG: serves('STRONG', claude), FAST: serves('FAST', gemini) });
  }
  return claude ?? gemini ?? createOfflineModel(configuration.offlineSeed);
}

/** A configured model goes to the vendor whose name it bears. */
function ownerOf(model: string | undefined, vendors: Record<'claude' | 'gemini', LanguageModel>): LanguageModel | null {
  if (model?.startsWith('claude')) return vendors.claude;
  return model?.startsWith('gemini') ? vendors.gemini : null;
}

function combineTiers(models: Record<ModelTier, LanguageModel>): LanguageModel {
  const describe = (tier: ModelTier) => `${models[tier].description.split(' ')[0]} ${models[tier].modelFor(tier)}`;
  return {
    vendor: `${models.STRONG.vendor}+${models.FAST.vendor}`,
    description: `${describe('STRONG')} and ${describe('FAST')}`,
    modelFor: (tier) => models[tier].modelFor(tier),
    estimateMicroUsd: (prompt, input) => models[prompt.tier].estimateMicroUsd(prompt, input),
    generate: (prompt, input, options) => models[prompt.tier].generate(prompt, input, options),
  };
}
