import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

/** Serves over stdin and stdout until the host closes stdin. Whoever logs must write to stderr. */
export async function runStdio(server: McpServer): Promise<void> {
  await server.connect(new StdioServerTransport());
  process.stdin.once('end', () => void server.close().then(() => process.exit(0)));
}
