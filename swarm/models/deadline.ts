/** One signal for a caller's abort and a time limit, which remembers which of the two it was. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  /** The time ran out before the caller aborted. */
  expired(): boolean;
}

export function startDeadline(timeoutMs: number, callerSignal?: AbortSignal): Deadline {
  const controller = new AbortController();
  let expired = false;
  const timer = setTimeout(() => {
    expired = true;
    controller.abort();
  }, timeoutMs);
  const abort = () => controller.abort(callerSignal?.reason);
  if (callerSignal?.aborted) abort();
  else callerSignal?.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    expired: () => expired && !callerSignal?.aborted,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      callerSignal?.removeEventListener('abort', abort);
    },
  };
}
