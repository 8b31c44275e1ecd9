import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { Answer } from './gateway.ts';
import { waitFor } from './wait-for.ts';

/** A plain graphql-ws client, without the SDK's resuming: what the server sends is what the test sees. */
export function openLiveClient(url: string, token: string) {
  const client = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });

  /** Collects a subscription's payloads. `done` is 'open', 'complete' or what it failed with. */
  function subscribe(query: string, variables: Record<string, unknown> = {}) {
    const answers: Answer[] = [];
    const state: { done: unknown } = { done: 'open' };
    const stop = client.subscribe(
      { query, variables },
      {
        next: (answer) => void answers.push(answer as Answer),
        error: (error) => {
          state.done = error;
        },
        complete: () => {
          state.done = 'complete';
        },
      },
    );
    return {
      answers,
      state,
      stop,
      /** Waits until `count` payloads are there. */
      received: async (count: number): Promise<Answer[]> => {
        await waitFor(() => answers.length >= count, {
          message: `${count} payloads (${answers.length} so far, ${String(state.done)})`,
        });
        return answers;
      },
      ended: () => waitFor(() => state.done !== 'open', { message: 'the end of the subscription' }),
    };
  }
  return { subscribe, close: async () => client.dispose() };
}
