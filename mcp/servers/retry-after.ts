/** Milliseconds from a `retry-after` header (seconds or an HTTP date); undefined where there is none that makes sense. */
export function parseRetryAfter(value: string | null | undefined, now: number = Date.now()): number | undefined {
  if (!value) return undefined;
  const seconds = Number(value);
  const delayMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - now;
  return Number.isFinite(delayMs) ? Math.max(0, delayMs) : undefined;
}
