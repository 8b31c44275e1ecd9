import { storableText } from '../../platform/storable.ts';
import type { McpErrorCode, McpOutcome } from '../protocol.ts';

export type { McpErrorCode, McpOutcome } from '../protocol.ts';

const TRANSIENT: readonly McpErrorCode[] = ['RATE_LIMIT', 'UNAVAILABLE', 'CIRCUIT_OPEN', 'TIMEOUT'];

export interface McpToolErrorDetails {
  code: McpErrorCode;
  message: string;
  server: string;
  /** Tool name, or the URI of a resource. */
  tool: string;
  outcome: McpOutcome;
  retryAfterMs?: number;
  /** Repeating the call with the same idempotency key is harmless, whatever became of the first. */
  idempotent?: boolean;
  cause?: unknown;
}

/**
 * The one error of the MCP host. `retryable` is true only when a later repetition of the same call can succeed and
 * cannot do the thing twice: a transient failure whose outcome is NOT_APPLIED, or of an idempotent tool.
 */
export class McpToolError extends Error {
  override readonly name = 'McpToolError';
  readonly code: McpErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly server: string;
  readonly tool: string;
  readonly outcome: McpOutcome;

  constructor(details: McpToolErrorDetails) {
    super(storableText(`${details.server}/${details.tool}: ${details.message}`), { cause: details.cause });
    this.code = details.code;
    this.server = details.server;
    this.tool = details.tool;
    this.outcome = details.outcome;
    this.retryAfterMs = details.retryAfterMs;
    this.retryable =
      TRANSIENT.includes(details.code) && (details.outcome === 'NOT_APPLIED' || details.idempotent === true);
  }
}
