import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { roleUrl } from '../../../platform/database.ts';
import { startEmbeddedPostgres } from '../../../platform/embedded/postgres.ts';
import { isAlive } from '../../../platform/embedded/process-identity.ts';
import { startEmbeddedRedis } from '../../../platform/embedded/redis.ts';
import { startEmbeddedServices } from '../../../platform/embedded/services.ts';
import { waitFor } from '../../support/wait-for.ts';
import { temporaryHome } from './temporary-home.ts';

const FIXTURE = fileURLToPath(new URL('./fixtures/run-services.ts', import.meta.url));

async function start(home: string) {
  const services = await startEmbeddedServices({ home, postgres: true, redis: true });
  onTestFinished(() => services.stop());
  const { databaseUrl, redisUrl } = services;
  if (databaseUrl === null || redisUrl === null) throw new Error('both were asked for');
  return { adminUrl: databaseUrl, appUrl: roleUrl(databaseUrl, 'chimera_app'), redisUrl, stop: () => services.stop() };
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}

async function withRedis<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  redis.on('error', () => {}); // the command rejects with it too
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

/** Another process that runs the services in `home`; resolves when they are up. */
async function startSupervisor(home: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', FIXTURE, home], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = await once(createInterface(child.stdout), 'line');
  const { postgres, redis } = JSON.parse(line) as Record<'postgres' | 'redis', { pid: number; url: string }>;
  return { child, postgres, redis };
}

test('what was written is there after a stop and a start', async () => {
  const home = temporaryHome();
  const first = await start(home);
  await query(first.adminUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await withRedis(first.redisUrl, (redis) => redis.set('kept', '42'));
  await first.stop();

  const second = await start(home);
  expect(await query(second.adminUrl, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  expect(await withRedis(second.redisUrl, (redis) => redis.get('kept'))).toBe('42');
});

test('the application logs in with a role that row-level security binds', async () => {
  const { appUrl } = await start(temporaryHome());
  const role = 'SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user';
  expect(await query(appUrl, role)).toEqual([{ rolname: 'chimera_app', rolsuper: false, rolbypassrls: false }]);
});

test('passwords are random, and only their owner can read them', async () => {
  const [one, two] = [temporaryHome(), temporaryHome()];
  await Promise.all([start(one), start(two)]);
  for (const name of ['postgres.password', 'redis.password']) {
    expect(statSync(path.join(one, name)).mode & 0o777).toBe(0o600);
    expect(readFileSync(path.join(one, name), 'utf8')).not.toBe(readFileSync(path.join(two, name), 'utf8'));
  }
});

test('Redis asks for its password', async () => {
  const { redisUrl } = await start(temporaryHome());
  const withoutPassword = new URL(redisUrl);
  withoutPassword.password = '';
  await expect(withRedis(withoutPassword.toString(), (redis) => redis.get('kept'))).rejects.toThrow('NOAUTH');
});

test('a cluster whose password is lost is left alone, and the message names the file', async () => {
  const home = temporaryHome();
  await (await start(home)).stop();
  rmSync(path.join(home, 'postgres.password'));
  await expect(start(home)).rejects.toThrow(/postgres\.password is gone/);
});

test('two homes run side by side', async () => {
  const [one, two] = await Promise.all([start(temporaryHome()), start(temporaryHome())]);
  await query(one.adminUrl, 'CREATE TABLE mine AS SELECT 1 AS x');
  expect(await query(two.adminUrl, `SELECT to_regclass('mine') AS found`)).toEqual([{ found: null }]);
});

test('a second process gets a clear error while the first one lives', async () => {
  const home = temporaryHome();
  const { child, postgres } = await startSupervisor(home);
  await expect(start(home)).rejects.toThrow(`another instance (pid ${child.pid}) already uses ${home}`);
  expect(isAlive(postgres.pid)).toBe(true);
});

test.skipIf(process.platform !== 'linux')(
  'kill -9 of their parent ends the servers, and the next start works',
  async () => {
    const home = temporaryHome();
    const { child, postgres, redis } = await startSupervisor(home);
    await query(postgres.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    child.kill('SIGKILL');
    await waitFor(() => !isAlive(postgres.pid) && !isAlive(redis.pid), { message: 'both servers end' });

    const next = await startEmbeddedPostgres({ dir: path.join(home, 'postgres'), password: 'fixture' });
    onTestFinished(() => next.stop());
    expect(await query(next.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  },
);

test('a server that outlived its parent is stopped by the next start on the same directory', async () => {
  const home = temporaryHome();
  const { postgres, redis } = await startSupervisor(home);
  const next = [
    await startEmbeddedPostgres({ dir: path.join(home, 'postgres'), password: 'fixture' }),
    await startEmbeddedRedis({ dir: path.join(home, 'redis') }),
  ];
  onTestFinished(() => Promise.all(next.map((service) => service.stop())).then(() => {}));
  expect([isAlive(postgres.pid), isAlive(redis.pid)]).toEqual([false, false]);
  expect(next.every((service) => isAlive(service.pid))).toBe(true);
});

test('a pid file that names an unrelated process harms nobody', async () => {
  const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)'], { stdio: 'ignore' });
  onTestFinished(() => void bystander.kill('SIGKILL'));
  const dir = path.join(temporaryHome(), 'redis');
  mkdirSync(dir);
  writeFileSync(path.join(dir, 'redis.pid.json'), JSON.stringify({ pid: bystander.pid, port: 1 }));
  const redis = await startEmbeddedRedis({ dir });
  await redis.stop();
  expect(isAlive(bystander.pid as number)).toBe(true);
});

test('a server that dies by itself is reported', async () => {
  const reported: Error[] = [];
  const dir = path.join(temporaryHome(), 'redis');
  const redis = await startEmbeddedRedis({ dir, onUnexpectedExit: (error) => reported.push(error) });
  process.kill(redis.pid, 'SIGKILL');
  await waitFor(() => reported.length > 0, { message: 'the report' });
  expect(reported.map((error) => error.message)).toEqual(['Redis ended with SIGKILL']);
});

test('a port that is taken is an error when it was asked for', async () => {
  const home = temporaryHome();
  const first = await startEmbeddedRedis({ dir: path.join(home, 'one') });
  onTestFinished(() => first.stop());
  const second = startEmbeddedRedis({ dir: path.join(home, 'two'), port: first.port });
  await expect(second).rejects.toThrow(/Address already in use/);
});
