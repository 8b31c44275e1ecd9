import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createCluster, POSTGRES_ENVIRONMENT } from './cluster-directory.ts';
import { findFreePort } from './free-port.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';
import { belongsTo, isAlive, stopProcess } from './process-identity.ts';
import type { EmbeddedService } from './service-process.ts';
import { endWithParent, startServiceProcess } from './service-process.ts';
import { retryOnTakenPort } from './taken-port.ts';
import { chooseUser } from './unprivileged.ts';

export interface EmbeddedPostgresOptions {
  /** The cluster's directory; created on the first start. Whoever starts it must own it (see claimHome). */
  dir: string;
  /** A free one when absent. */
  port?: number;
  /** The superuser's password, fixed when the cluster is created. */
  password: string;
  /** postgresql.conf settings by name. */
  settings?: Record<string, string>;
  onUnexpectedExit?: (error: Error) => void;
}

/**
 * Starts PostgreSQL on 127.0.0.1; `url` is the superuser's. A server that an earlier, killed run left on the same
 * directory is stopped first. When this process dies the server shuts down too; after kill -9 of the server the next
 * start recovers from its log.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedService> {
  const dir = path.resolve(options.dir);
  const native = findPostgresBinaries();
  mkdirSync(path.dirname(dir), { recursive: true });
  await stopOrphanPostgres(dir);
  const runAs = chooseUser(native, dir);
  createCluster(native, dir, options.password, runAs);

  return retryOnTakenPort(options.port, async () => {
    const port = options.port ?? (await findFreePort());
    const server = [
      path.join(native, 'bin', 'postgres'),
      '-D',
      dir,
      '-p',
      String(port),
      ...settingFlags(options.settings),
    ];
    const { pid, stop } = await startServiceProcess({
      name: 'PostgreSQL',
      command: runAs.wrap(endWithParent(server, 'SIGINT')),
      readyPattern: /ready to accept connections/,
      stopSignal: 'SIGINT', // a fast shutdown; SIGTERM would wait for every client to leave
      uid: runAs.uid,
      gid: runAs.gid,
      environment: POSTGRES_ENVIRONMENT,
      onUnexpectedExit: options.onUnexpectedExit,
    });
    const url = `postgresql://postgres:${encodeURIComponent(options.password)}@127.0.0.1:${port}/postgres`;
    return { url, port, pid, stop };
  });
}

async function stopOrphanPostgres(dir: string): Promise<void> {
  const pidFile = path.join(dir, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (isAlive(pid) && belongsTo(pid, dir)) await stopProcess(pid, 'SIGINT');
}

function settingFlags(settings: Record<string, string> = {}): string[] {
  const all = {
    unix_socket_directories: '',
    listen_addresses: '127.0.0.1',
    max_connections: '100',
    autovacuum_naptime: '5s', // statistics soon after the first rows
    ...settings,
  };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
