export type PlanReason =
  | 'INITIAL'
  | 'TASK_FAILED'
  | 'RESULT_REJECTED'
  | 'STATE_CONFLICT'
  | 'CONTEXT_CHANGED'
  | 'BUDGET'
  | 'HUMAN';

/** Reasons for which only what was lost is replaced; the others replace everything that has not started. */
const REPAIRS: readonly PlanReason[] = ['TASK_FAILED', 'RESULT_REJECTED', 'STATE_CONFLICT', 'BUDGET'];
export const isRepair = (reason: PlanReason): boolean => REPAIRS.includes(reason);

/** Repairs in a row without a publication in between: the campaign cannot succeed as it stands. A person's doing counts anew. */
export const MAX_REPAIRS = 5;
/** What a campaign can go on asking for by itself; money comes from a person, or with the day. */
export const isBounded = (reason: PlanReason): boolean => isRepair(reason) && reason !== 'BUDGET';

/** Why a plan could not be made. INVALID: the model's answers do not validate. FAULT: the model or something else is out of order. */
export type PlanFailureKind = 'INVALID' | 'FAULT' | 'HOPELESS';

/** Failures in a row, of the last one's kind, that are the end: an invalid plan costs two questions to the model, a fault little. */
export const MAX_PLAN_FAILURES: Record<PlanFailureKind, number> = { INVALID: 3, FAULT: 8, HOPELESS: 1 };
/** `planFailures` of a campaign that is at its end and only waits for what is under way. */
export const EXHAUSTED = MAX_PLAN_FAILURES.FAULT;

/** Between plans that failed, and between repairs: 5 s doubling to 5 min. */
export const BACKOFF_SECONDS = 5;
export const BACKOFF_MAX_SECONDS = 300;
export const backoffSeconds = (count: number): number =>
  count <= 0 ? 0 : Math.min(BACKOFF_MAX_SECONDS, BACKOFF_SECONDS * 2 ** (count - 1));

/** How long a campaign that is at its end, or out of money, waits before it looks again at the work still under way. */
export const WAIT_SECONDS = 60;
/** How the reason of an ACTIVE campaign begins that waits so; the next answer to a plan request takes it away. */
export const WAITS = 'Waits for what is under way: ';
