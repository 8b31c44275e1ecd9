import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import type { ToolFailure } from '../protocol.ts';
import { toolFailureSchema } from '../protocol.ts';

/** Carries what the server, or the host in its place, said. */
export class CallFailure extends Error {
  readonly failure: ToolFailure;
  constructor(failure: ToolFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** How far a call got before it failed. */
export interface CallProgress {
  /** The request left this process: from here on the server may have acted. */
  sent: boolean;
  /** The caller's own signal, not the timeout's. */
  aborted: boolean;
}

function unlessSent(progress: CallProgress): ToolFailure['outcome'] {
  return progress.sent ? 'UNKNOWN' : 'NOT_APPLIED';
}

/** Translates a result with `isError: true`: ours is JSON, the SDK's own refusals are texts. */
export function failureOfResult(result: CallToolResult): ToolFailure {
  const text = result.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
  const structured = parseFailure(text);
  if (structured) return structured;
  if (/Input validation error|Invalid arguments for tool/.test(text)) {
    return { code: 'INVALID_INPUT', message: text, outcome: 'NOT_APPLIED' };
  }
  if (/Tool \S+ (not found|disabled)/.test(text)) return { code: 'NOT_FOUND', message: text, outcome: 'NOT_APPLIED' };
  if (/Output validation error/.test(text)) return { code: 'INVALID_OUTPUT', message: text, outcome: 'UNKNOWN' };
  return { code: 'UNKNOWN', message: text || 'the tool failed without a reason', outcome: 'UNKNOWN' };
}

/** Translates whatever connecting, sending, waiting or the circuit breaker threw. */
export function failureOfException(error: unknown, progress: CallProgress): ToolFailure {
  const message = error instanceof Error ? error.message : String(error);
  const outcome = unlessSent(progress);
  if (progress.aborted) return { code: 'ABORTED', message: 'aborted by the caller', outcome };
  if (error instanceof McpError) {
    const structured = toolFailureSchema.safeParse(error.data);
    if (structured.success) return structured.data.error;
    if (error.code === ErrorCode.RequestTimeout) return { code: 'TIMEOUT', message, outcome };
    if (error.code === ErrorCode.ConnectionClosed) return { code: 'UNAVAILABLE', message, outcome };
    if (error.code === ErrorCode.MethodNotFound) return { code: 'NOT_FOUND', message, outcome: 'NOT_APPLIED' };
    if (error.code === ErrorCode.InvalidParams && /Resource .* not found/.test(message)) {
      return { code: 'NOT_FOUND', message, outcome: 'NOT_APPLIED' };
    }
    if (/output schema|Structured content/.test(message)) return { code: 'INVALID_OUTPUT', message, outcome };
    return { code: 'UNKNOWN', message, outcome };
  }
  if (error instanceof Error && error.message === 'Not connected') {
    return { code: 'UNAVAILABLE', message, outcome: 'NOT_APPLIED' };
  }
  return progress.sent ? { code: 'UNKNOWN', message, outcome } : { code: 'UNAVAILABLE', message, outcome };
}

function parseFailure(text: string): ToolFailure | null {
  try {
    const parsed = toolFailureSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data.error : null;
  } catch {
    return null;
  }
}
