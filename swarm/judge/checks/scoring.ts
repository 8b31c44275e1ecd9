import type { Check, CheckName, Flag, Risk } from './check.ts';

/** What one flag leaves of a score. A HIGH flag leaves nothing that could be approved. */
const REMAINS = { LOW: 0.85, MEDIUM: 0.55, HIGH: 0.1 } as const satisfies Record<Risk, number>;

/** 0..1: 1 without flags, and less with each. */
export function scoreOfFlags(flags: readonly Flag[]): number {
  return flags.reduce((score, flag) => score * REMAINS[flag.risk], 1);
}

/** A check with its score in 0..1 and 4 digits; it passes without a MEDIUM or HIGH flag. */
export function makeCheck(name: CheckName, score: number, flags: readonly Flag[], detail: string): Check {
  const bounded = Math.round(Math.min(1, Math.max(0, score)) * 10_000) / 10_000;
  const unique = flags.filter(
    (flag, at) => flags.findIndex((other) => other.code === flag.code && other.message === flag.message) === at,
  );
  return { name, score: bounded, passed: unique.every((flag) => flag.risk === 'LOW'), flags: unique, detail };
}

/**
 * A monotone curve through `points` (x ascending), straight between them and flat outside: how a raw measurement becomes
 * a score.
 */
export function interpolate(points: readonly (readonly [x: number, y: number])[], x: number): number {
  let [fromX, fromY] = points[0] ?? [0, 0];
  if (x <= fromX) return fromY;
  for (const [toX, toY] of points.slice(1)) {
    if (x <= toX) return fromY + ((x - fromX) / (toX - fromX)) * (toY - fromY);
    [fromX, fromY] = [toX, toY];
  }
  return fromY;
}
