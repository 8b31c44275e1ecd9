import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { ROOT } from './prepare.mjs';

const SAME_SIGNAL_MS = 1_000;

/**
 * Runs Node with `args` in the foreground and ends this process with its exit code. SIGINT and SIGTERM are passed on;
 * the same signal again within a second is not, because npm and the terminal both send us Ctrl-C.
 */
export function runChild(args) {
  const [command, ...rest] = endWithUs([process.execPath, ...args]);
  const child = spawn(command, rest, { cwd: ROOT, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, forwardOnce(child, signal));
  child.once('error', (error) => {
    console.error(error.message);
    process.exit(1);
  });
  child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function forwardOnce(child, signal) {
  let lastAt = -SAME_SIGNAL_MS;
  return () => {
    const now = performance.now();
    if (now - lastAt >= SAME_SIGNAL_MS) child.kill(signal);
    lastAt = now;
  };
}

/** With setpriv the kernel asks the child to stop when we are killed. */
function endWithUs(command) {
  const guarded = ['setpriv', '--pdeathsig', 'TERM', '--'];
  return spawnSync('setpriv', [...guarded.slice(1), 'true']).status === 0 ? [...guarded, ...command] : command;
}
