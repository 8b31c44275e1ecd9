import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { BenchOptions } from './options.ts';
import type { Figure, Section } from './report.ts';
import type { BenchServices } from './services.ts';
import { median } from './statistics.ts';
import { waitUntil } from './wait-until.ts';

/** Addresses and keys of the caller's own services must not reach the start that is measured. */
function environmentOf(home: string): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'USER', 'LANG', 'TMPDIR', 'npm_config_registry', 'npm_config_cache'];
  const own = Object.entries(process.env).filter(([name]) => kept.includes(name));
  return { ...Object.fromEntries(own), CHIMERA_HOME: home, PORT: '0' };
}

/** Seconds from spawn until endpoints.json is written: from then on every request is answered. */
async function startOnce(directory: string, home: string): Promise<number> {
  const endpoints = path.join(home, 'endpoints.json');
  rmSync(endpoints, { force: true });
  const startedAt = performance.now();
  const child = spawn('npm', ['start', '--silent', '--', '--no-demo', '--quiet'], {
    cwd: directory,
    env: environmentOf(home),
    stdio: 'ignore',
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    await waitUntil(() => existsSync(endpoints) || child.exitCode !== null, 'a ready platform');
    if (!existsSync(endpoints)) throw new Error(`npm start ended with ${child.exitCode}`);
    return (performance.now() - startedAt) / 1000;
  } finally {
    child.kill('SIGINT');
    await ended;
  }
}

async function startOfClone(temporary: string): Promise<Figure> {
  const clone = path.join(temporary, 'clone');
  const startedAt = performance.now();
  const { status } = spawnSync('git', ['clone', '--quiet', '.', clone]);
  if (status !== 0) throw new Error('git clone failed');
  const cloned = (performance.now() - startedAt) / 1000;
  const seconds = cloned + (await startOnce(clone, path.join(temporary, 'clone-home')));
  return { name: 'fresh clone, npm ci included', unit: 's', ours: seconds, bound: null };
}

/** From `npm start` to ready: a home that has to be made, and one that is there. */
export async function benchStart(_services: BenchServices, { rounds, clone }: BenchOptions): Promise<Section[]> {
  const temporary = mkdtempSync(path.join(os.tmpdir(), 'chimera-start-'));
  try {
    const [fresh, warm]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      const home = path.join(temporary, `home-${round}`);
      fresh.push(await startOnce('.', home));
      warm.push(await startOnce('.', home));
    }
    return [
      {
        title: 'Start: npm start until every request is answered',
        figures: [
          { name: 'fresh home', unit: 's', ours: median(fresh), bound: null },
          { name: 'warm', unit: 's', ours: median(warm), bound: null },
          ...(clone ? [await startOfClone(temporary)] : []),
        ],
      },
    ];
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
