import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { findFreePort } from '../../../platform/embedded/free-port.ts';
import { cleanUp, newHome, processesOf, runChimera } from './chimera.ts';

/** Runs it to its end; nothing of it may be left. */
async function refused(options: Parameters<typeof runChimera>[0]) {
  const chimera = await runChimera(options);
  try {
    const { code } = await chimera.exit;
    return { code, output: chimera.output(), left: processesOf(chimera.home) };
  } finally {
    await cleanUp(chimera);
  }
}

function soulFile(text: string): string {
  const directory = newHome();
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = path.join(directory, 'SOUL.md');
  writeFileSync(file, text);
  return file;
}

const CASES: [string, () => Promise<Parameters<typeof runChimera>[0]>, RegExp[]][] = [
  [
    'every broken variable at once',
    async () => ({ env: { PORT: 'abc', DATABASE_URL: 'foo', WORKER_CONCURRENCY: '0' } }),
    [/PORT: should be a port number/, /DATABASE_URL: should be a URL/, /WORKER_CONCURRENCY: should be at least 1/],
  ],
  ['empty goals', async () => ({ args: ['--goals', ''] }), [/--goals must not be empty/]],
  ['a persona without goals', async () => ({ args: ['--soul', soulFile('x')] }), [/--soul needs --goals/]],
  [
    'a malformed SOUL.md, with line and field',
    async () => ({
      args: ['--goals', 'Publish 2 posts', '--soul', soulFile('---\nname: Ada\nvoice_traits: 5\n---\n')],
    }),
    [/SOUL\.md is not a usable SOUL\.md/, /line \d+, voice_traits: /],
  ],
  [
    'a persona that is not there',
    async () => ({ args: ['--goals', 'Publish 2 posts', '--soul', '/nowhere/SOUL.md'] }),
    [/\/nowhere\/SOUL\.md cannot be read: there is no such file/],
  ],
  [
    'an unreadable feed',
    async () => ({ args: ['--feeds', '/nowhere/news.xml'] }),
    [/\/nowhere\/news\.xml cannot be read/],
  ],
  [
    'unreadable mentions',
    async () => ({ args: ['--mentions', '/nowhere/mentions.txt'] }),
    [/\/nowhere\/mentions\.txt cannot be read/],
  ],
  [
    'a database that nobody answers for',
    async () => ({ env: { DATABASE_URL: `postgresql://chimera:secret@127.0.0.1:${await findFreePort()}/chimera` } }),
    [/A data service cannot be reached at 127\.0\.0\.1:\d+: nothing answers there/, /DATABASE_URL/],
  ],
  [
    'a Redis that nobody answers for',
    async () => ({
      env: { DATABASE_URL: inject('postgresAdminUrl'), REDIS_URL: `redis://127.0.0.1:${await findFreePort()}` },
    }),
    [/A data service cannot be reached/, /REDIS_URL/],
  ],
];

describe('npm start refuses, with exit code 1, what was wrong in words, and nothing left running:', () => {
  it.each(CASES)(
    '%s',
    async (_name, options, messages) => {
      const { code, output, left } = await refused(await options());
      expect(code).toBe(1);
      for (const message of messages) expect(output).toMatch(message);
      expect(output).not.toMatch(/\n\s+at |secret/);
      expect(left).toEqual([]);
    },
    40_000,
  );

  it('a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    try {
      const { code, output, left } = await refused({ env: { PORT: String(port) } });
      expect({ code, left }).toEqual({ code: 1, left: [] });
      expect(output).toMatch(new RegExp(`${port}.*(in use|taken)`, 'i'));
    } finally {
      other.close();
    }
  }, 60_000);
});
