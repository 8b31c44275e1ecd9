import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import net from 'node:net';
import tls from 'node:tls';

function destroyOnAbort<T extends Socket>(socket: T, signal: AbortSignal): T {
  const destroy = () => socket.destroy(new Error('aborted'));
  if (signal.aborted) destroy();
  signal.addEventListener('abort', destroy, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', destroy));
  return socket;
}

/** twitter-api-v2 always asks for https://api.x.com; this answers from a plain-HTTP server instead. */
class PlainAgent extends http.Agent {
  readonly #origin: URL;
  readonly #signal: AbortSignal;
  constructor(origin: URL, signal: AbortSignal) {
    super();
    this.#origin = origin;
    this.#signal = signal;
    Object.assign(this, { protocol: 'https:' }); // what https.request insists on
  }
  override createConnection(): Socket {
    const { hostname, port } = this.#origin;
    return destroyOnAbort(net.connect({ host: hostname, port: Number(port || 80) }), this.#signal);
  }
}

class TlsAgent extends https.Agent {
  readonly #origin: URL;
  readonly #signal: AbortSignal;
  constructor(origin: URL, signal: AbortSignal) {
    super();
    this.#origin = origin;
    this.#signal = signal;
  }
  override createConnection(): Socket {
    const { hostname, port } = this.#origin;
    const servername = net.isIP(hostname) ? undefined : hostname;
    return destroyOnAbort(tls.connect({ host: hostname, port: Number(port || 443), servername }), this.#signal);
  }
}

/** An agent for one call: whatever host the library asks for, `origin` answers; `signal` ends the call's connections. */
export function agentFor(origin: URL, signal: AbortSignal): http.Agent {
  return origin.protocol === 'http:' ? new PlainAgent(origin, signal) : new TlsAgent(origin, signal);
}
