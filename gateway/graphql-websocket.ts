import type { Server } from 'node:http';
import type { ExecutionArgs } from 'graphql';
import { GraphQLError } from 'graphql';
import type { Context } from 'graphql-ws';
import type { Extra } from 'graphql-ws/use/ws';
import { useServer } from 'graphql-ws/use/ws';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import type { Logger } from '../platform/logger.ts';
import type { Authenticator, Claims } from './authentication.ts';
import { traceIdFrom } from './context.ts';
import type { GraphqlHandler, RequestContext } from './graphql-http.ts';
import { GRAPHQL_PATH, MAX_BODY_BYTES } from './graphql-http.ts';
import { UnauthenticatedError } from './unauthenticated.ts';

const PING_MS = 12_000;
/** At the same time on one socket. */
const MAX_OPERATIONS = 200;
const tooManyOperations = new GraphQLError(`A connection may have at most ${MAX_OPERATIONS} operations at a time.`, {
  extensions: { code: 'RATE_LIMITED', retryable: true },
});
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Close codes. Expiry is not Unauthorized: a client should come back with a new token, and 4401 tells it not to. */
const UNAUTHORIZED = 4401;
const TOKEN_EXPIRED = 4499;
const TRY_AGAIN_LATER = 1013;

type Connection = Context<Record<string, unknown> | undefined, Extra & { claims?: Claims; expiry?: NodeJS.Timeout }>;

/**
 * graphql-transport-ws on the HTTP server's port and path. The token comes in connection_init as `authorization` (or
 * `token`), or in the upgrade request's header; the user's permissions are looked up anew for every operation.
 */
export function attachWebSocket(options: {
  server: Server;
  graphql: GraphqlHandler;
  authenticator: Authenticator;
  logger: Logger;
}): { close(): Promise<void> } {
  const { server, graphql, authenticator, logger } = options;
  const sockets = new WebSocketServer({ server, path: GRAPHQL_PATH, maxPayload: MAX_BODY_BYTES });

  async function connect({ connectionParams, extra }: Connection): Promise<boolean> {
    const { socket, request } = extra;
    const offered =
      connectionParams?.authorization ??
      connectionParams?.Authorization ??
      connectionParams?.token ??
      request.headers.authorization;
    try {
      const claims = await authenticator.verify(typeof offered === 'string' ? offered : null);
      await authenticator.principal(claims);
      extra.claims = claims;
      extra.expiry = setTimeout(
        () => socket.close(TOKEN_EXPIRED, 'Token expired'),
        Math.min(Math.max(0, claims.exp * 1000 - Date.now()), MAX_TIMER_MS),
      );
      return true;
    } catch (error) {
      refuse(socket, error);
      return false; // the socket is closing already: graphql-ws's own 4403 comes too late
    }
  }

  function refuse(socket: WebSocket, error: unknown): void {
    if (error instanceof UnauthenticatedError) {
      socket.close(UNAUTHORIZED, `Unauthorized: ${error.message}`.slice(0, 120));
      return;
    }
    logger.warn({ err: error }, 'a connection could not be authenticated');
    socket.close(TRY_AGAIN_LATER, 'Try again later');
  }

  async function prepare(
    { extra, subscriptions }: Connection,
    payload: { query: string; operationName?: string | null; variables?: Record<string, unknown> | null },
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const { claims, request } = extra;
    if (!claims) throw new Error('operation before authentication');
    if (Object.keys(subscriptions).length > MAX_OPERATIONS) return [tooManyOperations];
    let principal: RequestContext['principal'];
    try {
      principal = await authenticator.principal(claims);
    } catch (error) {
      refuse(extra.socket, error);
      return [new GraphQLError('Unauthorized', { extensions: { code: 'UNAUTHENTICATED' } })];
    }
    const origin = {
      traceId: traceIdFrom(request.headers.traceparent as string | undefined),
      ip: request.socket.remoteAddress,
      userAgent: request.headers['user-agent'],
    };
    const { schema, execute, subscribe, contextFactory, parse, validate } = graphql.getEnveloped({
      origin,
      principal,
      params: payload,
    } as never);
    try {
      const args = {
        schema,
        operationName: payload.operationName ?? undefined,
        document: parse(payload.query),
        variableValues: payload.variables ?? undefined,
        contextValue: await contextFactory(),
        rootValue: { execute, subscribe },
      };
      const errors = validate(args.schema, args.document);
      return errors.length > 0 ? errors : args;
    } catch (error) {
      if (error instanceof GraphQLError) return [error];
      throw error;
    }
  }

  const protocol = useServer<Record<string, unknown> | undefined, { claims?: Claims; expiry?: NodeJS.Timeout }>(
    {
      execute: (args) => (args.rootValue as Pipeline).execute(args),
      subscribe: (args) => (args.rootValue as Pipeline).subscribe(args),
      onConnect: (connection) => connect(connection),
      onSubscribe: (connection, _id, payload) => prepare(connection, payload),
      onClose: ({ extra }) => clearTimeout(extra.expiry),
    },
    sockets,
    PING_MS,
  );
  return { close: async () => protocol.dispose() };
}

type Pipeline = Pick<ReturnType<GraphqlHandler['getEnveloped']>, 'execute' | 'subscribe'>;
