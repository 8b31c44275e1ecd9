import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_INTERVAL_MS = 25;

/** Whether the process still runs. A zombie (dead, not yet reaped) counts as dead. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return readProc(pid, 'stat').split(') ').at(-1)?.charAt(0) !== 'Z';
}

/** A text that differs between two processes which were given the same pid one after the other; '' when there is none. */
export function startTimeOf(pid: number): string {
  const START_TIME_FIELD = 19; // field 22 of /proc/<pid>/stat, counted from the one after the command's closing bracket
  const fields = readProc(pid, 'stat').split(') ').at(-1)?.split(' ');
  return fields?.[START_TIME_FIELD] ?? askPs(pid, 'lstart=');
}

/** Whether the process names one of `marks` on its command line, or works in the directory `dir`. */
export function belongsTo(pid: number, dir: string, marks: string[] = [dir]): boolean {
  const commandLine = readProc(pid, 'cmdline') || askPs(pid, 'command=');
  return marks.some((mark) => commandLine.includes(mark)) || workingDirectoryOf(pid) === dir;
}

/** Sends `signal`, waits until the process is gone, and kills it after `timeoutMs`. A process already gone is fine. */
export async function stopProcess(pid: number, signal: NodeJS.Signals, timeoutMs = 20_000): Promise<void> {
  send(pid, signal);
  const deadline = Date.now() + timeoutMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) send(pid, 'SIGKILL');
    await delay(POLL_INTERVAL_MS);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

function workingDirectoryOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null; // gone, another user's, or a system without /proc
  }
}

function askPs(pid: number, column: string): string {
  if (existsSync('/proc/self/stat')) return '';
  return spawnSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ?? '';
}
