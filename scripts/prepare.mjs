// What has to be there before anything runs: the right Node, the dependencies, the generated Prisma client, a Redis server.
// Plain Node without dependencies, because it runs first. Every step looks before it acts, so preparing twice is quick.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureRedisServer } from './ensure-redis.mjs';
import { runStep, StepError } from './progress.mjs';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const LEAST_NODE = [20, 19];
const GENERATED_STAMP = 'prisma/generated/.stamp';
const GENERATED_FROM = ['prisma/schema.prisma', 'prisma.config.ts', 'package-lock.json'];

/** Resolves when everything is in place. Otherwise prints what to do and ends the process with 1. */
export async function prepare({ needsRedis }) {
  try {
    checkNode();
    await installDependencies();
    await generatePrismaClient();
    if (needsRedis) await ensureRedisServer();
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  const least = LEAST_NODE.join('.');
  throw new StepError(`Chimera needs Node.js ${least} or newer; this is ${process.version}. See https://nodejs.org/`);
}

async function installDependencies() {
  if (isInstalled()) return;
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const [command, ...args] = [...npm, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  await runStep('Installing dependencies', command, args, { cwd: ROOT });
}

/** npm writes the list of what it installed last of all, so an interrupted installation does not count. */
function isInstalled() {
  const installedFile = path.join(ROOT, 'node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const installed = readPackages(installedFile);
  const wanted = Object.entries(readPackages(path.join(ROOT, 'package-lock.json')));
  return wanted.every(([name, entry]) => name === '' || entry.optional || installed[name]?.version === entry.version);
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

async function generatePrismaClient() {
  const stamp = path.join(ROOT, GENERATED_STAMP);
  const digest = digestOf(GENERATED_FROM);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  const prisma = path.join(ROOT, 'node_modules/prisma/build/index.js');
  const bin = path.join(ROOT, 'node_modules/.bin'); // Prisma finds its generators on the PATH
  const env = {
    ...process.env,
    PATH: `${bin}${path.delimiter}${process.env.PATH}`,
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
  };
  await runStep('Generating the database client', process.execPath, [prisma, 'generate'], { cwd: ROOT, env });
  writeFileSync(stamp, digest);
}

function digestOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(path.join(ROOT, file)));
  return hash.digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await prepare({ needsRedis: true });
