import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { stopProcess } from './process-identity.ts';

const KEPT_LOG_CHARACTERS = 20_000;

/** A server we started. `port` and `pid` are its own; `stop()` may be called any number of times. */
export interface EmbeddedService {
  url: string;
  port: number;
  pid: number;
  /** Shuts the server down in order and resolves when it is gone. */
  stop(): Promise<void>;
}

/** What to run. The command runs in its own process group, so that Ctrl-C in a terminal reaches only us. */
export interface ServiceCommand {
  name: string;
  command: string[];
  readyPattern: RegExp;
  stopSignal: 'SIGINT' | 'SIGTERM';
  uid?: number;
  gid?: number;
  environment?: Record<string, string>;
  startTimeoutMs?: number;
  /** Called once when the server ends without `stop()`. */
  onUnexpectedExit?: (error: Error) => void;
}

/** The server ended, or did not become ready in time; `log` is the end of what it wrote. */
export class ServiceStartError extends Error {
  readonly log: string;

  constructor(message: string, log: string) {
    super(log === '' ? message : `${message}\n${log}`);
    this.name = 'ServiceStartError';
    this.log = log;
  }
}

/** Wraps a command so that the kernel sends it `signal` when this process dies, also by kill -9 (Linux with setpriv). */
export function endWithParent(command: string[], signal: 'SIGINT' | 'SIGTERM'): string[] {
  return hasSetpriv() ? ['setpriv', '--pdeathsig', signal.slice('SIG'.length), '--', ...command] : command;
}

/** Starts the server and resolves when its output says it is ready. Rejects with ServiceStartError; nothing is left behind. */
export async function startServiceProcess(service: ServiceCommand): Promise<{ pid: number; stop(): Promise<void> }> {
  const [program = '', ...args] = service.command;
  const child = spawn(program, args, {
    uid: service.uid,
    gid: service.gid,
    cwd: '/',
    env: service.environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pid = await waitUntilReady(child, service);
  return supervise(child, pid, service);
}

function waitUntilReady(child: ChildProcess, service: ServiceCommand): Promise<number> {
  const { name, readyPattern, startTimeoutMs = 60_000 } = service;
  return new Promise((resolve, reject) => {
    let log = '';
    const fail = (message: string) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new ServiceStartError(message, log));
    };
    const timer = setTimeout(() => fail(`${name} was not ready after ${startTimeoutMs} ms`), startTimeoutMs);
    const read = (chunk: Buffer) => {
      log = (log + chunk).slice(-KEPT_LOG_CHARACTERS);
      if (!readyPattern.test(log)) return;
      clearTimeout(timer);
      resolve(child.pid as number);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', (error) => fail(`${name} cannot be run: ${error.message}`));
    child.once('exit', (code, signal) => fail(`${name} ended with ${signal ?? code} while starting`));
  });
}

function supervise(child: ChildProcess, pid: number, service: ServiceCommand): { pid: number; stop(): Promise<void> } {
  // Without setpriv the kernel does not end the server with us: at least an ordinary exit does.
  const endWithUs = () => child.kill(service.stopSignal);
  process.once('exit', endWithUs);
  let stopped: Promise<void> | null = null;
  child.once('exit', (code, signal) => {
    process.off('exit', endWithUs);
    if (stopped === null) service.onUnexpectedExit?.(new Error(`${service.name} ended with ${signal ?? code}`));
  });
  const stop = () => {
    stopped ??= stopProcess(pid, service.stopSignal);
    return stopped;
  };
  return { pid, stop };
}

function hasSetpriv(): boolean {
  return spawnSync('setpriv', ['--pdeathsig', 'TERM', '--', 'true']).status === 0;
}
