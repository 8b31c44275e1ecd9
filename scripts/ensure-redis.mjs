import { spawnSync } from 'node:child_process';
import { runStep, StepError } from './progress.mjs';

/** In the order they are looked for. Debian's redis-tools contains the server and, unlike redis-server, starts no service. */
const PACKAGE_MANAGERS = [
  {
    name: 'apt-get',
    installs: [
      ['install', '-y', '--no-install-recommends', 'redis-tools'],
      ['install', '-y', 'redis-server'],
    ],
    refresh: ['update'],
  },
  {
    name: 'dnf',
    installs: [
      ['install', '-y', 'redis'],
      ['install', '-y', 'valkey'],
    ],
  },
  {
    name: 'apk',
    installs: [
      ['add', 'redis'],
      ['add', 'valkey'],
    ],
  },
  { name: 'brew', installs: [['install', 'redis']], asUser: true },
];

const INSTRUCTIONS = `Chimera needs a Redis server and found neither redis-server nor valkey-server on the PATH.
Install one:
  Debian, Ubuntu   sudo apt-get install redis-tools
  Fedora, RHEL     sudo dnf install redis        (or valkey)
  Alpine           apk add redis
  macOS            brew install redis
or set REDIS_URL to a server of your own.`;

/** Makes sure that a Redis server can be started, if need be with the system's package manager. Throws StepError. */
export async function ensureRedisServer() {
  if (hasRedisServer()) return;
  const manager = PACKAGE_MANAGERS.find(({ name }) => isOnPath(name));
  const prefix = manager && privilegePrefix(manager);
  if (!prefix) throw new StepError(INSTRUCTIONS);
  const failures = [];
  for (const args of manager.installs) {
    try {
      await install(manager, prefix, args);
      if (hasRedisServer()) return;
    } catch (error) {
      failures.push(error.message);
    }
  }
  throw new StepError([INSTRUCTIONS, ...failures].join('\n\n'));
}

/** The server itself, or Debian's checker, which is the same program under another name. */
function hasRedisServer() {
  const runs = (name) => spawnSync(name, ['--version']).status === 0;
  return runs('redis-server') || runs('valkey-server') || isOnPath('redis-check-rdb');
}

async function install({ name, refresh }, prefix, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const run = (label, last) => {
    const [command, ...rest] = [...prefix, name, ...last];
    return runStep(label, command, rest, { env });
  };
  console.error(`There is no Redis server yet; installing one with: ${[...prefix, name, ...args].join(' ')}`);
  if (refresh) await run('Reading the package lists', refresh).catch((error) => console.error(error.message));
  await run('Installing Redis', args);
}

/** What goes before the command: nothing for root, `sudo -n` where it asks for no password, null where we may not. */
function privilegePrefix({ asUser }) {
  if (asUser || process.getuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n'] : null;
}

function isOnPath(name) {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name]).status === 0;
}
