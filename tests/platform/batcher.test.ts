import { describe, expect, test, vi } from 'vitest';
import type { Batcher } from '../../platform/batcher.ts';
import { createBatcher } from '../../platform/batcher.ts';

interface Item {
  group: string;
  value: number;
}

/** A batcher whose batches end when the test says so. */
function controlled(
  options: { maxSize?: number; waitMs?: number; restMs?: number; answer?: (items: Item[]) => number[] } = {},
) {
  const batches: { group: string; items: Item[]; finish(): void; fail(error: Error): void }[] = [];
  const batcher: Batcher<Item, number> = createBatcher({
    groupOf: (item) => item.group,
    run: (group, items) =>
      new Promise((resolve, reject) => {
        const answer = options.answer ?? ((all) => all.map((item) => item.value * 10));
        batches.push({ group, items, finish: () => resolve(answer(items)), fail: reject });
      }),
    maxSize: options.maxSize ?? 3,
    waitMs: options.waitMs ?? 0,
    restMs: options.restMs,
  });
  const add = (value: number, group = 'a') => batcher.add({ group, value });
  const begun = (count: number) => expect.poll(() => batches.length, { interval: 1 }).toBe(count);
  return { batches, batcher, add, begun };
}

describe('a batcher', () => {
  test('answers each item with its own outcome, in the order they came', async () => {
    const { add, batches, begun } = controlled();
    const answers = Promise.all([1, 2, 3].map((value) => add(value)));
    await begun(1);
    batches[0]?.finish();
    expect(await answers).toEqual([10, 20, 30]);
  });

  test('starts at once when a batch is full, and collects while one runs', async () => {
    const { add, batches, begun } = controlled({ waitMs: 1_000_000 });
    const answers = [1, 2, 3, 4, 5].map((value) => add(value));
    await begun(1);
    expect(batches[0]?.items.map((item) => item.value)).toEqual([1, 2, 3]);
    batches[0]?.finish();
    await begun(2);
    batches[1]?.finish();
    expect(await Promise.all(answers)).toEqual([10, 20, 30, 40, 50]);
  });

  test('rests between the batches of a busy group as long as the last one took, unless the next is full', async () => {
    vi.useFakeTimers();
    try {
      const { add, batches } = controlled({ waitMs: 5, restMs: 1_000 });
      const begins = async (count: number, afterMs: number) => {
        await vi.advanceTimersByTimeAsync(afterMs - 1);
        expect(batches).toHaveLength(count - 1);
        await vi.advanceTimersByTimeAsync(1);
        expect(batches).toHaveLength(count);
      };
      const answers = [add(1)];
      await begins(1, 5);
      answers.push(add(2));
      await vi.advanceTimersByTimeAsync(30);
      batches[0]?.finish();
      await answers[0];
      answers.push(add(3));
      await begins(2, 30);
      expect(batches[1]?.items.map((item) => item.value)).toEqual([2, 3]);
      answers.push(add(4));
      await vi.advanceTimersByTimeAsync(5_000);
      batches[1]?.finish();
      await answers[1];
      await begins(3, 1_000);
      answers.push(add(5), add(6), add(7));
      batches[2]?.finish();
      await vi.advanceTimersByTimeAsync(0);
      expect(batches[3]?.items.map((item) => item.value)).toEqual([5, 6, 7]);
      batches[3]?.finish();
      expect(await Promise.all(answers)).toEqual([10, 20, 30, 40, 50, 60, 70]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('never mixes groups', async () => {
    const { add, batches, begun } = controlled();
    const answers = Promise.all([add(1, 'a'), add(2, 'b'), add(3, 'a')]);
    await begun(2);
    expect(batches.map(({ group, items }) => [group, items.map((item) => item.value)])).toEqual([
      ['a', [1, 3]],
      ['b', [2]],
    ]);
    for (const batch of batches) batch.finish();
    expect(await answers).toEqual([10, 20, 30]);
  });

  test('runs one batch of a group at a time', async () => {
    const { add, batches, begun } = controlled({ maxSize: 1 });
    const answers = Promise.all([1, 2, 3].map((value) => add(value)));
    for (const count of [1, 2, 3]) {
      await begun(count);
      batches[count - 1]?.finish();
    }
    expect(await answers).toEqual([10, 20, 30]);
  });

  test('fails only the items of the batch that failed, and goes on', async () => {
    const { add, batches, begun } = controlled({ maxSize: 2 });
    const failed = Promise.allSettled([add(1), add(2)]);
    const next = add(3);
    await begun(1);
    batches[0]?.fail(new Error('lost'));
    expect((await failed).map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
    await begun(2);
    batches[1]?.finish();
    expect(await next).toBe(30);
  });

  test('refuses an answer of the wrong length rather than mixing up outcomes', async () => {
    const { add, batches, begun } = controlled({ answer: () => [1] });
    const failed = Promise.allSettled([add(1), add(2)]);
    await begun(1);
    batches[0]?.finish();
    expect(await failed).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  });

  test('is idle when nothing waits or runs', async () => {
    const { add, batches, batcher, begun } = controlled();
    await batcher.idle();
    const answer = add(1);
    let idle = false;
    const becomesIdle = batcher.idle().then(() => {
      idle = true;
    });
    await begun(1);
    expect(idle).toBe(false);
    batches[0]?.finish();
    await becomesIdle;
    expect(await answer).toBe(10);
  });
});
