import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findFreePort } from './free-port.ts';
import { belongsTo, isAlive, stopProcess } from './process-identity.ts';
import type { EmbeddedService } from './service-process.ts';
import { endWithParent, startServiceProcess } from './service-process.ts';
import { retryOnTakenPort } from './taken-port.ts';

export interface EmbeddedRedisOptions {
  /** Where the append-only file lives; created on the first start. Whoever starts it must own it (see claimHome). */
  dir: string;
  /** A free one when absent. */
  port?: number;
  /** Asked of every client; none when absent. */
  password?: string;
  /** More of Redis's settings, by name. */
  settings?: Record<string, string>;
  onUnexpectedExit?: (error: Error) => void;
}

interface Running {
  pid: number;
  port: number;
}

/**
 * Starts Redis (or Valkey) on 127.0.0.1 with an append-only file synced every second and no eviction. A server that an
 * earlier, killed run left on the same directory is stopped first. When this process dies the server shuts down too.
 */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedService> {
  const dir = path.resolve(options.dir);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const pidFile = path.join(dir, 'redis.pid.json');
  await stopOrphanRedis(pidFile, dir);
  const program = findRedisServer(dir);
  const configFile = writeConfig(dir, options.password);

  return retryOnTakenPort(options.port, async () => {
    const port = options.port ?? (await findFreePort());
    const server = await startServiceProcess({
      name: 'Redis',
      command: endWithParent([program, configFile, ...redisFlags(dir, port, options.settings)], 'SIGTERM'),
      readyPattern: /ready to accept connections/i,
      stopSignal: 'SIGTERM',
      onUnexpectedExit: options.onUnexpectedExit,
    });
    writeFileSync(pidFile, JSON.stringify({ pid: server.pid, port } satisfies Running));
    const stop = () => server.stop().then(() => rmSync(pidFile, { force: true }));
    const login = options.password === undefined ? '' : `:${encodeURIComponent(options.password)}@`;
    return { url: `redis://${login}127.0.0.1:${port}`, port, pid: server.pid, stop };
  });
}

/** The password goes through a file of ours alone: everybody sees the command line. */
function writeConfig(dir: string, password: string | undefined): string {
  const file = path.join(dir, 'redis.conf');
  writeFileSync(file, password === undefined ? '' : `requirepass "${password}"\n`, { mode: 0o600 });
  return file;
}

function redisFlags(dir: string, port: number, settings: Record<string, string> = {}): string[] {
  const persistence = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec'];
  const network = ['--port', String(port), '--bind', '127.0.0.1'];
  return [
    ...network,
    '--dir',
    dir,
    ...persistence,
    '--maxmemory-policy',
    'noeviction',
    '--daemonize',
    'no',
    '--logfile',
    '',
    ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
  ];
}

/** Redis rewrites its command line to `redis-server 127.0.0.1:<port>`, so the port is a mark of ours besides the directory. */
async function stopOrphanRedis(pidFile: string, dir: string): Promise<void> {
  if (!existsSync(pidFile)) return;
  const { pid, port } = parseRunning(readFileSync(pidFile, 'utf8'));
  if (isAlive(pid) && belongsTo(pid, dir, [dir, `127.0.0.1:${port}`])) await stopProcess(pid, 'SIGTERM');
  rmSync(pidFile, { force: true });
}

function parseRunning(text: string): Running {
  try {
    const { pid, port } = JSON.parse(text) as Partial<Running>;
    return { pid: Number(pid) || 0, port: Number(port) || 0 };
  } catch {
    return { pid: 0, port: 0 }; // we died while writing it
  }
}

/** Debian's package `redis-tools` holds the server under the name of its checker: the name it is called by decides. */
function findRedisServer(dir: string): string {
  const server = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0);
  if (server !== undefined) return server;
  const checker = spawnSync('sh', ['-c', 'command -v redis-check-rdb'], { encoding: 'utf8' }).stdout.trim();
  if (checker === '') throw new Error('no redis-server or valkey-server on the PATH: install one, or set REDIS_URL');
  const link = path.join(dir, 'redis-server');
  rmSync(link, { force: true });
  symlinkSync(checker, link);
  return link;
}
