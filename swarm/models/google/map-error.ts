import { ApiError } from '@google/genai';
import { z } from 'zod';
import { mapHttpStatus } from '../map-http-status.ts';
import type { VendorFailure } from '../vendor-model.ts';

const errorBody = z.object({
  error: z.object({
    message: z.string().optional(),
    details: z.array(z.looseObject({ retryDelay: z.string().optional() })).optional(),
  }),
});

/** The SDK's errors in our words. It drops the headers, so the wait comes from the body's RetryInfo ("retryDelay": "7s"). */
export function mapGoogleError(error: unknown): VendorFailure | null {
  if (error instanceof ApiError) {
    const body = parseBody(error.message);
    const delay = body?.details?.map((detail) => detail.retryDelay).find((value) => value !== undefined);
    const seconds = Number.parseFloat(delay ?? '');
    return {
      kind: /api key/i.test(body?.message ?? '') ? 'AUTHENTICATION' : mapHttpStatus(error.status),
      message: `HTTP ${error.status} ${body?.message ?? ''}`.trim(),
      retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined,
    };
  }
  // fetch reports every failure of the connection as a TypeError; a body cut short is a SyntaxError.
  if (error instanceof TypeError || error instanceof SyntaxError) {
    return { kind: 'NETWORK', message: error.cause instanceof Error ? error.cause.message : error.message };
  }
  if (error instanceof Error && /fetch failed|sending request/i.test(error.message)) {
    return { kind: 'NETWORK', message: error.message };
  }
  return null;
}

function parseBody(text: string): z.infer<typeof errorBody>['error'] | null {
  try {
    return errorBody.parse(JSON.parse(text)).error;
  } catch {
    return null;
  }
}
