import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../../mcp/sandbox/sandbox.ts';

export interface TestSandbox {
  url: string;
  dataDir: string;
  fault(fault: Record<string, unknown>): Promise<void>;
  clearFaults(): Promise<void>;
  mention(account: string, author: string, text: string): Promise<string>;
  posts(): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/** The simulated outside of one test file, in this process, over real HTTP on a free port. */
export async function startTestSandbox(): Promise<TestSandbox> {
  const dataDir = mkdtempSync(join(tmpdir(), 'chimera-sandbox-'));
  const sandbox = await startSandbox({ host: '127.0.0.1', port: 0, dataDir, seed: 7 });
  const control = async (path: string, method: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${sandbox.url}${path}`, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  return {
    url: sandbox.url,
    dataDir,
    fault: async (fault) => void (await control('/control/faults', 'POST', fault)),
    clearFaults: async () => void (await control('/control/faults', 'DELETE')),
    async mention(account, author, text) {
      const [mention] = (await control('/control/mentions', 'POST', [{ account, author, text }])) as { id: string }[];
      return mention?.id ?? '';
    },
    posts: async () => (await control('/posts', 'GET')) as Record<string, unknown>[],
    async stop() {
      await sandbox.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
