import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findFreePort } from '../../../platform/embedded/free-port.ts';
import { waitFor } from '../../support/wait-for.ts';

export interface Chimera {
  home: string;
  child: ChildProcess;
  /** Everything it printed so far, both streams. */
  output(): string;
  exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}
export type Endpoints = Record<'gateway' | 'graphql' | 'sandbox' | 'postgres' | 'redis', string>;

export const newHome = (): string => mkdtempSync(path.join(os.tmpdir(), 'chimera-start-'));

/** `node scripts/start.mjs` as the leader of a process group of its own, on a free port. */
export async function runChimera(
  options: { home?: string; args?: string[]; env?: Record<string, string> } = {},
): Promise<Chimera> {
  const home = options.home ?? newHome();
  const child = spawn(process.execPath, ['scripts/start.mjs', ...(options.args ?? [])], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      CHIMERA_HOME: home,
      PORT: String(await findFreePort()),
      NO_COLOR: '1',
      LEASE_SECONDS: '2',
      RECONCILE_SECONDS: '1',
      MENTIONS_POLL_SECONDS: '1',
      ...options.env,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exit = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  return { home, child, output: () => output, exit };
}

/** Waits until it says that it is ready. */
export async function endpointsOf(chimera: Chimera): Promise<Endpoints> {
  const file = path.join(chimera.home, 'endpoints.json');
  await waitFor(() => existsSync(file) || chimera.child.exitCode !== null, {
    timeoutMs: 60_000,
    message: 'endpoints.json',
  });
  if (!existsSync(file)) throw new Error(`it ended with ${chimera.child.exitCode}: ${chimera.output()}`);
  return JSON.parse(readFileSync(file, 'utf8')) as Endpoints;
}

export const tokensOf = ({ home }: Chimera): Record<string, string> =>
  JSON.parse(readFileSync(path.join(home, 'tokens.json'), 'utf8')) as Record<string, string>;

export async function graphql(endpoints: Endpoints, token: string, query: string) {
  const response = await fetch(endpoints.graphql, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    signal: AbortSignal.timeout(15_000),
  });
  return (await response.json()) as {
    data?: Record<string, unknown>;
    errors?: { message: string; extensions?: { code?: string } }[];
  };
}

export async function sandboxPosts(endpoints: Endpoints) {
  const response = await fetch(`${endpoints.sandbox}/posts`);
  return (await response.json()) as {
    text: string;
    idempotencyKey: string;
    inReplyTo: string | null;
    account: string;
  }[];
}

/** The embedded services of `home`, by process id. */
export const servicePids = (home: string): Record<'postgres' | 'redis', number> => ({
  postgres: Number(readFileSync(path.join(home, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]),
  redis: (JSON.parse(readFileSync(path.join(home, 'redis', 'redis.pid.json'), 'utf8')) as { pid: number }).pid,
});

/** Processes that work in `home`, or whose command line or environment names it: what a stop must not leave behind. */
export function processesOf(home: string): number[] {
  const ofProcess = (read: () => string) => {
    try {
      return read().includes(home);
    } catch {
      return false; // ended meanwhile
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter(
      (pid) =>
        ofProcess(() => readlinkSync(`/proc/${pid}/cwd`)) ||
        ['cmdline', 'environ'].some((file) => ofProcess(() => readFileSync(`/proc/${pid}/${file}`, 'utf8'))),
    )
    .map(Number);
}

/** Ends what is left of it, however it stands, and removes its home. */
export async function cleanUp(chimera: Chimera): Promise<void> {
  if (chimera.child.exitCode === null && chimera.child.signalCode === null) {
    chimera.child.kill('SIGTERM');
    const late = setTimeout(() => process.kill(-(chimera.child.pid as number), 'SIGKILL'), 12_000);
    await chimera.exit;
    clearTimeout(late);
  }
  for (const pid of processesOf(chimera.home)) process.kill(pid, 'SIGKILL');
  rmSync(chimera.home, { recursive: true, force: true, maxRetries: 5 });
}
