/** The codes of the API's contract. E-numbers are those of the specifications. */
export const ERROR_CODES = [
  'VALIDATION',
  'NOT_FOUND',
  'FORBIDDEN',
  'CONFLICT',
  'IDEMPOTENCY',
  'RATE_LIMITED',
  'INVALID_STATE',
  'UNAUTHENTICATED',
  'CURSOR_EXPIRED',
  'LAGGED',
  'BUDGET_EXCEEDED', // E1001
  'MCP_UNAVAILABLE', // E1002
  'PROMPT_INJECTION', // E1003
  'STATE_VERSION_CONFLICT', // E1004
  'INSUFFICIENT_FUNDS', // E1005
  'CONTENT_SAFETY', // E1006
  'WORKER_TIMEOUT', // E2001
  'DATABASE_UNAVAILABLE', // E2002
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** An expected failure: part of the API's types, never masked. `retryable`: the same request may succeed later, unchanged. */
export abstract class DomainError extends Error {
  abstract readonly code: ErrorCode;
  readonly retryable: boolean = false;
}

export interface FieldIssue {
  path: string[];
  message: string;
}

export class ValidationError extends DomainError {
  override readonly name = 'ValidationError';
  readonly code = 'VALIDATION';
  readonly fields: FieldIssue[];
  constructor(fields: FieldIssue[]) {
    super(
      fields
        .map((field) => (field.path.length > 0 ? `${field.path.join('.')}: ${field.message}` : field.message))
        .join('; '),
    );
    this.fields = fields;
  }
}

/** Also for what exists in another tenant: its existence is not revealed. */
export class NotFoundError extends DomainError {
  override readonly name = 'NotFoundError';
  readonly code = 'NOT_FOUND';
  /** The row's id, for logs; the message leaves it out, because a client knows the row by another one. */
  readonly id: string;
  constructor(what: string, id: string) {
    super(`There is no ${what} with this id.`);
    this.id = id;
  }
}

export class ForbiddenError extends DomainError {
  override readonly name = 'ForbiddenError';
  readonly code = 'FORBIDDEN';
  readonly requires: string;
  constructor(requires: string) {
    super(`This needs the permission ${requires}.`);
    this.requires = requires;
  }
}

export class ConflictError extends DomainError {
  override readonly name = 'ConflictError';
  readonly code = 'CONFLICT';
  override readonly retryable = true;
  readonly currentVersion: number;
  constructor(what: string, currentVersion: number) {
    super(`The ${what} changed meanwhile: its version is now ${currentVersion}. Read it again and decide anew.`);
    this.currentVersion = currentVersion;
  }
}

export class InvalidStateError extends DomainError {
  override readonly name = 'InvalidStateError';
  readonly code = 'INVALID_STATE';
  readonly state: string;
  constructor(message: string, state: string) {
    super(message);
    this.state = state;
  }
}

export class BudgetExceededError extends DomainError {
  override readonly name = 'BudgetExceededError';
  readonly code = 'BUDGET_EXCEEDED';
  readonly limitMicroUsd: number;
  readonly spentMicroUsd: number;
  readonly requestedMicroUsd: number;
  /** The agent or campaign whose limit it is. */
  readonly scopeId: string;
  /** The account's UTC day, or TOTAL_DAY. */
  readonly day: string;
  constructor(
    scope: { id: string; day: string; label: string },
    amounts: { limitMicroUsd: number; spentMicroUsd: number; requestedMicroUsd: number },
  ) {
    super(
      `${scope.label} would be exceeded: limit ${usd(amounts.limitMicroUsd)}, spent and reserved ${usd(amounts.spentMicroUsd)}, requested ${usd(amounts.requestedMicroUsd)}.`,
    );
    this.scopeId = scope.id;
    this.day = scope.day;
    this.limitMicroUsd = amounts.limitMicroUsd;
    this.spentMicroUsd = amounts.spentMicroUsd;
    this.requestedMicroUsd = amounts.requestedMicroUsd;
  }
}

/** A subscription cursor that is malformed, of another tenant, or older than the retention. */
export class CursorExpiredError extends DomainError {
  override readonly name = 'CursorExpiredError';
  readonly code = 'CURSOR_EXPIRED';
}

const usd = (microUsd: number): string => `$${(microUsd / 1_000_000).toFixed(6).replace(/(\.\d{2}\d*?)0+$/, '$1')}`;
