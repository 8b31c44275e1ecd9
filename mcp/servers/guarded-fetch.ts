import { lookup as resolveName } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import zlib from 'node:zlib';
import ipaddr from 'ipaddr.js';
import { ToolFailed } from './tool-result.ts';

export interface GuardedFetchOptions {
  maxBytes: number;
  /** Over the whole exchange, redirects included. */
  timeoutMs: number;
  maxRedirects: number;
  /** Which resolved addresses may be connected to. Default: `isPublic`. */
  allowAddress?: (address: string) => boolean;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface FetchedBody {
  status: number;
  headers: http.IncomingHttpHeaders;
  /** Empty unless the status is 2xx. */
  body: Buffer;
  /** After redirects. */
  url: string;
}

/**
 * GET for addresses that somebody else chose. Names are resolved first, every address must be allowed, and the
 * connection goes to the checked address, so that a second answer of the name server cannot change it; the same again
 * at each redirect. The body is cut off at `maxBytes` after decompression.
 * @throws ToolFailed NOT_ALLOWED, TIMEOUT, ABORTED, UNAVAILABLE or INVALID_OUTPUT (too large, too many redirects)
 */
export async function guardedFetch(address: string, options: GuardedFetchOptions): Promise<FetchedBody> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  try {
    let url = new URL(address);
    for (let redirects = 0; ; redirects += 1) {
      const fetched = await get(url, options, signal);
      const location =
        fetched.status >= 300 && fetched.status < 400 && fetched.status !== 304 && fetched.headers.location;
      if (!location) return fetched;
      if (redirects === options.maxRedirects)
        throw new ToolFailed('INVALID_OUTPUT', `more than ${redirects} redirects`);
      url = new URL(location, url);
    }
  } catch (error) {
    if (options.signal?.aborted) throw new ToolFailed('ABORTED', 'aborted by the caller');
    if (timeout.aborted)
      throw new ToolFailed('TIMEOUT', `${address}: no complete answer within ${options.timeoutMs} ms`);
    if (error instanceof ToolFailed) throw error;
    throw new ToolFailed('UNAVAILABLE', `${address}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function get(url: URL, options: GuardedFetchOptions, signal: AbortSignal): Promise<FetchedBody> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new ToolFailed('NOT_ALLOWED', `${url.protocol} is not fetched`);
  }
  if (url.username || url.password) throw new ToolFailed('NOT_ALLOWED', 'addresses with credentials are not fetched');
  const { address, family } = await checkedAddress(url, options.allowAddress ?? isPublic, signal);
  // Node asks for one address or for all, depending on its settings.
  const lookup: LookupFunction = (_name, { all }, found) =>
    all ? found(null, [{ address, family }]) : found(null, address, family);
  const headers = { 'user-agent': 'chimera/1', 'accept-encoding': 'gzip, deflate', ...options.headers };
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const client = url.protocol === 'https:' ? https : http;
    client.get(url, { lookup, headers, signal, agent: false }, resolve).on('error', reject);
  });
  const { statusCode: status = 0 } = response;
  if (status < 200 || status >= 300) {
    response.destroy();
    return { status, headers: response.headers, body: Buffer.alloc(0), url: url.href };
  }
  return { status, headers: response.headers, body: await readLimited(response, options.maxBytes), url: url.href };
}

async function checkedAddress(
  url: URL,
  isAllowed: (address: string) => boolean,
  signal: AbortSignal,
): Promise<{ address: string; family: number }> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => undefined);
  const answers = await Promise.race([resolveName(host, { all: true }), aborted]);
  const forbidden = answers.find(({ address }) => !isAllowed(address));
  if (forbidden) throw new ToolFailed('NOT_ALLOWED', `${host} is not a public address (${forbidden.address})`);
  const [first] = answers;
  if (!first) throw new ToolFailed('UNAVAILABLE', `${host} has no address`);
  return first;
}

/** For tests, local sandboxes and our own media store. */
export const anyAddress = (): boolean => true;

/** True for addresses of the open internet: not loopback, private, link-local (clouds' metadata), ULA, multicast … */
export function isPublic(address: string): boolean {
  // `process` unwraps IPv4 in IPv6 (::ffff:10.0.0.1); NAT64 and 6to4 wrappers are ranges of their own and refused.
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';
}

async function readLimited(response: http.IncomingMessage, maxBytes: number): Promise<Buffer> {
  const encoding = response.headers['content-encoding'];
  const decoder = encoding === 'gzip' ? zlib.createGunzip() : encoding === 'deflate' ? zlib.createInflate() : null;
  // A broken connection must end the decoder too, or the loop below would wait for ever.
  if (decoder) response.on('error', (error) => decoder.destroy(error)).pipe(decoder);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of (decoder ?? response) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw new ToolFailed('INVALID_OUTPUT', `larger than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } finally {
    response.destroy();
  }
  return Buffer.concat(chunks);
}
