import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Redis } from '../platform/redis.ts';
import type { BenchServices } from './services.ts';

/** What a run has used so far, since its process began. */
export interface Usage {
  nodeCpuMs: number;
  postgresCpuMs: number;
  redisCpuMs: number;
  redisCommands: number;
}

const TICKS_PER_SECOND = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout) || 100;

/** Fields of /proc/<pid>/stat after the command's closing bracket; empty when the process has gone. */
function statOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  } catch {
    return [];
  }
}

const PARENT = 1;
const USER_TICKS = 11;

/** utime + stime, and with `reaped` also those of children that have ended. */
function ticksOf(stat: readonly string[], reaped: boolean): number {
  return stat.slice(USER_TICKS, USER_TICKS + (reaped ? 4 : 2)).reduce((sum, ticks) => sum + Number(ticks), 0);
}

/** A child that has ended keeps its time until its parent has taken it over. */
function childrenOf(pid: number): Map<number, string[]> {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const stats = processes.map((name) => [Number(name), statOf(Number(name))] as const);
  return new Map(stats.filter(([, stat]) => stat[PARENT] === String(pid)));
}

/** CPU time of a server and of its children (PostgreSQL's are its connections), living and gone. */
export function cpuMsOf(pid: number): number {
  for (;;) {
    const before = childrenOf(pid);
    const ticks = [...before.values()].reduce((sum, stat) => sum + ticksOf(stat, false), ticksOf(statOf(pid), true));
    // One that ended while we counted would be counted twice or not at all.
    const after = childrenOf(pid);
    if (before.size === after.size && [...before.keys()].every((child) => after.has(child)))
      return (ticks * 1000) / TICKS_PER_SECOND;
  }
}

/** Commands that Redis executed, those inside Lua scripts included. */
async function commandsOf(redis: Redis): Promise<number> {
  const info = await redis.info('commandstats');
  return [...info.matchAll(/calls=(\d+)/g)].reduce((sum, match) => sum + Number(match[1]), 0);
}

export async function readUsage(services: BenchServices, redis: Redis): Promise<Usage> {
  const { user, system } = process.cpuUsage();
  return {
    nodeCpuMs: (user + system) / 1000,
    postgresCpuMs: cpuMsOf(services.postgresPid),
    redisCpuMs: cpuMsOf(services.redisPid),
    redisCommands: await commandsOf(redis),
  };
}

export function usedBetween(before: Usage, after: Usage, tasks: number): Usage {
  const share = (key: keyof Usage): number => (after[key] - before[key]) / tasks;
  return {
    nodeCpuMs: share('nodeCpuMs'),
    postgresCpuMs: share('postgresCpuMs'),
    redisCpuMs: share('redisCpuMs'),
    redisCommands: share('redisCommands'),
  };
}
