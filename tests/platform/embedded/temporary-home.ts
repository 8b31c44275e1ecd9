import { chmodSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** A directory that PostgreSQL's user may pass through; removed after the test. */
export function temporaryHome(): string {
  const home = mkdtempSync(path.join(os.tmpdir(), 'chimera-home-'));
  chmodSync(home, 0o755);
  onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 }));
  return home;
}
