import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { findFreePort } from '../../platform/embedded/free-port.ts';
import { startEmbeddedRedis } from '../../platform/embedded/redis.ts';
import type { EmbeddedService } from '../../platform/embedded/service-process.ts';
import { waitFor } from './wait-for.ts';

const SLOTS = 16_384;

/** Three Redis servers that form a cluster, a third of the slots each, without replicas. */
export async function startRedisCluster() {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'chimera-cluster-'));
  const start = (name: string, busPort: number, port?: number): Promise<EmbeddedService> =>
    startEmbeddedRedis({
      dir: path.join(directory, name),
      ...(port ? { port } : {}),
      settings: {
        'cluster-enabled': 'yes',
        'cluster-port': String(busPort),
        'cluster-config-file': 'nodes.conf',
        'cluster-node-timeout': '2000',
      },
    });
  const nodes = await Promise.all(
    ['a', 'b', 'c'].map(async (name) => {
      const busPort = await findFreePort();
      return { name, busPort, server: await start(name, busPort) };
    }),
  );
  const ask = async <T>(port: number, work: (redis: Redis) => Promise<T>): Promise<T> => {
    const redis = new Redis(port, '127.0.0.1');
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  };
  for (const [index, { server }] of nodes.entries())
    await ask(server.port, async (redis) => {
      const share = (at: number) => Math.floor((at * SLOTS) / nodes.length);
      await redis.call('CLUSTER', 'ADDSLOTSRANGE', share(index), share(index + 1) - 1);
      for (const other of nodes) await redis.call('CLUSTER', 'MEET', '127.0.0.1', other.server.port, other.busPort);
    });
  const isWhole = (port: number): Promise<boolean> =>
    ask(port, async (redis) => {
      const info = String(await redis.call('CLUSTER', 'INFO'));
      return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes.length}`);
    });
  const whole = () =>
    waitFor(async () => (await Promise.all(nodes.map(({ server }) => isWhole(server.port)))).every(Boolean), {
      timeoutMs: 15_000,
    });
  await whole();
  return {
    url: `redis+cluster://${nodes.map(({ server }) => `127.0.0.1:${server.port}`).join(',')}`,
    /** What each node holds: the names of its keys. */
    keys: () => Promise.all(nodes.map(({ server }) => ask(server.port, (redis) => redis.keys('*')))),
    async restart(index: number): Promise<void> {
      const node = nodes[index];
      if (!node) throw new Error(`no node ${index}`);
      await node.server.stop();
      node.server = await start(node.name, node.busPort, node.server.port);
      await whole();
    },
    async stop() {
      await Promise.all(nodes.map(({ server }) => server.stop()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
