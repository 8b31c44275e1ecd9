import type { ErrorCode } from '../../domain/errors.ts';
import type { FaultAction } from '../../domain/fault/fault.ts';
import type { McpErrorCode } from '../../mcp/protocol.ts';
import type { LanguageModelErrorKind } from '../models/language-model.ts';

export interface ErrorAction {
  /** How the API, the task and its results name it; `number` is the specifications' number of it. */
  code: ErrorCode | 'INTERNAL';
  number?: `E${number}`;
  action: FaultAction;
  means: string;
}

/** Faults that no server and no model reports: the platform finds them itself. */
export type OwnFault =
  | 'BUDGET_EXCEEDED'
  | 'PROMPT_INJECTION'
  | 'STATE_VERSION_CONFLICT'
  | 'INSUFFICIENT_FUNDS'
  | 'WORKER_TIMEOUT'
  | 'STOPPING'
  | 'DATABASE_UNAVAILABLE'
  | 'VALIDATION'
  | 'INTERNAL';

export type FaultName = OwnFault | McpErrorCode | LanguageModelErrorKind;

/**
 * The one mapping from errors to actions: Worker, effect executor, Planner and Judge look a fault up here. Every code of
 * the MCP contract and every kind of a model's failure has its row. `docs/errors.md` shows it; a test holds the two together.
 */
export const ERROR_TABLE = {
  BUDGET_EXCEEDED: {
    code: 'BUDGET_EXCEEDED',
    number: 'E1001',
    action: 'PAUSE_CAMPAIGN',
    means: 'no budget covers the next step',
  },
  UNAVAILABLE: {
    code: 'MCP_UNAVAILABLE',
    number: 'E1002',
    action: 'RETRY_THEN_PERSON',
    means: 'a server is down or answers 5xx',
  },
  TIMEOUT: {
    code: 'MCP_UNAVAILABLE',
    number: 'E1002',
    action: 'RETRY_THEN_PERSON',
    means: 'a server or model did not answer in time',
  },
  INVALID_OUTPUT: {
    code: 'MCP_UNAVAILABLE',
    number: 'E1002',
    action: 'RETRY_THEN_PERSON',
    means: 'a server answered what its contract does not allow',
  },
  UNKNOWN: {
    code: 'MCP_UNAVAILABLE',
    number: 'E1002',
    action: 'RETRY_THEN_PERSON',
    means: 'a tool failed without a known reason',
  },
  OVERLOADED: {
    code: 'MCP_UNAVAILABLE',
    number: 'E1002',
    action: 'RETRY_THEN_PERSON',
    means: 'the model is overloaded',
  },
  NETWORK: {
    code: 'MCP_UNAVAILABLE',
    number: 'E1002',
    action: 'RETRY_THEN_PERSON',
    means: 'the model cannot be reached',
  },
  CIRCUIT_OPEN: {
    code: 'MCP_UNAVAILABLE',
    number: 'E1002',
    action: 'LATER',
    means: 'the circuit breaker of the server is open: it was not asked',
  },
  PROMPT_INJECTION: {
    code: 'PROMPT_INJECTION',
    number: 'E1003',
    action: 'PERSON',
    means: 'an attack was found in a text or an answer',
  },
  SECURITY: {
    code: 'PROMPT_INJECTION',
    number: 'E1003',
    action: 'PERSON',
    means: 'a server takes the request for an attack',
  },
  QUARANTINED: {
    code: 'PROMPT_INJECTION',
    number: 'E1003',
    action: 'PERSON',
    means: 'the definition of a tool is not the approved one',
  },
  STATE_VERSION_CONFLICT: {
    code: 'STATE_VERSION_CONFLICT',
    number: 'E1004',
    action: 'INVALIDATE',
    means: 'the campaign changed while this was made',
  },
  INSUFFICIENT_FUNDS: {
    code: 'INSUFFICIENT_FUNDS',
    number: 'E1005',
    action: 'PAUSE_AGENT',
    means: "the agent's wallet cannot pay",
  },
  NSFW_DETECTED: {
    code: 'CONTENT_SAFETY',
    number: 'E1006',
    action: 'PERSON',
    means: 'a platform refuses the content for its safety rules',
  },
  REFUSED: {
    code: 'CONTENT_SAFETY',
    number: 'E1006',
    action: 'PERSON',
    means: 'the model refuses for its safety rules',
  },
  WORKER_TIMEOUT: {
    code: 'WORKER_TIMEOUT',
    number: 'E2001',
    action: 'RETRY',
    means: 'an attempt took longer than its task allows, or its Worker went silent',
  },
  DATABASE_UNAVAILABLE: {
    code: 'DATABASE_UNAVAILABLE',
    number: 'E2002',
    action: 'RETRY',
    means: 'PostgreSQL could not be reached or gave up',
  },
  RATE_LIMIT: { code: 'RATE_LIMITED', action: 'LATER', means: 'a platform asks to come back later' },
  RATE_LIMITED: { code: 'RATE_LIMITED', action: 'LATER', means: 'the model asks to come back later' },
  AUTH_FAILED: { code: 'UNAUTHENTICATED', action: 'PAUSE_AGENT', means: "a platform refuses the agent's credentials" },
  AUTHENTICATION: { code: 'UNAUTHENTICATED', action: 'PAUSE_AGENT', means: 'the model refuses the key' },
  DUPLICATE_CONTENT: { code: 'VALIDATION', action: 'SKIP', means: 'the platform shows this text already' },
  INVALID_PROMPT: { code: 'VALIDATION', action: 'PLANNER', means: 'a platform cannot use the prompt or text' },
  INVALID_INPUT: { code: 'VALIDATION', action: 'PLANNER', means: 'a tool or platform refuses the arguments' },
  INVALID_REQUEST: { code: 'VALIDATION', action: 'PLANNER', means: 'the model refuses the request' },
  NOT_FOUND: { code: 'VALIDATION', action: 'PLANNER', means: 'what the call is about is not there' },
  MALFORMED_OUTPUT: { code: 'VALIDATION', action: 'PLANNER', means: 'the model gave no usable answer, twice' },
  TRUNCATED: { code: 'VALIDATION', action: 'PLANNER', means: "the model's answer did not fit" },
  VALIDATION: { code: 'VALIDATION', action: 'PLANNER', means: 'an input or output does not fit its schema' },
  NOT_ALLOWED: { code: 'FORBIDDEN', action: 'PERSON', means: 'the tool is not in the allow-list' },
  ABORTED: { code: 'WORKER_TIMEOUT', action: 'LATER', means: 'we broke the call off' },
  STOPPING: { code: 'WORKER_TIMEOUT', action: 'LATER', means: 'the process is stopping' },
  INTERNAL: { code: 'INTERNAL', action: 'RETRY', means: 'nobody planned this: it may be ours' },
} as const satisfies Record<FaultName, ErrorAction>;

export const isFaultName = (name: string): name is FaultName => Object.hasOwn(ERROR_TABLE, name);
