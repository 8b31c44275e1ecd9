import Anthropic from '@anthropic-ai/sdk';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import type { VendorClient, VendorRequest } from '../vendor-model.ts';
import { mapAnthropicError } from './map-error.ts';
import { mapStopReason } from './map-stop-reason.ts';
import { mapUsage } from './map-usage.ts';

export interface VendorCredentials {
  apiKey: string;
  baseUrl?: string;
}

/** Claude over the Messages API. Opens no connection before the first call. */
export function createAnthropicClient(credentials: VendorCredentials): VendorClient {
  const client = new Anthropic({
    apiKey: credentials.apiKey,
    // Undefined would let the SDK read an environment variable.
    baseURL: credentials.baseUrl ?? 'https://api.anthropic.com',
    maxRetries: 0,
  });
  return {
    vendor: 'anthropic',
    label: 'Claude',
    toFailure: mapAnthropicError,
    call: async ({ model, system, turns, schema, maxOutputTokens, signal }: VendorRequest) => {
      const { type, schema: jsonSchema } = zodOutputFormat(schema);
      const message = await client.messages.create(
        {
          model,
          system,
          max_tokens: maxOutputTokens,
          messages: turns.map((turn) => ({ role: turn.role, content: turn.text })),
          output_config: { format: { type, schema: jsonSchema } },
        },
        { signal },
      );
      // A proxy's page comes back as a string with status 200.
      if (!Array.isArray(message.content)) throw new SyntaxError('the answer is not a message');
      const text = message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
      return { text, usage: mapUsage(message.usage), stopped: mapStopReason(message.stop_reason) };
    },
  };
}
