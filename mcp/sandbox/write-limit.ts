const WINDOW_MS = 15 * 60_000;
/** Far above what any test or demonstration needs; the fault `rate-limit` makes the platform refuse. */
const WRITES_PER_WINDOW = 100_000;

/** X's rate-limit headers for writes, per account and 15-minute window. */
export function createWriteLimit(): {
  take(account: string): boolean;
  headers(account: string): Record<string, string>;
} {
  const used = new Map<string, number>();
  let windowStart = Date.now();
  function roll(): void {
    if (Date.now() - windowStart < WINDOW_MS) return;
    used.clear();
    windowStart = Date.now();
  }
  return {
    take(account) {
      roll();
      const count = used.get(account) ?? 0;
      if (count >= WRITES_PER_WINDOW) return false;
      used.set(account, count + 1);
      return true;
    },
    headers(account) {
      roll();
      return {
        'x-rate-limit-limit': String(WRITES_PER_WINDOW),
        'x-rate-limit-remaining': String(WRITES_PER_WINDOW - (used.get(account) ?? 0)),
        'x-rate-limit-reset': String(Math.ceil((windowStart + WINDOW_MS) / 1000)),
      };
    },
  };
}
