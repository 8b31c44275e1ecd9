import type { TaskType } from '../../../domain/task/task-types.ts';
import { checkBrand } from './brand.ts';
import type { Check, CheckName, Judged, RunCheck } from './check.ts';
import { checkInjection } from './injection.ts';
import { checkPersona } from './persona.ts';
import { checkSafety } from './safety.ts';
import { checkTechnical } from './technical.ts';

const CHECKS: Partial<Record<CheckName, RunCheck>> = {
  PERSONA: checkPersona,
  SAFETY: checkSafety,
  BRAND: checkBrand,
  TECHNICAL: checkTechnical,
  INJECTION: checkInjection,
};

const CONTENT_CHECKS = ['PERSONA', 'SAFETY', 'BRAND', 'TECHNICAL', 'INJECTION'] as const;

/** Which checks a task type needs. BUDGET has no rule here: whoever judges a transaction brings it. */
const CHECKS_OF_TYPE = {
  ANALYZE_TREND: ['SAFETY', 'TECHNICAL', 'INJECTION'],
  GENERATE_POST: CONTENT_CHECKS,
  GENERATE_IMAGE: CONTENT_CHECKS,
  GENERATE_VIDEO: CONTENT_CHECKS,
  POST_CONTENT: CONTENT_CHECKS,
  REPLY_COMMENT: CONTENT_CHECKS,
  EXECUTE_TRANSACTION: ['TECHNICAL', 'BUDGET', 'INJECTION'],
} as const satisfies Record<TaskType, readonly CheckName[]>;

/**
 * All checks of the task's type, side by side, and those of `more` (a BUDGET check; replaces one of the same name). Never
 * rejects: a check that throws, or that nobody brought, is a failed check with the flag CHECK_FAILED, so nothing is
 * approved without it.
 */
export function runChecks(judged: Judged, more: Partial<Record<CheckName, RunCheck>> = {}): Promise<Check[]> {
  const available = { ...CHECKS, ...more };
  const names = new Set<CheckName>([...CHECKS_OF_TYPE[judged.taskType], ...(Object.keys(more) as CheckName[])]);
  return Promise.all([...names].map((name) => runOne(name, available[name], judged)));
}

async function runOne(name: CheckName, run: RunCheck | undefined, judged: Judged): Promise<Check> {
  try {
    if (run === undefined) return failedCheck(name, 'no such check is available');
    return await Promise.resolve(run(judged));
  } catch (error) {
    return failedCheck(name, error instanceof Error ? error.message : String(error));
  }
}

function failedCheck(name: CheckName, reason: string): Check {
  const message = `The ${name} check could not run: ${reason}`;
  return { name, score: 0, passed: false, flags: [{ code: 'CHECK_FAILED', risk: 'MEDIUM', message }], detail: message };
}

/** A check's score for the confidence; 1 where the type needs no such check. */
export function scoreOf(checks: readonly Check[], name: CheckName): number {
  return checks.find((check) => check.name === name)?.score ?? 1;
}
