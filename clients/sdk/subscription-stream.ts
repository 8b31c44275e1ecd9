import type { Client } from 'graphql-ws';
import type { GraphqlFailure } from './request-error.ts';
import { ChimeraRequestError } from './request-error.ts';

const RESUME_WAIT_MS = 500;

/**
 * One subscription as an async iterator that outlives its connection: `variables.after` is moved with every payload that
 * arrives, and graphql-ws sends the same variables again when it has reconnected, so the server replays what was missed.
 * An error that can be resumed from (LAGGED, a database away for a moment) starts the subscription anew by itself.
 */
export function subscriptionStream<Data>(
  client: Client,
  query: string,
  given: Record<string, unknown>,
): AsyncIterableIterator<Data> {
  const variables = { ...given };
  const waiting: Data[] = [];
  let failure: Error | null = null;
  let ended = false;
  let resume = false;
  let wake = (): void => {};
  let unsubscribe = (): void => {};
  let timer: ReturnType<typeof setTimeout> | undefined;

  function finish(error: Error | null): void {
    failure ??= error;
    ended = true;
    wake();
  }

  function start(): void {
    resume = false;
    unsubscribe = client.subscribe<Data>(
      { query, variables },
      {
        next(result) {
          if (result.errors) return fail(result.errors as GraphqlFailure[]);
          if (!result.data) return;
          variables.after = cursorOf(result.data) ?? variables.after;
          waiting.push(result.data);
          wake();
        },
        error: (reason) => finish(errorOf(reason)),
        complete() {
          if (!resume) finish(null);
          else timer = setTimeout(start, RESUME_WAIT_MS);
        },
      },
    );
  }

  function fail(errors: readonly GraphqlFailure[]): void {
    const extensions = errors[0]?.extensions;
    resume = extensions?.retryable === true;
    if (extensions?.cursor) variables.after = extensions.cursor;
    if (!resume) finish(new ChimeraRequestError(errors[0]?.message ?? 'The subscription failed.', { errors }));
  }

  const stream: AsyncIterableIterator<Data> = {
    async next() {
      for (;;) {
        const value = waiting.shift();
        if (value !== undefined) return { value, done: false };
        if (failure) {
          const error = failure;
          failure = null;
          throw error;
        }
        if (ended) return { value: undefined, done: true };
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async return() {
      waiting.length = 0;
      clearTimeout(timer);
      unsubscribe();
      finish(null);
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => stream,
  };
  start();
  return stream;
}

/** Every payload has a cursor, whichever field was subscribed to. */
function cursorOf(data: unknown): string | undefined {
  const [payload] = Object.values(data as Record<string, { cursor?: unknown } | null>);
  return typeof payload?.cursor === 'string' ? payload.cursor : undefined;
}

function errorOf(reason: unknown): ChimeraRequestError {
  if (Array.isArray(reason))
    return new ChimeraRequestError((reason as GraphqlFailure[])[0]?.message ?? 'The subscription failed.', {
      errors: reason as GraphqlFailure[],
    });
  const { code, reason: text } = reason as { code?: number; reason?: string };
  const errors =
    code === 4401
      ? [{ message: text ?? 'Unauthorized', extensions: { code: 'UNAUTHENTICATED', retryable: false } }]
      : [];
  return new ChimeraRequestError(text || 'The connection was closed.', {
    errors,
    status: code,
    retryable: code !== 4401,
    cause: reason,
  });
}
