import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the stub does with the next request. */
export type Script =
  | { kind: 'answer'; text: string; stop?: string }
  | { kind: 'blocked' }
  | { kind: 'status'; status: number; headers?: Record<string, string>; retryDelay?: string }
  | { kind: 'page' }
  | { kind: 'hang' }
  | { kind: 'cut' };

export interface Seen {
  url: string;
  headers: http.IncomingHttpHeaders;
  body: Record<string, unknown>;
}

export interface VendorStub {
  url: string;
  seen: Seen[];
  /** Requests whose client went away before the answer. */
  abandoned(): number;
  script(...steps: Script[]): void;
  stop(): Promise<void>;
}

/** Speaks the wire formats of both vendors on 127.0.0.1; each request takes the next step of the script. */
export async function startVendorStub(): Promise<VendorStub> {
  const seen: Seen[] = [];
  const steps: Script[] = [];
  let abandoned = 0;
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = request.url ?? '';
      const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>;
      seen.push({ url, headers: request.headers, body });
      response.on('close', () => {
        if (!response.writableEnded) abandoned++;
      });
      const step = steps.shift() ?? { kind: 'status', status: 500 };
      const json = (value: unknown, status = 200, headers: Record<string, string> = {}) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(JSON.stringify(value));
      };
      const claude = url.startsWith('/v1/messages');
      switch (step.kind) {
        case 'answer':
          return json(claude ? claudeMessage(body, step) : geminiResponse(step));
        case 'blocked':
          return json({
            promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
            usageMetadata: { promptTokenCount: 100 },
          });
        case 'status':
          return json(errorBody(claude, step), step.status, step.headers);
        case 'page':
          response.writeHead(200, { 'content-type': 'text/html' });
          return response.end('<html>Sign in to continue</html>');
        case 'cut':
          response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
          response.write('{"id":');
          return setImmediate(() => request.socket.destroy());
        case 'hang':
          return undefined;
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    abandoned: () => abandoned,
    script: (...next) => void steps.splice(0, steps.length, ...next),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Answer = Extract<Script, { kind: 'answer' }>;

function claudeMessage(body: Record<string, unknown>, { text, stop }: Answer): unknown {
  return {
    id: 'msg_stub',
    type: 'message',
    role: 'assistant',
    model: body.model,
    content: [
      { type: 'thinking', thinking: 'hm', signature: 's' },
      { type: 'text', text },
    ],
    stop_reason: stop ?? 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 90, cache_read_input_tokens: 10, cache_creation_input_tokens: 0, output_tokens: 50 },
  };
}

function geminiResponse({ text, stop }: Answer): unknown {
  const parts = [{ text: 'hm', thought: true }, { text }];
  return {
    candidates: [{ content: { role: 'model', parts }, finishReason: stop ?? 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 30, thoughtsTokenCount: 20, totalTokenCount: 150 },
  };
}

function errorBody(claude: boolean, { status, retryDelay }: Extract<Script, { kind: 'status' }>): unknown {
  if (claude)
    return {
      type: 'error',
      error: { type: status === 529 ? 'overloaded_error' : 'api_error', message: 'stub says no' },
    };
  const details = retryDelay ? [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay }] : [];
  return { error: { code: status, message: 'stub says no', status: 'UNAVAILABLE', details } };
}
