import { McpToolError } from '../../mcp/host/mcp-host.ts';

/** The McpToolError that a call must end with. */
export async function failureOf(call: Promise<unknown>): Promise<McpToolError> {
  const error: unknown = await call.then(
    () => new Error('the call succeeded'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof McpToolError) return error;
  throw error;
}
