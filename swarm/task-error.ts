import { ZodError } from 'zod';
import type { FailedAttempt } from '../domain/task/fail-attempt.ts';
import { McpToolError } from '../mcp/host/mcp-tool-error.ts';
import { LanguageModelError } from './models/language-model.ts';

export type TaskError = FailedAttempt['error'];

const isRetryable = (error: unknown): boolean => (error as { retryable?: boolean }).retryable === true;

function ofModel(error: LanguageModelError): TaskError {
  const common = {
    message: `${error.kind}: ${error.message}`,
    retryable: error.retryable,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  };
  switch (error.kind) {
    case 'RATE_LIMITED':
    case 'OVERLOADED':
      return { ...common, code: 'RATE_LIMITED' };
    case 'TIMEOUT':
    case 'ABORTED':
      return { ...common, code: 'WORKER_TIMEOUT', retryable: true };
    case 'REFUSED':
      return { ...common, code: 'CONTENT_SAFETY' };
    case 'NETWORK':
    case 'AUTHENTICATION':
      return { ...common, code: 'MCP_UNAVAILABLE' };
    case 'MALFORMED_OUTPUT':
    case 'TRUNCATED':
    case 'INVALID_REQUEST':
      return { ...common, code: 'VALIDATION' };
  }
}

function ofTool(error: McpToolError): TaskError {
  const common = {
    message: `${error.code}: ${error.message}`,
    retryable: error.retryable,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  };
  switch (error.code) {
    case 'RATE_LIMIT':
      return { ...common, code: 'RATE_LIMITED' };
    case 'NSFW_DETECTED':
      return { ...common, code: 'CONTENT_SAFETY' };
    case 'INVALID_PROMPT':
    case 'INVALID_INPUT':
    case 'INVALID_OUTPUT':
    case 'DUPLICATE_CONTENT':
    case 'NOT_FOUND':
      return { ...common, code: 'VALIDATION' };
    case 'TIMEOUT':
      return { ...common, code: 'WORKER_TIMEOUT' };
    case 'ABORTED': // by us: the Worker is stopping, or took too long
      return { ...common, code: 'WORKER_TIMEOUT', retryable: true };
    case 'AUTH_FAILED':
    case 'UNAVAILABLE':
    case 'NOT_ALLOWED':
    case 'QUARANTINED':
    case 'UNKNOWN':
      return { ...common, code: 'MCP_UNAVAILABLE' };
  }
}

/** The one mapping from whatever an attempt threw to what becomes of its task. An unknown fault is retried: it may be ours. */
export function toTaskError(error: unknown): TaskError {
  if (error instanceof LanguageModelError) return ofModel(error);
  if (error instanceof McpToolError) return ofTool(error);
  if (error instanceof ZodError)
    return {
      code: 'VALIDATION',
      message: error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
      retryable: false,
    };
  const message = error instanceof Error ? error.message : String(error);
  const known = error instanceof Error && 'retryable' in error;
  return {
    code: known && !isRetryable(error) ? 'VALIDATION' : 'DATABASE_UNAVAILABLE',
    message,
    retryable: !known || isRetryable(error),
  };
}
