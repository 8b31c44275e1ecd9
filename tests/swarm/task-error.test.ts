import { describe, expect, it } from 'vitest';
import { McpToolError } from '../../mcp/host/mcp-tool-error.ts';
import { LanguageModelError } from '../../swarm/models/language-model.ts';
import { toTaskError } from '../../swarm/task-error.ts';

describe('toTaskError', () => {
  it('lets an attempt that we aborted ourselves be made again: a stop of the swarm fails no task', () => {
    const aborted = new McpToolError({
      server: 'ideogram',
      tool: 'generate_image',
      code: 'ABORTED',
      message: 'aborted by the caller',
      outcome: 'UNKNOWN',
    });
    expect(toTaskError(aborted)).toMatchObject({ code: 'WORKER_TIMEOUT', retryable: true });
    expect(toTaskError(new LanguageModelError('ABORTED', 'stopping'))).toMatchObject({
      code: 'WORKER_TIMEOUT',
      retryable: true,
    });
  });
});
