/**
 * Collects single requests for a moment and answers them together: many small statements become one.
 * `run` gets the items of one group in the order they came and must answer with one outcome an item, or throw for all.
 * The first batch of a group starts after `waitMs`, a full one at once. The next waits as long as the last one took, at most
 * `restMs`: under load batches grow (a statement costs nearly the same for ten rows as for fifty), when idle a request waits
 * `waitMs` only.
 */
export interface Batcher<I, O> {
  add(item: I): Promise<O>;
  /** Resolves when nothing is waiting or running. */
  idle(): Promise<void>;
}

interface Waiting<I, O> {
  item: I;
  resolve(value: O): void;
  reject(error: unknown): void;
}

interface Group<I, O> {
  waiting: Waiting<I, O>[];
  running: boolean;
  timer: NodeJS.Timeout | null;
}

export function createBatcher<I, O>(options: {
  groupOf(item: I): string;
  run(group: string, items: I[]): Promise<O[]>;
  maxSize: number;
  waitMs: number;
  /** 0 where absent: the next batch starts when the last has ended. */
  restMs?: number;
}): Batcher<I, O> {
  const groups = new Map<string, Group<I, O>>();
  const idleWaiters: (() => void)[] = [];
  const restMs = options.restMs ?? 0;

  function settleIdle(): void {
    if (groups.size === 0) for (const resolve of idleWaiters.splice(0)) resolve();
  }

  async function start(key: string, group: Group<I, O>): Promise<void> {
    if (group.timer) clearTimeout(group.timer);
    group.timer = null;
    const batch = group.waiting.splice(0, options.maxSize);
    const startedAt = performance.now();
    group.running = true;
    try {
      const outcomes = await options.run(
        key,
        batch.map((entry) => entry.item),
      );
      if (outcomes.length !== batch.length)
        throw new Error(`batch of ${batch.length} answered with ${outcomes.length} outcomes`);
      for (const [index, entry] of batch.entries()) entry.resolve(outcomes[index] as O);
    } catch (error) {
      for (const entry of batch) entry.reject(error);
    } finally {
      group.running = false;
      if (group.waiting.length > 0 && restMs === 0) void start(key, group);
      else if (group.waiting.length > 0) startLater(key, group, Math.min(restMs, performance.now() - startedAt));
      else {
        groups.delete(key);
        settleIdle();
      }
    }
  }

  function startLater(key: string, group: Group<I, O>, ms: number): void {
    if (group.waiting.length >= options.maxSize) void start(key, group);
    else group.timer ??= setTimeout(() => void start(key, group), ms);
  }

  return {
    add(item) {
      const key = options.groupOf(item);
      let group = groups.get(key);
      if (!group) {
        group = { waiting: [], running: false, timer: null };
        groups.set(key, group);
      }
      const target = group;
      return new Promise<O>((resolve, reject) => {
        target.waiting.push({ item, resolve, reject });
        if (target.running) return;
        startLater(key, target, options.waitMs);
      });
    },
    idle: () => (groups.size === 0 ? Promise.resolve() : new Promise((resolve) => idleWaiters.push(resolve))),
  };
}
