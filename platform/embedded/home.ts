import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAlive, startTimeOf } from './process-identity.ts';

interface Supervisor {
  pid: number;
  /** Tells our process from a later one with the same pid. */
  startTime: string;
}

/** Another living process uses the directory. */
export class HomeInUseError extends Error {
  readonly pid: number;

  constructor(home: string, pid: number) {
    super(`another instance (pid ${pid}) already uses ${home}: stop it, or set CHIMERA_HOME to another directory`);
    this.name = 'HomeInUseError';
    this.pid = pid;
  }
}

/**
 * Makes this process the only one that runs embedded services in `home`, until `release()`. A claim whose process is
 * gone is taken over, so dying without a release is harmless. Throws HomeInUseError.
 */
export function claimHome(home: string): { release(): void } {
  mkdirSync(home, { recursive: true });
  const file = path.join(home, 'supervisor.json');
  const claim = JSON.stringify({ pid: process.pid, startTime: startTimeOf(process.pid) } satisfies Supervisor);
  while (!createWhole(file, claim)) removeDeadClaim(home, file);
  return {
    release: () => {
      if (readIfThere(file) === claim) rmSync(file, { force: true });
    },
  };
}

/** The secret `name` of this installation: 32 random bytes in hexadecimal, made on the first call, readable by its owner only. */
export function readOrCreateSecret(home: string, name: string): string {
  mkdirSync(home, { recursive: true });
  const file = path.join(home, name);
  createWhole(file, randomBytes(32).toString('hex'));
  return readFileSync(file, 'utf8');
}

/** Creates `file` with mode 600 and its whole content at once. Returns false when it exists. */
function createWhole(file: string, content: string): boolean {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, content, { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Moved aside and looked at again, so that of two processes that see the same dead claim only one removes it. */
function removeDeadClaim(home: string, file: string): void {
  const claim = readIfThere(file);
  if (claim === null) return;
  refuseIfAlive(home, claim);
  const aside = `${file}.${process.pid}.dead`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = readFileSync(aside, 'utf8');
  if (moved !== claim) createWhole(file, moved); // somebody claimed in between: give it back
  rmSync(aside, { force: true });
}

function refuseIfAlive(home: string, claim: string): void {
  const { pid, startTime } = parseSupervisor(claim);
  if (pid !== process.pid && isAlive(pid) && startTimeOf(pid) === startTime) throw new HomeInUseError(home, pid);
}

function parseSupervisor(text: string): Supervisor {
  try {
    const { pid, startTime } = JSON.parse(text) as Partial<Supervisor>;
    return { pid: Number(pid) || 0, startTime: String(startTime) };
  } catch {
    return { pid: 0, startTime: '' };
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
