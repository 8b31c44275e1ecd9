import { spawnSync } from 'node:child_process';
import { chownSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { isClusterDirectory } from './cluster-directory.ts';

const NAMESPACE = ['unshare', '--user', '--map-user=65534', '--map-group=65534'];

/** How PostgreSQL is run here: it refuses uid 0. `own` hands a path to whoever runs it; `wrap` goes around each command. */
export interface RunAs {
  uid?: number;
  gid?: number;
  own(file: string): void;
  wrap(command: string[]): string[];
}

interface Account {
  uid: number;
  gid: number;
}

const asOurselves: RunAs = { own: () => {}, wrap: (command) => command };

/**
 * Chooses who runs PostgreSQL: we ourselves unless we are root; an existing cluster's owner; else the first that can
 * reach the binaries and the directory of `postgres`, `nobody`, a user namespace, and `nobody` allowed to pass
 * private directories. Throws when none can.
 */
export function chooseUser(native: string, dir: string): RunAs {
  if (process.getuid?.() !== 0) return asOurselves;
  const candidates = isClusterDirectory(dir) ? candidatesFor(statSync(dir)) : candidatesForNew();
  const chosen = candidates.find((candidate) => canRun(candidate, native, path.dirname(dir)));
  if (chosen !== undefined) return chosen;
  throw new Error(
    `PostgreSQL cannot run as root, and no unprivileged user reaches ${native} and ${dir}: ` +
      'move the project out of a private directory, run it as a normal user, or set DATABASE_URL',
  );
}

/** A cluster can only be run by its owner. */
function candidatesFor(owner: Account): RunAs[] {
  return owner.uid === 0 ? [inNamespace()] : [asAccount(owner), asAccountThatPasses(owner)];
}

function candidatesForNew(): RunAs[] {
  const accounts = ['postgres', 'nobody'].map(findAccount).filter((account) => account !== null);
  return [...accounts.map(asAccount), inNamespace(), ...accounts.map(asAccountThatPasses)];
}

function asAccount({ uid, gid }: Account): RunAs {
  return { uid, gid, own: (file) => chownSync(file, uid, gid), wrap: (command) => command };
}

/** Files keep root as their owner; inside, root is called nobody. */
function inNamespace(): RunAs {
  return { own: () => {}, wrap: (command) => [...NAMESPACE, ...command] };
}

/** The account with the one capability it takes to use a checkout below a private directory such as /root. */
function asAccountThatPasses({ uid, gid }: Account): RunAs {
  const identity = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  const capability = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  return {
    own: (file) => chownSync(file, uid, gid),
    wrap: (command) => ['setpriv', ...identity, ...capability, '--', ...command],
  };
}

function canRun({ uid, gid, wrap }: RunAs, native: string, parentDir: string): boolean {
  const succeeds = (...command: string[]) => {
    const [program = '', ...args] = wrap(command);
    return spawnSync(program, args, { uid, gid, cwd: '/' }).status === 0;
  };
  const postgres = path.join(native, 'bin', 'postgres');
  return succeeds(postgres, '--version') && succeeds('/bin/sh', '-c', 'cd "$1"', 'sh', parentDir);
}

/** initdb refuses a uid that has no account. */
function findAccount(name: string): Account | null {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  const fields = lines.map((line) => line.split(':')).find(([account]) => account === name);
  return fields === undefined ? null : { uid: Number(fields[2]), gid: Number(fields[3]) };
}
