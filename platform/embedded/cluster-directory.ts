import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RunAs } from './unprivileged.ts';

/** What every embedded cluster is made of: passwords for everybody, UTF-8, an order of characters that no system library changes. */
const CLUSTER_FORMAT = ['-U', 'postgres', '-A', 'scram-sha-256', '-E', 'UTF8', '--locale-provider=builtin'];

export const POSTGRES_ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', TZ: 'UTC', LC_ALL: 'C' };

/** Whether `dir` holds a finished cluster. */
export function isClusterDirectory(dir: string): boolean {
  return existsSync(path.join(dir, 'PG_VERSION'));
}

/** Creates the cluster `dir` unless it exists. Dying in the middle leaves only `<dir>.new`, which the next start removes. */
export function createCluster(native: string, dir: string, password: string, runAs: RunAs): void {
  if (isClusterDirectory(dir)) return;
  const draft = `${dir}.new`;
  const passwordFile = `${dir}.password.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  runAs.own(draft);
  try {
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    runAs.own(passwordFile);
    runInitdb(native, draft, passwordFile, runAs);
    renameSync(draft, dir);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function runInitdb(native: string, dir: string, passwordFile: string, runAs: RunAs): void {
  const initdb = [path.join(native, 'bin', 'initdb'), '-D', dir, `--pwfile=${passwordFile}`, ...CLUSTER_FORMAT];
  const [program = '', ...args] = runAs.wrap([...initdb, '--locale=C.UTF-8', '--no-sync']);
  const options = { uid: runAs.uid, gid: runAs.gid, cwd: '/', env: POSTGRES_ENVIRONMENT, encoding: 'utf8' } as const;
  const result = spawnSync(program, args, options);
  if (result.status !== 0) throw new Error(`initdb failed: ${result.error?.message ?? result.stderr}`);
}
