import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { generateImageInput, generateImageOutput } from '../../contracts/ideogram.ts';
import { toolResult } from '../tool-result.ts';
import type { IdeogramConfig } from './request-image.ts';
import { requestImage } from './request-image.ts';

export type { IdeogramConfig } from './request-image.ts';

export function createIdeogramServer(config: IdeogramConfig): McpServer {
  const server = new McpServer({ name: 'ideogram', version: '1.0.0' });
  server.registerTool(
    'generate_image',
    {
      description: 'Generates an image from a prompt. The same idempotency key gives the same image and is paid once.',
      inputSchema: generateImageInput,
      outputSchema: generateImageOutput,
      annotations: { readOnlyHint: false, idempotentHint: true, openWorldHint: true },
    },
    (input, extra) => toolResult(() => requestImage(config, input, extra.signal)),
  );
  return server;
}
