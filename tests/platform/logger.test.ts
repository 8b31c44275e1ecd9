import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';

it('a process whose log nobody reads any more still ends', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'tests/platform/fixtures/log-until-ended.ts'], {
    stdio: 'pipe',
  });
  try {
    await once(child.stdout, 'data');
    child.stderr.destroy();
    const ended = once(child, 'exit', { signal: AbortSignal.timeout(15_000) });
    child.stdin.end();
    expect(await ended).toEqual([3, null]);
  } finally {
    child.kill('SIGKILL');
  }
});
