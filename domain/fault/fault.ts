import type { ErrorCode } from '../errors.ts';

/** What becomes of work that met a fault; `swarm/faults/error-table.ts` says which fault asks for which. */
export type FaultAction =
  /** Again after a growing pause, while tries are left; then as PLANNER. */
  | 'RETRY'
  /** The server is away: again after a growing pause, not counted as a try; the fifth time a person is asked. */
  | 'RETRY_THEN_PERSON'
  /** Again at the time the outside named; not counted as a try. */
  | 'LATER'
  /** The agent stops in ERROR with an alert; the work waits, not counted as a try, until the agent is ACTIVE. */
  | 'PAUSE_AGENT'
  /** The campaign is paused with an alert; the work waits. */
  | 'PAUSE_CAMPAIGN'
  /** It ends; the Planner decides whether something else takes its place. */
  | 'SKIP'
  /** It ends FAILED, and the Planner is told why and replaces it. */
  | 'PLANNER'
  /** A review asks a person at once. */
  | 'PERSON'
  /** The result is kept and not used, the task cancelled, a new plan requested. */
  | 'INVALIDATE';

/** A failure, classified: a row of the error table with what was said. */
export interface Fault {
  /** The row's name. */
  name: string;
  code: ErrorCode | 'INTERNAL';
  action: FaultAction;
  message: string;
  /** How long the outside asked to wait, where it said so. */
  retryAfterMs?: number;
}

/** Failures of a server, for one piece of work, of which the last one makes a person decide (E1002). */
export const MAX_OUTAGES = 5;
const BACKOFF_MAX_MS = 300_000;
/** Nothing is repeated faster than this, whatever the outside says. */
const MIN_PAUSE_MS = 1_000;

/** Exponential with jitter: uniform in (0.5, 1] × min(base × 2^(n−1), 5 min), n from 1. `random` is in [0, 1). */
export const backoffMs = (n: number, random: number, baseMs: number): number =>
  Math.min(BACKOFF_MAX_MS, baseMs * 2 ** (n - 1)) * (1 - random / 2);

/** What happens next to work that met a fault. */
export type NextStep =
  | { kind: 'AGAIN'; delayMs: number; counted: boolean; outages: number }
  | { kind: 'WAIT_FOR_AGENT' }
  | { kind: 'END' }
  | { kind: 'ASK' };

/** Decides from the action and from what the work went through: this try's number, tries left, outages before. */
export function nextStep(
  fault: Pick<Fault, 'action' | 'retryAfterMs'>,
  work: { attempt: number; triesLeft: boolean; outages: number },
  random: number,
  baseMs: number,
): NextStep {
  const asked = fault.retryAfterMs ?? 0;
  const backoff = (n: number) => Math.max(asked, backoffMs(n, random, baseMs));
  const { outages } = work;
  switch (fault.action) {
    case 'RETRY':
      return work.triesLeft
        ? { kind: 'AGAIN', delayMs: backoff(work.attempt), counted: true, outages }
        : { kind: 'END' };
    case 'RETRY_THEN_PERSON':
      // Twice as long as after a fault of our own: the five tries should span a minute.
      return outages + 1 < MAX_OUTAGES
        ? { kind: 'AGAIN', delayMs: backoff(outages + 2), counted: false, outages: outages + 1 }
        : { kind: 'ASK' };
    case 'LATER':
    case 'PAUSE_CAMPAIGN':
      return {
        kind: 'AGAIN',
        // At the time that was named, spread over a second: many wait for the same moment.
        delayMs: asked > 0 ? Math.max(MIN_PAUSE_MS, asked) + random * 1_000 : backoff(work.attempt),
        counted: false,
        outages,
      };
    case 'PAUSE_AGENT':
      return { kind: 'WAIT_FOR_AGENT' };
    case 'SKIP':
    case 'PLANNER':
    case 'INVALIDATE':
      return { kind: 'END' };
    case 'PERSON':
      return { kind: 'ASK' };
  }
}
