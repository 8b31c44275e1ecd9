import type { ErrorCode } from '../../domain/errors.ts';
import { McpToolError } from '../../mcp/host/mcp-tool-error.ts';

/** What follows from a failed outside call. LOOK_UP: nobody knows whether it happened, so it is never blindly repeated. */
export type EffectAction =
  | { kind: 'RETRY'; delayMs: number; code: string }
  | { kind: 'LOOK_UP'; code: string }
  /** The platform refuses the agent: it waits for a person, and so does the effect. */
  | { kind: 'HOLD'; code: string }
  | { kind: 'FAIL'; code: ErrorCode; rule: string };

const RETRY_BASE_MS = 5_000;
const RETRY_MAX_MS = 600_000;

/** Exponential with jitter: (0.5..1] × min(5 s × 2^(attempt−1), 10 min). */
const backoffMs = (attempt: number): number =>
  Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** Math.min(attempt - 1, 10)) * (1 - Math.random() / 2);

/**
 * The error contract of requirement 8.5 for effects, one exhaustive mapping.
 * RATE_LIMIT → later, at the platform's reset time · AUTH_FAILED → the agent stops with an alert, the effect waits for it ·
 * DUPLICATE_CONTENT → looked up: either our own earlier success, or skipped · refused input → fail, the Planner replaces it ·
 * unavailable or time-out → retried only when it is certain that nothing happened.
 */
export function effectAction(error: unknown, attempt: number): EffectAction {
  if (!(error instanceof McpToolError)) return { kind: 'LOOK_UP', code: 'UNKNOWN' };
  const delayMs = Math.max(error.retryAfterMs ?? 0, backoffMs(attempt));
  switch (error.code) {
    case 'RATE_LIMIT':
      return error.outcome === 'NOT_APPLIED'
        ? { kind: 'RETRY', delayMs, code: error.code }
        : { kind: 'LOOK_UP', code: error.code };
    case 'AUTH_FAILED':
      return { kind: error.outcome === 'NOT_APPLIED' ? 'HOLD' : 'LOOK_UP', code: error.code };
    case 'DUPLICATE_CONTENT':
      return { kind: 'LOOK_UP', code: error.code };
    case 'INVALID_PROMPT':
    case 'INVALID_INPUT':
    case 'NOT_FOUND':
    case 'NOT_ALLOWED':
    case 'QUARANTINED':
      return { kind: 'FAIL', code: 'VALIDATION', rule: error.code };
    case 'NSFW_DETECTED':
      return { kind: 'FAIL', code: 'CONTENT_SAFETY', rule: error.code };
    case 'UNAVAILABLE':
    case 'TIMEOUT':
    case 'ABORTED':
    case 'INVALID_OUTPUT':
    case 'UNKNOWN':
      return error.outcome === 'NOT_APPLIED'
        ? { kind: 'RETRY', delayMs, code: error.code }
        : { kind: 'LOOK_UP', code: error.code };
  }
}
