import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import type { DomainSettings } from '../domain/context.ts';
import type { MemoryStore } from '../domain/memory/memory-store.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import type { Redis } from '../platform/redis.ts';
import { createSchema } from '../resolvers/index.ts';
import type { QueueStats } from '../schema/graph-context.ts';
import type { JwtSettings } from './authentication.ts';
import { createAuthenticator } from './authentication.ts';
import { traceIdFrom } from './context.ts';
import { createEventHub } from './event-hub.ts';
import { createGraphqlHandler, GRAPHQL_PATH } from './graphql-http.ts';
import { attachWebSocket } from './graphql-websocket.ts';
import type { Dependency } from './health.ts';
import { checkHealth } from './health.ts';

const DRAIN_MS = 5_000;
const SWEEP_MS = 50;

export interface GatewayOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  development: boolean;
  corsOrigins: readonly string[];
  jwt: JwtSettings;
  database: Database;
  /** For commands. */
  redis: Redis;
  /** A connection of the gateway's own for subscriptions (openBlockingRedis): nobody else may use it. */
  subscriber: Redis;
  redisPrefix: string;
  eventRetentionHours: number;
  clock: Clock;
  settings: DomainSettings;
  logger: Logger;
  metrics: Registry;
  searchMemory: MemoryStore['search'];
  queueStats(): Promise<QueueStats[]>;
  /** Answers GET /media/…; absent: 404. */
  serveMedia?(request: IncomingMessage, response: ServerResponse): void | Promise<void>;
  /** Shown at /health/ready beside PostgreSQL and Redis. */
  dependencies?: readonly Dependency[];
}

export interface Gateway {
  /** http://host:port */
  url: string;
  /** Stops accepting, closes sockets with 1001, lets requests finish for at most 5 s. Leaves what it was given open. */
  close(): Promise<void>;
}

export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
  constructor(host: string, port: number) {
    super(`Port ${port} on ${host} is taken by another program. Set PORT to a free one, or stop that program.`);
  }
}

/** Starts the API process's server: GraphQL over HTTP, SSE and WebSocket, health, metrics and media. Throws PortInUseError. */
export async function startGateway(
  options: GatewayOptions,
): Promise<Gateway & { /** Subscriptions at the moment. */ subscribers(): number }> {
  const { database, redis, logger } = options;
  const events = createEventHub({
    database,
    redis: options.subscriber,
    prefix: options.redisPrefix,
    retentionHours: options.eventRetentionHours,
    logger,
  });
  const authenticator = createAuthenticator(options.jwt, database);
  const graphql = createGraphqlHandler({
    ...options,
    schema: createSchema(),
    services: { ...options, events },
    authenticator,
  });
  const dependencies: Dependency[] = [
    { name: 'postgresql', required: true, check: (signal) => database.ping(signal) },
    { name: 'redis', required: false, check: () => redis.ping() },
    ...(options.dependencies ?? []),
  ];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (path === GRAPHQL_PATH) {
      const origin = {
        traceId: traceIdFrom(request.headers.traceparent as string | undefined),
        ip: request.socket.remoteAddress,
        userAgent: request.headers['user-agent'],
      };
      await graphql(request, response, { origin });
    } else if (path === '/health/live') {
      sendJson(response, 200, { status: 'up' });
    } else if (path === '/health/ready') {
      const health = await checkHealth(dependencies);
      sendJson(response, health.ready ? 200 : 503, {
        status: health.ready ? 'ready' : 'not ready',
        dependencies: health.dependencies,
      });
    } else if (path === '/metrics') {
      response.writeHead(200, { 'content-type': options.metrics.contentType }).end(await options.metrics.metrics());
    } else if (path.startsWith('/media/') && options.serveMedia) {
      await options.serveMedia(request, response);
    } else {
      sendJson(response, 404, { error: `There is nothing at ${path}. The API is at ${GRAPHQL_PATH}.` });
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      logger.error({ err: error, path: request.url }, 'a request could not be answered');
      if (!response.headersSent) sendJson(response, 500, { error: 'Something unexpected went wrong.' });
      else response.destroy();
    });
  });
  await listen(server, options.host, options.port);
  const sockets = attachWebSocket({ server, graphql, authenticator, logger });
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | null = null;

  async function close(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await sockets.close();
    events.close();
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS); // a connection falls idle when its request is done
    await Promise.race([closed, delay(DRAIN_MS, undefined, { ref: false })]);
    clearInterval(sweep);
    server.closeAllConnections();
    await closed;
    await graphql.dispose();
  }

  return { url: `http://${options.host}:${port}`, subscribers: events.subscribers, close: () => (closing ??= close()) };
}

function listen(server: ReturnType<typeof createServer>, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortInUseError(host, port) : error),
    );
    server.listen(port, host, resolve);
  });
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(body));
}
