/**
 * All transitions of a task. The database refuses every other one (trigger task_transition; a test holds the two together).
 *
 *   PENDING → QUEUED → IN_PROGRESS → IN_REVIEW → COMPLETE                      (generating task)
 *                                    IN_REVIEW → APPLYING → COMPLETE           (effectful task)
 *                                    IN_REVIEW → ESCALATED → APPLYING/COMPLETE (a person approved or edited)
 *   IN_PROGRESS → QUEUED (retry, lost lease) · IN_REVIEW → QUEUED (sent back with feedback)
 *   IN_PROGRESS, APPLYING → ESCALATED (a fault that a person decides) → QUEUED, APPLYING (try again)
 */
export const TASK_TRANSITIONS = {
  PENDING: ['QUEUED', 'CANCELLED'],
  QUEUED: ['IN_PROGRESS', 'CANCELLED'],
  IN_PROGRESS: ['IN_REVIEW', 'ESCALATED', 'QUEUED', 'FAILED', 'CANCELLED'],
  IN_REVIEW: ['COMPLETE', 'APPLYING', 'ESCALATED', 'QUEUED', 'REJECTED', 'CANCELLED'],
  ESCALATED: ['COMPLETE', 'APPLYING', 'QUEUED', 'REJECTED', 'CANCELLED'],
  APPLYING: ['COMPLETE', 'ESCALATED', 'FAILED', 'CANCELLED'],
  COMPLETE: [],
  REJECTED: [],
  FAILED: [],
  CANCELLED: [],
} as const satisfies Record<string, readonly string[]>;

export type TaskStatus = keyof typeof TASK_TRANSITIONS;

/** The states from which `to` may be reached: the `where` of the transition's compare-and-set. */
export const statesBefore = (to: TaskStatus): TaskStatus[] =>
  (Object.keys(TASK_TRANSITIONS) as TaskStatus[]).filter((from) =>
    (TASK_TRANSITIONS[from] as readonly string[]).includes(to),
  );
