import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { controlRoutes } from './control-routes.ts';
import type { Fault } from './faults.ts';
import { createFaults } from './faults.ts';
import type { Answer, Route, SandboxRequest } from './http.ts';
import { HttpProblem, readBody } from './http.ts';
import { ideogramRoutes } from './ideogram-routes.ts';
import { mediaRoutes } from './media-routes.ts';
import { duplicateContent, problem, twitterRoutes } from './twitter-routes.ts';
import { normalizeHandle, openWorld } from './world.ts';

export interface SandboxOptions {
  host: string;
  /** 0 chooses a free one. */
  port: number;
  /** Posts, mentions and media live here and survive a kill -9. */
  dataDir: string;
  /** Decides how pictures look. */
  seed: number;
}

/** The outside, simulated: X's API, an image model, what was posted there, and faults on demand. */
export async function startSandbox(options: SandboxOptions): Promise<{ url: string; close(): Promise<void> }> {
  const world = openWorld(options.dataDir);
  const faults = createFaults();
  const closing = new AbortController();
  let url = '';
  const routes: Route[] = [
    ...controlRoutes(world, faults, () => url),
    ...twitterRoutes(world),
    ...mediaRoutes(world),
    ...ideogramRoutes(world, options.seed, () => url),
  ];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://sandbox');
    const given = request.headers['x-account']?.toString();
    const account = given ? normalizeHandle(given) : null;
    const body = await readBody(request);
    const fault = pathname.startsWith('/control/') ? undefined : faults.take(pathname, account);
    if (fault?.kind === 'down') return void request.socket.destroy();
    if (fault?.kind === 'slow') await delay(fault.delayMs, undefined, { signal: closing.signal });
    const method = request.method ?? 'GET';
    const { headers } = request;
    const outcome =
      (fault && faultAnswer(fault, pathname)) ??
      (await dispatch(routes, { method, path: pathname, query: searchParams, params: {}, headers, account, body }));
    if (fault?.kind === 'accepted-but-connection-lost') return void request.socket.destroy();
    send(response, outcome);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (closing.signal.aborted) return void request.socket.destroy();
      send(response, error instanceof HttpProblem ? error.answer : { status: 500, body: { error: String(error) } });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port, options.host, resolve);
  });
  url = `http://${options.host}:${(server.address() as AddressInfo).port}`;

  return {
    url,
    async close() {
      closing.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      world.close();
    },
  };
}

async function dispatch(routes: Route[], request: SandboxRequest): Promise<Answer> {
  for (const route of routes) {
    const found = route.pattern.exec(request.path);
    if (found && route.method === request.method) return route.handle({ ...request, params: decode(found.groups) });
  }
  return { status: 404, body: { title: 'Not Found', detail: `${request.method} ${request.path}` } };
}

function decode(groups: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]));
}

/** The answer that a fault gives in the place of the platform; undefined for faults that let it work. */
function faultAnswer(fault: Fault, path: string): Answer | undefined {
  const social = path.startsWith('/2/');
  const refuse = (status: number, code: string, title: string): Answer =>
    social ? problem(status, title, title) : { status, body: { error: { code, message: title } } };
  switch (fault.kind) {
    case 'rate-limit': {
      const reset = Math.ceil(Date.now() / 1000) + fault.retryAfterSeconds;
      const headers = {
        'retry-after': String(fault.retryAfterSeconds),
        'x-rate-limit-limit': '1',
        'x-rate-limit-remaining': '0',
        'x-rate-limit-reset': String(reset),
      };
      return { ...refuse(429, 'RATE_LIMIT', 'Too Many Requests'), headers };
    }
    case 'unauthorized':
      return refuse(401, 'AUTH_FAILED', 'Unauthorized');
    case 'duplicate':
      return duplicateContent();
    case 'server-error':
      return refuse(503, 'UNAVAILABLE', 'Service Unavailable');
    case 'invalid-prompt':
      return refuse(400, 'INVALID_PROMPT', 'The request cannot be understood.');
    case 'nsfw':
      return refuse(social ? 403 : 422, 'NSFW_DETECTED', 'The content violates the content policy.');
    case 'security':
      return refuse(403, 'SECURITY', 'This request looks like it might be automated or malicious activity.');
    case 'slow':
    case 'accepted-but-connection-lost':
    case 'down':
      return undefined;
  }
}

function send(response: ServerResponse, { status, body, bytes, headers }: Answer): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, bytes ? headers : { 'content-type': 'application/json', ...headers });
  response.end(bytes ?? JSON.stringify(body));
}
