import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type {
  CallToolResult,
  ReadResourceResult,
  ServerNotification,
  ServerRequest,
} from '@modelcontextprotocol/sdk/types.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import type { ToolFailure } from '../protocol.ts';
import { META_KEYS } from '../protocol.ts';

export type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** Thrown inside a tool or a resource; the host receives its code and outcome. */
export class ToolFailed extends Error {
  readonly failure: ToolFailure;
  constructor(
    code: ToolFailure['code'],
    message: string,
    details: Partial<Pick<ToolFailure, 'outcome' | 'retryAfterMs'>> = {},
  ) {
    super(message);
    this.failure = { code, message, outcome: 'NOT_APPLIED', ...details };
  }
}

/** On whose behalf the host calls; null where another host left it out. */
export function callerOf(extra: Extra): Record<keyof typeof META_KEYS, string | null> {
  const read = (key: string): string | null => {
    const value = (extra._meta as Record<string, unknown> | undefined)?.[key];
    return typeof value === 'string' ? value : null;
  };
  return {
    tenantId: read(META_KEYS.tenantId),
    agentId: read(META_KEYS.agentId),
    traceId: read(META_KEYS.traceId),
    account: read(META_KEYS.account),
  };
}

/** The result of a tool: its value, or the failure that `work` threw. What nobody planned has an unknown outcome. */
export async function toolResult(work: () => Promise<object>): Promise<CallToolResult> {
  try {
    const value = (await work()) as Record<string, unknown>;
    return { structuredContent: value, content: [{ type: 'text', text: JSON.stringify(value) }] };
  } catch (error) {
    return { isError: true, content: [{ type: 'text', text: JSON.stringify({ error: failureOf(error) }) }] };
  }
}

/** A JSON resource; a failure travels as the JSON-RPC error's data. */
export async function resourceResult(uri: URL, work: () => Promise<object>): Promise<ReadResourceResult> {
  try {
    return { contents: [{ uri: uri.href, mimeType: 'application/json', text: JSON.stringify(await work()) }] };
  } catch (error) {
    const failure = failureOf(error);
    throw new McpError(ErrorCode.InternalError, failure.message, { error: failure });
  }
}

function failureOf(error: unknown): ToolFailure {
  if (error instanceof ToolFailed) return error.failure;
  return { code: 'UNKNOWN', message: error instanceof Error ? error.message : String(error), outcome: 'UNKNOWN' };
}
