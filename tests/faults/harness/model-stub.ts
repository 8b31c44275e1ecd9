import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { AnswerOptions } from './model-answers.ts';
import { answerPrompt } from './model-answers.ts';

/** What becomes of the next calls. slow: after `delayMs`. garbage: not what was asked for. huge: five megabytes of it. overloaded: HTTP 529. cut: the connection ends. */
export interface ModelFault {
  kind: 'slow' | 'garbage' | 'huge' | 'overloaded' | 'cut';
  times: number;
  delayMs?: number;
}

export interface ModelStub {
  port: number;
  calls(): number;
  fault(fault: ModelFault): void;
  clear(): void;
  /** May be changed at any time. */
  options: AnswerOptions;
  close(): Promise<void>;
}

const GARBAGE = [
  'Sure! Here is the JSON you asked for:',
  '{"text": "half an ans',
  '[]',
  '{"tasks": "many"}',
  '\u0000\uFFFD',
];

const HUGE_BYTES = 5_000_000;

/** Speaks the wire format of Anthropic's messages over HTTP on 127.0.0.1, and can be slow, wrong or away on command. */
export async function startModelStub(): Promise<ModelStub> {
  let calls = 0;
  let faults: ModelFault[] = [];
  const options: AnswerOptions = { escalatedPercent: 5 };

  async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as {
      model: string;
      system: string;
      messages: { content: string }[];
    };
    const serial = ++calls;
    const fault = faults[0];
    if (fault) fault.times -= 1;
    faults = faults.filter(({ times }) => times > 0);
    if (fault?.kind === 'cut') return void request.socket.destroy();
    if (fault?.kind === 'slow') await delay(fault.delayMs ?? 1_000);
    const overloaded = fault?.kind === 'overloaded';
    const text =
      fault?.kind === 'huge'
        ? JSON.stringify({ text: 'x'.repeat(HUGE_BYTES) })
        : fault?.kind === 'garbage'
          ? (GARBAGE[serial % GARBAGE.length] as string)
          : JSON.stringify(
              answerPrompt(body.system, body.messages.map(({ content }) => content).join('\n'), serial, options),
            );
    response.writeHead(overloaded ? 529 : 200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        overloaded
          ? { type: 'error', error: { type: 'overloaded_error', message: 'overloaded' } }
          : {
              id: `msg_${serial}`,
              type: 'message',
              role: 'assistant',
              model: body.model,
              content: [{ type: 'text', text }],
              stop_reason: 'end_turn',
              stop_sequence: null,
              usage: {
                input_tokens: 400,
                cache_read_input_tokens: 0,
                cache_creation_input_tokens: 0,
                output_tokens: 80,
              },
            },
      ),
    );
  }

  const server = http.createServer((request, response) => {
    answer(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    calls: () => calls,
    fault: (fault) => void faults.push({ ...fault }),
    clear: () => {
      faults = [];
    },
    options,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
