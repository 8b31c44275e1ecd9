import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { MemberMessage, MemberOrder } from './member.ts';

export interface Members {
  pids: number[];
  /** Verdicts (or the bound's commits) of all members together. */
  committed(): number;
  retried(): number;
  /** Takes one away as kill -9 does. */
  kill(index: number): void;
  stop(): Promise<void>;
}

/** Starts `count` worker processes and resolves when each takes work. */
export async function startMembers(count: number, order: MemberOrder): Promise<Members> {
  const state = new Map<ChildProcess, { committed: number; retried: number }>();
  const children = await Promise.all(
    Array.from({ length: count }, async () => {
      const child = fork(new URL('member.ts', import.meta.url), [JSON.stringify(order)], {
        execArgv: ['--import', 'tsx'],
      });
      state.set(child, { committed: 0, retried: 0 });
      await new Promise<void>((resolve, reject) => {
        child.once('exit', (code) => reject(new Error(`a member ended with ${code} before it was ready`)));
        child.on('message', (message: MemberMessage) => {
          if ('ready' in message) resolve();
          else state.set(child, message);
        });
      });
      return child;
    }),
  );
  const sum = (key: 'committed' | 'retried') => [...state.values()].reduce((total, entry) => total + entry[key], 0);
  return {
    pids: children.map((child) => child.pid ?? 0),
    committed: () => sum('committed'),
    retried: () => sum('retried'),
    kill: (index) => void children[index]?.kill('SIGKILL'),
    async stop() {
      await Promise.all(
        children.map(async (child) => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          const ended = once(child, 'exit');
          child.disconnect();
          await ended;
        }),
      );
    },
  };
}
