import type { IncomingMessage } from 'node:http';

const MAX_BODY_BYTES = 10 * 1024 * 1024;

export interface Answer {
  status: number;
  body?: unknown;
  bytes?: Buffer;
  headers?: Record<string, string>;
}

export interface SandboxRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Named groups of the route's pattern. */
  params: Record<string, string>;
  headers: IncomingMessage['headers'];
  /** The acting account: the header `x-account`, lower case, without @. */
  account: string | null;
  body: Buffer;
}

export interface Route {
  method: string;
  pattern: RegExp;
  handle(request: SandboxRequest): Answer | Promise<Answer>;
}

export class HttpProblem extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(`HTTP ${answer.status}`);
    this.answer = answer;
  }
}

export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new HttpProblem({ status: 400, body: { title: 'Invalid Request', detail: 'The body is not JSON.' } });
  }
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new HttpProblem({ status: 413, body: { title: 'Payload Too Large' } });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
