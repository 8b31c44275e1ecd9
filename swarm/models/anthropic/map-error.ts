import Anthropic from '@anthropic-ai/sdk';
import { mapHttpStatus } from '../map-http-status.ts';
import { parseRetryAfter } from '../parse-retry-after.ts';
import type { VendorFailure } from '../vendor-model.ts';

/** The SDK's errors in our words; an error that is not the SDK's is a bug of ours: null. */
export function mapAnthropicError(error: unknown): VendorFailure | null {
  if (error instanceof Anthropic.APIConnectionTimeoutError) return { kind: 'TIMEOUT', message: error.message };
  if (error instanceof Anthropic.APIUserAbortError) return { kind: 'ABORTED', message: error.message };
  if (error instanceof Anthropic.APIConnectionError) {
    return { kind: 'NETWORK', message: error.cause instanceof Error ? error.cause.message : error.message };
  }
  if (error instanceof Anthropic.APIError && typeof error.status === 'number') {
    const message = `HTTP ${error.status} ${error.type ?? ''} ${error.apiMessage ?? ''}`.trim();
    return { kind: mapHttpStatus(error.status), message, retryAfterMs: parseRetryAfter(error.headers) };
  }
  // A body that breaks off: a cut connection.
  if (error instanceof SyntaxError || (error instanceof TypeError && error.message === 'terminated')) {
    return { kind: 'NETWORK', message: error.message };
  }
  return null;
}
