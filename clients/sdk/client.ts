import type { Client } from 'graphql-ws';
import { createClient } from 'graphql-ws';
import type { TypedDocumentString } from './gql/graphql.ts';
import type { GraphqlFailure } from './request-error.ts';
import { ChimeraRequestError } from './request-error.ts';
import { subscriptionStream } from './subscription-stream.ts';

export { ChimeraRequestError } from './request-error.ts';

const TIMEOUT_MS = 30_000;
const MAX_RECONNECT_WAIT_MS = 10_000;

export interface ChimeraClientOptions {
  /** The GraphQL endpoint: "https://host/graphql". */
  url: string;
  /** A bearer token, or where to get one; asked for each request and each (re)connection. */
  token: string | (() => string | Promise<string>);
  /** Where the runtime has no WebSocket of its own: that of the `ws` package. */
  webSocketImpl?: unknown;
}

export interface RequestOptions {
  signal?: AbortSignal;
  timeoutMs?: number;
  headers?: Record<string, string>;
}

export type Variables<Document> = Document extends TypedDocumentString<unknown, infer V> ? V : never;
export type Result<Document> = Document extends TypedDocumentString<infer R, infer _V> ? R : never;

/** A typed client of one gateway: documents made with `graphql()` bring the types of their variables and answers. */
export function createChimeraClient(options: ChimeraClientOptions) {
  const token = async (): Promise<string> => (typeof options.token === 'function' ? options.token() : options.token);
  let sockets: Client | null = null;
  const connect = (): Client => {
    sockets ??= createClient({
      url: options.url.replace(/^http/, 'ws'),
      webSocketImpl: options.webSocketImpl,
      connectionParams: async () => ({ authorization: `Bearer ${await token()}` }),
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
      retryWait: (retries) =>
        new Promise((resolve) =>
          setTimeout(resolve, Math.min(100 * 2 ** retries, MAX_RECONNECT_WAIT_MS) * (0.5 + Math.random() / 2)),
        ),
    });
    return sockets;
  };

  async function request<R, V>(
    document: TypedDocumentString<R, V>,
    variables: V,
    { signal, timeoutMs = TIMEOUT_MS, headers }: RequestOptions = {},
  ): Promise<R> {
    const deadline = AbortSignal.timeout(timeoutMs);
    let response: Response;
    let body: { data?: R | null; errors?: GraphqlFailure[] };
    try {
      response = await fetch(options.url, {
        method: 'POST',
        headers: {
          ...headers,
          'content-type': 'application/json',
          accept: 'application/json',
          authorization: `Bearer ${await token()}`,
        },
        body: JSON.stringify({ query: document.toString(), variables }),
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      });
      body = (await response.json()) as typeof body;
    } catch (cause) {
      throw new ChimeraRequestError(
        `${options.url} gave no answer: ${cause instanceof Error ? cause.message : String(cause)}`,
        { retryable: !signal?.aborted, cause },
      );
    }
    if (body.errors?.length || !body.data) {
      throw new ChimeraRequestError(
        body.errors?.[0]?.message ?? `${options.url} answered with status ${response.status}`,
        { errors: body.errors, status: response.status },
      );
    }
    return body.data;
  }

  return {
    /** Resolves to the data, complete. Throws ChimeraRequestError. */
    query: request,
    /** As query; expected failures are members of the answer's union (`__typename`). */
    mutate: request,
    /**
     * Live payloads; reconnects and resumes behind the last one by itself, so none is missed or given twice (before the first
     * payload there is nothing to resume behind: start from a kept cursor where that matters). `after` starts
     * behind a cursor that was kept. Ends with ChimeraRequestError: CURSOR_EXPIRED (read a snapshot, subscribe anew), UNAUTHENTICATED.
     * The document must select `cursor` and take `$after: String`.
     */
    subscribe<R, V>(
      document: TypedDocumentString<R, V>,
      variables: V,
      from: { after?: string | null } = {},
    ): AsyncIterableIterator<R> {
      return subscriptionStream<R>(connect(), document.toString(), {
        ...(variables as Record<string, unknown>),
        ...(from.after ? { after: from.after } : {}),
      });
    },
    /** Closes the connection; subscriptions end. */
    async close(): Promise<void> {
      await sockets?.dispose();
      sockets = null;
    },
  };
}

export type ChimeraClient = ReturnType<typeof createChimeraClient>;
