import { z } from 'zod';
import type { generateImageInput } from '../../contracts/ideogram.ts';
import { generateImageOutput } from '../../contracts/ideogram.ts';
import { mcpErrorCodeSchema } from '../../protocol.ts';
import { parseRetryAfter } from '../retry-after.ts';
import { ToolFailed } from '../tool-result.ts';

export interface IdeogramConfig {
  /** Origin of the service; `/ideogram/v1/generate` is appended. */
  apiUrl: string;
  apiKey: string;
  timeoutMs: number;
}

const refusalSchema = z.object({ error: z.object({ code: mcpErrorCodeSchema, message: z.string() }) });

/** One POST. @throws ToolFailed; its outcome is UNKNOWN where the picture may have been made and paid. */
export async function requestImage(
  config: IdeogramConfig,
  input: z.infer<typeof generateImageInput>,
  callerSignal: AbortSignal,
): Promise<z.infer<typeof generateImageOutput>> {
  const timeout = AbortSignal.timeout(config.timeoutMs);
  const { idempotency_key: key, ...body } = input;
  const headers = { 'content-type': 'application/json', 'api-key': config.apiKey, 'idempotency-key': key };
  let response: Response;
  let text: string;
  try {
    const signal = AbortSignal.any([callerSignal, timeout]);
    const url = new URL('/ideogram/v1/generate', config.apiUrl);
    response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal });
    text = await response.text();
  } catch (error) {
    if (callerSignal.aborted) throw new ToolFailed('ABORTED', 'aborted by the caller', { outcome: 'UNKNOWN' });
    if (timeout.aborted)
      throw new ToolFailed('TIMEOUT', `no answer within ${config.timeoutMs} ms`, { outcome: 'UNKNOWN' });
    const cause = (error as { cause?: { code?: string; message?: string } }).cause;
    const outcome = cause?.code === 'ECONNREFUSED' || cause?.code === 'ENOTFOUND' ? 'NOT_APPLIED' : 'UNKNOWN';
    throw new ToolFailed('UNAVAILABLE', cause?.message ?? String(error), { outcome });
  }
  if (!response.ok) throw refusalOf(response, text);
  const parsed = generateImageOutput.safeParse(parseJson(text));
  if (!parsed.success) throw new ToolFailed('INVALID_OUTPUT', z.prettifyError(parsed.error), { outcome: 'UNKNOWN' });
  return parsed.data;
}

function refusalOf(response: Response, text: string): ToolFailed {
  const { status } = response;
  const refusal = refusalSchema.safeParse(parseJson(text));
  const message = refusal.success ? refusal.data.error.message : `HTTP ${status}`;
  if (status === 429) {
    const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'));
    return new ToolFailed('RATE_LIMIT', message, { retryAfterMs });
  }
  if (status === 401 || (status === 403 && !refusal.success)) return new ToolFailed('AUTH_FAILED', message);
  if (status >= 500) return new ToolFailed('UNAVAILABLE', message, { outcome: 'UNKNOWN' });
  if (refusal.success) return new ToolFailed(refusal.data.error.code, message);
  return new ToolFailed('INVALID_INPUT', message);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
