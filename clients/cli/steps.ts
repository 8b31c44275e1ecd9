import type { Ora } from 'ora';
import ora from 'ora';

export interface Steps {
  /** Runs one step of the start and shows it: a spinner on a terminal, plain lines elsewhere. */
  run<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Marks the step that was under way as failed. */
  fail(): void;
}

const PROGRESS_MS = 2_000;

export function createSteps(write: ((line: string) => void) | null): Steps {
  let current: Ora | null = null;
  return {
    async run(name, work) {
      const startedAt = performance.now();
      const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
      const spinner =
        write && process.stdout.isTTY ? ora({ text: name, stream: process.stdout, discardStdin: false }).start() : null;
      current = spinner;
      const progress = spinner || !write ? null : setInterval(() => write(`… ${name} (${seconds()})`), PROGRESS_MS);
      try {
        const value = await work();
        if (spinner) spinner.succeed(`${name} (${seconds()})`);
        else write?.(`✓ ${name} (${seconds()})`);
        current = null;
        return value;
      } finally {
        if (progress) clearInterval(progress);
      }
    },
    fail() {
      current?.fail();
      current = null;
    },
  };
}
