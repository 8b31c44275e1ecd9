import { z } from 'zod';

/** What host and servers agree on beyond MCP itself: the caller in `_meta`, and the shape of a failure. */
export const META_KEYS = {
  tenantId: 'chimera/tenantId',
  agentId: 'chimera/agentId',
  traceId: 'chimera/traceId',
  account: 'chimera/account',
} as const;

export const mcpErrorCodeSchema = z.enum([
  'RATE_LIMIT',
  'AUTH_FAILED',
  'DUPLICATE_CONTENT',
  'INVALID_PROMPT',
  'NSFW_DETECTED',
  /** The server refuses for security: an attack, an injection, suspected abuse. */
  'SECURITY',
  'UNAVAILABLE',
  /** The host did not ask: the server failed too often just now. */
  'CIRCUIT_OPEN',
  'TIMEOUT',
  'ABORTED',
  'NOT_ALLOWED',
  'QUARANTINED',
  'INVALID_INPUT',
  'INVALID_OUTPUT',
  'NOT_FOUND',
  'UNKNOWN',
]);
export type McpErrorCode = z.infer<typeof mcpErrorCodeSchema>;

/** NOT_APPLIED: certainly nothing happened outside. UNKNOWN: it may have happened; look it up before doing it again. */
export const mcpOutcomeSchema = z.enum(['NOT_APPLIED', 'UNKNOWN']);
export type McpOutcome = z.infer<typeof mcpOutcomeSchema>;

/** The JSON text of a tool result with `isError: true`, and the `data` of a failed resource read. */
export const toolFailureSchema = z.object({
  error: z.object({
    code: mcpErrorCodeSchema,
    message: z.string(),
    retryAfterMs: z.number().nonnegative().optional(),
    outcome: mcpOutcomeSchema,
  }),
});
export type ToolFailure = z.infer<typeof toolFailureSchema>['error'];
