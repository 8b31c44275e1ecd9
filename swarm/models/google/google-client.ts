import { GoogleGenAI } from '@google/genai';
import { toAnswerSchema } from '../answer-schema.ts';
import type { VendorCredentials } from '../anthropic/anthropic-client.ts';
import type { VendorClient, VendorRequest } from '../vendor-model.ts';
import { mapGoogleError } from './map-error.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

/** Gemini over the Developer API. The SDK retries only where it is asked to, and it is not. */
export function createGoogleClient(credentials: VendorCredentials): VendorClient {
  const client = new GoogleGenAI({
    apiKey: credentials.apiKey,
    vertexai: false,
    httpOptions: { baseUrl: credentials.baseUrl ?? 'https://generativelanguage.googleapis.com' },
  });
  return {
    vendor: 'google',
    label: 'Gemini',
    toFailure: mapGoogleError,
    call: async ({ model, system, turns, schema, maxOutputTokens, signal }: VendorRequest) => {
      const response = await client.models.generateContent({
        model,
        contents: turns.map((turn) => ({
          role: turn.role === 'user' ? 'user' : 'model',
          parts: [{ text: turn.text }],
        })),
        config: {
          systemInstruction: system,
          maxOutputTokens,
          responseMimeType: 'application/json',
          responseJsonSchema: toAnswerSchema(schema),
          abortSignal: signal,
        },
      });
      const parts = response.candidates?.[0]?.content?.parts ?? [];
      const text = parts.map((part) => (part.thought ? '' : (part.text ?? ''))).join('');
      return { text, usage: mapUsage(response.usageMetadata), stopped: mapFinishReason(response) };
    },
  };
}
