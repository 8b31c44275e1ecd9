import type { GraphQLSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { createYoga } from 'graphql-yoga';
import { newTraceId } from '../platform/ids.ts';
import type { Logger } from '../platform/logger.ts';
import type { GraphContext } from '../schema/graph-context.ts';
import { answerError } from './answer-error.ts';
import type { Authenticator, Principal } from './authentication.ts';
import type { ContextServices, Origin } from './context.ts';
import { createContext } from './context.ts';
import { operationPlugin } from './operation-plugin.ts';
import { UnauthenticatedError } from './unauthenticated.ts';

export const GRAPHQL_PATH = '/graphql';
export const MAX_BODY_BYTES = 1_000_000;

/** What a transport knows of a request before yoga sees it; the principal follows from authentication. */
export interface RequestContext {
  origin: Origin;
  principal?: Principal;
}

export interface GraphqlOptions {
  schema: GraphQLSchema;
  services: ContextServices;
  authenticator: Authenticator;
  logger: Logger;
  corsOrigins: readonly string[];
  development: boolean;
}

const GRAPHIQL = {
  title: 'Chimera',
  // Over SSE the page sends its headers with a subscription, too.
  subscriptionsProtocol: 'SSE' as const,
  headers: '{\n  "authorization": "Bearer <a token of tokens.json>"\n}',
  defaultQuery: `# Put a token of tokens.json into the headers below (Headers, at the bottom).
{
  viewer {
    user { email role }
    permissions
  }
}
`,
};

/** GraphQL over HTTP and SSE, and the pipeline that the WebSocket uses as well. */
export function createGraphqlHandler({
  schema,
  services,
  authenticator,
  logger,
  corsOrigins,
  development,
}: GraphqlOptions) {
  return createYoga<RequestContext, GraphContext>({
    schema,
    graphqlEndpoint: GRAPHQL_PATH,
    landingPage: false,
    graphiql: development ? GRAPHIQL : false,
    // The page with everything it needs, served by us: the usual one loads from elsewhere. Large, so loaded when asked for.
    renderGraphiQL: async (page) => (await import('@graphql-yoga/render-graphiql')).renderGraphiQL(page),
    // An empty list would mean "everybody" to yoga.
    cors:
      corsOrigins.length > 0
        ? { origin: [...corsOrigins], credentials: false, methods: ['GET', 'POST', 'OPTIONS'], maxAge: 600 }
        : false,
    maxRequestBodySize: MAX_BODY_BYTES,
    multipart: false,
    logging: false,
    maskedErrors: { maskError: (error) => answerError(error, newTraceId(), logger) },
    plugins: [authenticationPlugin(authenticator, logger), operationPlugin(logger)],
    context: ({ origin, principal }) => {
      if (!principal) throw new UnauthenticatedError('A bearer token is needed.');
      return createContext(services, principal, origin);
    },
  });
}

/** Before a request is even parsed: who is it. Whoever it is not gets 401 and learns nothing about the schema. */
function authenticationPlugin(authenticator: Authenticator, logger: Logger): Plugin<object, RequestContext> {
  return {
    async onRequestParse({ request, serverContext, endResponse, fetchAPI }) {
      try {
        serverContext.principal = await authenticator.principal(
          await authenticator.verify(request.headers.get('authorization')),
        );
      } catch (error) {
        const refused = error instanceof UnauthenticatedError;
        const answered = answerError(error, serverContext.origin.traceId, logger);
        const status = refused ? 401 : answered.extensions.code === 'DATABASE_UNAVAILABLE' ? 503 : 500;
        const headers = {
          'content-type': 'application/json',
          ...(refused ? { 'www-authenticate': 'Bearer realm="chimera", error="invalid_token"' } : {}),
        };
        endResponse(new fetchAPI.Response(JSON.stringify({ errors: [answered] }), { status, headers }));
      }
    },
  };
}

export type GraphqlHandler = ReturnType<typeof createGraphqlHandler>;
