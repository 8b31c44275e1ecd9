const SIZE = 200;

/** The durations of the last 200 calls, in milliseconds. */
export function createLatencyWindow(): { add(durationMs: number): void; p95(): number | null } {
  const values: number[] = [];
  let next = 0;
  return {
    add(durationMs) {
      values[next] = durationMs;
      next = (next + 1) % SIZE;
    },
    p95() {
      const sorted = values.toSorted((a, b) => a - b);
      return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? null;
    },
  };
}
