import type { LanguageModelErrorKind } from './language-model.ts';

/** What an HTTP status of a model API means; both vendors agree on these. */
export function mapHttpStatus(status: number): LanguageModelErrorKind {
  if (status === 429) return 'RATE_LIMITED';
  if (status === 401 || status === 403) return 'AUTHENTICATION';
  if (status === 408 || status === 504) return 'TIMEOUT';
  if (status >= 500) return 'OVERLOADED';
  return 'INVALID_REQUEST';
}
