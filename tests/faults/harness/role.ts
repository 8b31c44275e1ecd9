import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { endWithParent } from '../../../platform/embedded/service-process.ts';
import type { KillPoint, RoleName, ServiceName } from './kill-points.ts';
import { isAt } from './kill-points.ts';
import type { WireProxy } from './wire-proxy.ts';
import { startWireProxy } from './wire-proxy.ts';

const READY_WITHIN_MS = 150_000;

export interface RoleOptions {
  role: RoleName;
  /** Tells two processes of one role apart, in the name of the log. */
  label: string;
  /** Ports of the real services. */
  services: Record<ServiceName, number>;
  /** The environment of the process, given the ports of its own proxies. */
  environment(ports: Record<ServiceName, number>): Record<string, string>;
  logDirectory: string;
}

/** One role of the product in an operating system process of its own, behind proxies of its own. */
export interface Role {
  role: RoleName;
  label: string;
  proxies: Record<ServiceName, WireProxy>;
  running(): boolean;
  /** Errors and worse that it has logged. */
  errors(): string[];
  /** Starts the process and resolves when it says that it is ready. */
  start(): Promise<void>;
  /** kill -9 of the whole process group; returns at once, the process is dead to the world. */
  killNow(): void;
  /** Kills and resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and its exit code. */
  stop(): Promise<number | null>;
  /** Kills the process when it reaches the point; resolves when it did. Disarmed by `disarm`. */
  killAt(point: KillPoint): Promise<void>;
  disarm(): void;
  close(): Promise<void>;
}

export async function createRole(options: RoleOptions): Promise<Role> {
  const { role, label } = options;
  const proxies: Record<ServiceName, WireProxy> = {
    postgres: await startWireProxy(options.services.postgres, 'postgres'),
    redis: await startWireProxy(options.services.redis, 'chunks'),
    model: await startWireProxy(options.services.model, 'chunks'),
    sandbox: await startWireProxy(options.services.sandbox, 'chunks'),
  };
  const ports = Object.fromEntries(Object.entries(proxies).map(([name, proxy]) => [name, proxy.port])) as Record<
    ServiceName,
    number
  >;
  const logFile = path.join(options.logDirectory, `${label}.log`);
  const errors: string[] = [];
  let child: ChildProcess | null = null;
  let gone: Promise<number | null> = Promise.resolve(null);

  async function start(): Promise<void> {
    const [program = '', ...args] = endWithParent(
      [process.execPath, '--import', 'tsx', 'clients/cli/main.ts', role],
      'SIGTERM',
    );
    const started = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true, // a process group of its own, which is killed as a whole
      env: { PATH: process.env.PATH, ...options.environment(ports) },
    });
    child = started;
    gone = new Promise((resolve) => started.once('exit', resolve));
    void gone.then(() => {
      if (child === started) child = null;
    });
    const log = createWriteStream(logFile, { flags: 'a' });
    started.stderr?.pipe(log);
    let tail = '';
    let recent = '';
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${label} was not ready after ${READY_WITHIN_MS} ms\n${recent}`)),
        READY_WITHIN_MS,
      );
      void gone.then((code) => reject(new Error(`${label} ended with ${code} while starting\n${recent}`)));
      started.stderr?.on('data', (chunk: Buffer) => {
        for (const line of `${tail}${chunk}`.split('\n')) {
          if (/"level":(50|60|"error"|"fatal")/.test(line) && errors.length < 1_000) errors.push(line.slice(0, 2_000));
          if (line.includes('"msg":"ready"')) {
            clearTimeout(timer);
            resolve();
          }
        }
        recent = `${recent}${chunk}`.slice(-4_000);
        tail = `${tail}${chunk}`.split('\n').at(-1) ?? '';
      });
    });
  }

  function killNow(): void {
    if (!child?.pid) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  let disarm = () => {};
  async function kill(): Promise<void> {
    killNow();
    await gone;
  }

  return {
    role,
    label,
    proxies,
    running: () => child !== null,
    errors: () => errors,
    start,
    killNow,
    kill,
    async stop() {
      child?.kill('SIGTERM');
      return gone;
    },
    killAt(point) {
      disarm();
      return new Promise((resolve) => {
        disarm = proxies[point.service].watch((asked, moment) => {
          if (!isAt(point, asked, moment)) return 'pass';
          killNow();
          disarm();
          void gone.then(() => resolve());
          return 'stop';
        });
      });
    },
    disarm: () => disarm(),
    async close() {
      disarm();
      await kill();
      await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
    },
  };
}
