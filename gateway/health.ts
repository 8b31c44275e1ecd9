import { isUnavailable } from './unavailable.ts';

const CHECK_TIMEOUT_MS = 2_000;

/** Something the gateway leans on. `required`: without it no request can be answered. */
export interface Dependency {
  name: string;
  required: boolean;
  check(signal: AbortSignal): Promise<unknown>;
}

export interface DependencyHealth {
  name: string;
  status: 'up' | 'down';
  latencyMs: number;
  error?: string;
}

/** Asks every dependency at once, each at most 2 s. `ready` when all required ones answer. */
export async function checkHealth(
  dependencies: readonly Dependency[],
): Promise<{ ready: boolean; dependencies: DependencyHealth[] }> {
  const checked = await Promise.all(dependencies.map(checkOne));
  return {
    ready: dependencies.every((dependency, index) => !dependency.required || checked[index]?.status === 'up'),
    dependencies: checked,
  };
}

async function checkOne({ name, check }: Dependency): Promise<DependencyHealth> {
  const started = performance.now();
  const latencyMs = (): number => Math.round((performance.now() - started) * 10) / 10;
  const signal = AbortSignal.timeout(CHECK_TIMEOUT_MS);
  try {
    const expired = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)), {
        once: true,
      });
    });
    await Promise.race([check(signal), expired]);
    return { name, status: 'up', latencyMs: latencyMs() };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { name, status: 'down', latencyMs: latencyMs(), error: isUnavailable(error) ? 'unreachable' : message };
  }
}
