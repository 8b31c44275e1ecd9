import { ZodError } from 'zod';
import { BudgetExceededError } from '../../domain/errors.ts';
import type { Fault } from '../../domain/fault/fault.ts';
import { McpToolError } from '../../mcp/host/mcp-tool-error.ts';
import { storableText } from '../../platform/storable.ts';
import { LanguageModelError } from '../models/language-model.ts';
import type { FaultName } from './error-table.ts';
import { ERROR_TABLE } from './error-table.ts';

/** Why we broke an attempt off: the `reason` of its signal. */
export class AttemptAborted extends Error {
  override readonly name = 'AttemptAborted';
  readonly fault: 'WORKER_TIMEOUT' | 'STOPPING';
  constructor(fault: 'WORKER_TIMEOUT' | 'STOPPING', message: string) {
    super(message);
    this.fault = fault;
  }
}

/** A row of the error table with what was said. */
export const faultNamed = (name: FaultName, message: string, retryAfterMs?: number): Fault => ({
  name,
  code: ERROR_TABLE[name].code,
  action: ERROR_TABLE[name].action,
  message: storableText(message),
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

/** SQLSTATE classes of a server or connection that is away (08, 57), out of resources (53) or that gave up (40), and Node's codes of a lost connection. */
const DATABASE_AWAY = /^(08|57|53|40)[0-9A-Z]{3}$|^E(CONNREFUSED|CONNRESET|PIPE|TIMEDOUT)$/;

/** Classifies whatever was thrown. An unknown error is tried again: it may be ours. */
export function faultOf(error: unknown): Fault {
  if (error instanceof LanguageModelError)
    return faultNamed(error.kind, `${error.kind}: ${error.message}`, error.retryAfterMs);
  if (error instanceof McpToolError)
    return faultNamed(error.code, `${error.code}: ${error.message}`, error.retryAfterMs);
  if (error instanceof AttemptAborted) return faultNamed(error.fault, error.message);
  if (error instanceof BudgetExceededError) return faultNamed('BUDGET_EXCEEDED', error.message);
  if (error instanceof ZodError)
    return faultNamed(
      'VALIDATION',
      error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
    );
  const message = error instanceof Error ? error.message : String(error);
  const { retryable, code } = error as { retryable?: unknown; code?: unknown };
  if (retryable === true) return faultNamed('UNAVAILABLE', message);
  if (retryable === false) return faultNamed('VALIDATION', message);
  return faultNamed(
    typeof code === 'string' && DATABASE_AWAY.test(code) ? 'DATABASE_UNAVAILABLE' : 'INTERNAL',
    message,
  );
}

/** The same call may simply be made again later: nobody else has to do anything first. */
export const passesByItself = (fault: Fault): boolean =>
  fault.action === 'RETRY' || fault.action === 'RETRY_THEN_PERSON' || fault.action === 'LATER';
