import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  timeoutMs?: number;
  intervalMs?: number;
  /** What was waited for, in the error. */
  message?: string;
}

/**
 * Resolves to the first truthy value of `condition`, which is asked again every `intervalMs`. A condition that throws
 * counts as not yet met; its last error is the cause of the error after `timeoutMs`.
 */
export async function waitFor<T>(condition: () => T | Promise<T>, options: WaitOptions = {}): Promise<NonNullable<T>> {
  const { timeoutMs = 30_000, intervalMs = 20, message = 'condition' } = options;
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  while (performance.now() < deadline) {
    try {
      const value = await condition();
      if (value) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await delay(intervalMs);
  }
  throw new Error(`waited ${timeoutMs} ms for: ${message}`, { cause });
}
