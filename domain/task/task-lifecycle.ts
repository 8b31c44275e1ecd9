import { InvalidStateError } from '../errors.ts';

/**
 * All transitions of a task.
 *
 *   PENDING → QUEUED → IN_PROGRESS → IN_REVIEW → COMPLETE                      (generating task)
 *                                    IN_REVIEW → APPLYING → COMPLETE           (effectful task)
 *                                    IN_REVIEW → ESCALATED → APPLYING/COMPLETE (a person approved or edited)
 *   IN_PROGRESS → QUEUED (retry, lost lease) · IN_REVIEW → QUEUED (sent back with feedback)
 *   APPLYING → ESCALATED: the outside's answer is undecidable, a person looks
 */
export const TASK_TRANSITIONS = {
  PENDING: ['QUEUED', 'CANCELLED'],
  QUEUED: ['IN_PROGRESS', 'CANCELLED', 'FAILED'],
  IN_PROGRESS: ['IN_REVIEW', 'QUEUED', 'FAILED', 'CANCELLED'],
  IN_REVIEW: ['COMPLETE', 'APPLYING', 'ESCALATED', 'QUEUED', 'REJECTED', 'FAILED', 'CANCELLED'],
  ESCALATED: ['COMPLETE', 'APPLYING', 'REJECTED', 'CANCELLED'],
  APPLYING: ['COMPLETE', 'FAILED', 'ESCALATED', 'CANCELLED'],
  COMPLETE: [],
  REJECTED: [],
  FAILED: [],
  CANCELLED: [],
} as const satisfies Record<string, readonly string[]>;

export type TaskStatus = keyof typeof TASK_TRANSITIONS;

export const isFinal = (status: TaskStatus): boolean => TASK_TRANSITIONS[status].length === 0;
export const UNSTARTED: readonly TaskStatus[] = ['PENDING', 'QUEUED'];
export const IN_FLIGHT: readonly TaskStatus[] = ['IN_PROGRESS', 'IN_REVIEW', 'ESCALATED', 'APPLYING'];

/** The states from which `to` may be reached: the `where` of every transition's compare-and-set. */
export const statesBefore = (to: TaskStatus): TaskStatus[] =>
  (Object.keys(TASK_TRANSITIONS) as TaskStatus[]).filter((from) =>
    (TASK_TRANSITIONS[from] as readonly string[]).includes(to),
  );

/** Throws InvalidStateError when `from` may not become `to`. */
export function assertTransition(from: TaskStatus, to: TaskStatus): void {
  if ((TASK_TRANSITIONS[from] as readonly string[]).includes(to)) return;
  throw new InvalidStateError(`A task that is ${from} cannot become ${to}.`, from);
}
