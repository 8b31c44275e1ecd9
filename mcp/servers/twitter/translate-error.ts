import { ApiPartialResponseError, ApiRequestError, ApiResponseError } from 'twitter-api-v2';
import { parseRetryAfter } from '../retry-after.ts';
import { ToolFailed } from '../tool-result.ts';

export interface Deadlines {
  caller: AbortSignal;
  timeout: AbortSignal;
}

/** The connection was never made: nothing can have been published. */
const NEVER_CONNECTED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];

/** An answer below 500 is a refusal; a 5xx, a lost connection or silence after sending leaves a write's outcome open. */
export function translateTwitterError(error: unknown, writes: boolean, deadlines: Deadlines): ToolFailed {
  if (error instanceof ToolFailed) return error;
  const open = { outcome: writes ? 'UNKNOWN' : 'NOT_APPLIED' } as const;
  if (error instanceof ApiResponseError) return translateStatus(error, open);
  if (deadlines.caller.aborted) return new ToolFailed('ABORTED', 'aborted by the caller', open);
  if (deadlines.timeout.aborted) return new ToolFailed('TIMEOUT', 'X did not answer in time', open);
  if (error instanceof ApiRequestError) {
    const { code = '', message } = connectionError(error);
    const outcome = NEVER_CONNECTED.includes(code) ? ({ outcome: 'NOT_APPLIED' } as const) : open;
    return new ToolFailed('UNAVAILABLE', message || code, outcome);
  }
  if (error instanceof ApiPartialResponseError) return new ToolFailed('UNAVAILABLE', error.message, open);
  return new ToolFailed('UNKNOWN', error instanceof Error ? error.message : String(error), open);
}

/** twitter-api-v2 1.29 keeps it under another name than its `requestError` reads, which is therefore undefined. */
function connectionError(error: ApiRequestError): NodeJS.ErrnoException {
  const kept: unknown =
    error.requestError ?? (Reflect.get(error, '_options') as { error?: unknown } | undefined)?.error;
  return kept instanceof Error ? kept : error;
}

function translateStatus(error: ApiResponseError, open: { outcome: 'UNKNOWN' | 'NOT_APPLIED' }): ToolFailed {
  const detail = error.data?.detail ?? error.data?.title ?? error.message;
  const { code: status } = error;
  if (status === 429) {
    const retryAfterMs = millisecondsUntilReset(error) ?? parseRetryAfter(error.headers['retry-after']);
    return new ToolFailed('RATE_LIMIT', detail, { retryAfterMs });
  }
  if (status === 403 && /duplicate content/i.test(detail)) return new ToolFailed('DUPLICATE_CONTENT', detail);
  if (status === 403 && /violates?\b.*\b(polic|rules)/i.test(detail)) return new ToolFailed('NSFW_DETECTED', detail);
  if (status === 403 && /malicious activity/i.test(detail)) return new ToolFailed('SECURITY', detail);
  if (status === 401 || status === 403) return new ToolFailed('AUTH_FAILED', detail);
  if (status === 404) return new ToolFailed('NOT_FOUND', detail);
  if (status >= 500) return new ToolFailed('UNAVAILABLE', `HTTP ${status}: ${detail}`, open);
  return new ToolFailed('INVALID_INPUT', detail);
}

/** The latest reset of the limits that are used up; X counts per 15 minutes, and per day for an app and a user. */
function millisecondsUntilReset({ rateLimit }: ApiResponseError): number | undefined {
  if (!rateLimit) return undefined;
  const usedUp = [rateLimit, rateLimit.day, rateLimit.userDay].filter((limit) => limit?.remaining === 0);
  const reset = Math.max(...(usedUp.length > 0 ? usedUp : [rateLimit]).map((limit) => limit?.reset ?? 0));
  return Math.max(0, reset * 1000 - Date.now());
}
