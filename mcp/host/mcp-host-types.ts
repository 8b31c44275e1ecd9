import type { ZodType } from 'zod';

/** On whose behalf a call is made. Sent as `_meta` (`chimera/tenantId` …), never as arguments a model could forge. */
export interface McpCallContext {
  tenantId: string;
  agentId: string;
  traceId: string;
  /** The agent's handle on the server's platform, without @; needed by the social platforms' servers. */
  account?: string;
  signal?: AbortSignal;
  /** Overrides the allow-list's timeout. */
  timeoutMs?: number;
}

export interface McpToolDescription {
  server: string;
  tool: string;
  description: string;
  /** JSON Schema of the arguments. */
  inputSchema: Record<string, unknown>;
  /** False for whatever changes something outside or spends money: never handed to a model. */
  readOnly: boolean;
}

export interface McpPromptDescription {
  server: string;
  prompt: string;
  description: string;
}

export interface McpServerHealth {
  name: string;
  status: 'UP' | 'DOWN' | 'DEGRADED';
  tools: string[];
  /** Over the last 200 answered calls; null before the first. */
  latencyP95Ms: number | null;
  lastError: string | null;
}

export interface McpHost {
  /** @throws McpToolError, always and only. */
  call<T>(
    server: string,
    tool: string,
    args: unknown,
    output: ZodType<T>,
    context: McpCallContext,
  ): Promise<{ value: T; durationMs: number }>;
  /** Reads a JSON resource. @throws McpToolError, always and only. */
  readResource<T>(server: string, uri: string, output: ZodType<T>, context: McpCallContext): Promise<T>;
  /** Allowed, discovered and not quarantined. */
  tools(options?: { readOnly?: boolean }): McpToolDescription[];
  /** Allowed and discovered. */
  prompts(): McpPromptDescription[];
  health(): McpServerHealth[];
  close(): Promise<void>;
}
