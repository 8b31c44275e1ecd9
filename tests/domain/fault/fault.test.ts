import { describe, expect, it } from 'vitest';
import { backoffMs, nextStep } from '../../../domain/fault/fault.ts';

const work = { attempt: 1, triesLeft: true, outages: 0 };

describe('backoffMs', () => {
  it('doubles up to five minutes and is never less than half of that', () => {
    for (let n = 1; n <= 20; n += 1) {
      const full = Math.min(300_000, 2_000 * 2 ** (n - 1));
      expect(backoffMs(n, 0, 2_000)).toBe(full);
      expect(backoffMs(n, 0.999_999, 2_000)).toBeGreaterThan(full / 2);
      expect(backoffMs(n, 0.5, 2_000)).toBeLessThan(full);
    }
  });
});

describe('nextStep', () => {
  it('LATER comes at the time that was named, within a second after it; without one it backs off; never at once', () => {
    const later = (retryAfterMs: number | undefined, random = 0) =>
      nextStep({ action: 'LATER', retryAfterMs }, work, random, 2_000);
    expect(later(90_000)).toEqual({ kind: 'AGAIN', delayMs: 90_000, counted: false, outages: 0 });
    expect(later(90_000, 0.999)).toMatchObject({ delayMs: 90_999 });
    expect(later(1)).toMatchObject({ delayMs: 1_000 });
    for (const none of [undefined, 0]) expect(later(none)).toMatchObject({ kind: 'AGAIN', delayMs: 2_000 });
  });

  it('RETRY counts, and ends with the last try', () => {
    expect(nextStep({ action: 'RETRY' }, work, 0, 2_000)).toMatchObject({ kind: 'AGAIN', counted: true });
    expect(nextStep({ action: 'RETRY' }, { ...work, triesLeft: false }, 0, 2_000)).toEqual({ kind: 'END' });
  });

  it('an outage is retried with growing pauses that span a minute, and the fifth goes to a person', () => {
    const pauses = [0, 1, 2, 3, 4].map((outages) =>
      nextStep({ action: 'RETRY_THEN_PERSON' }, { ...work, triesLeft: false, outages }, 0, 2_000),
    );
    expect(pauses).toEqual([
      { kind: 'AGAIN', delayMs: 4_000, counted: false, outages: 1 },
      { kind: 'AGAIN', delayMs: 8_000, counted: false, outages: 2 },
      { kind: 'AGAIN', delayMs: 16_000, counted: false, outages: 3 },
      { kind: 'AGAIN', delayMs: 32_000, counted: false, outages: 4 },
      { kind: 'ASK' },
    ]);
  });
});
