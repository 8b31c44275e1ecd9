import type { Check, CheckName, Flag, Risk } from './checks/check.ts';
import { TAINTED_MESSAGE } from './checks/check.ts';

export type Verdict = 'APPROVED' | 'ESCALATED' | 'REJECTED';

export interface VerdictInput {
  /** 0..1, see `computeConfidence`; NaN is never approved. */
  confidence: number;
  checks: readonly Check[];
  /** The tenant's: 0 ≤ escalate ≤ approve ≤ 1; anything else is never approved. */
  thresholds: { approve: number; escalate: number };
  /** The output leaves the system once approved: what goes to a person because of its confidence is MEDIUM, not LOW. */
  effectful: boolean;
  /** The task's context held text that looked like an attack. */
  tainted: boolean;
  /** Why the assessing model failed; null when it answered or was not needed. */
  assessmentError: string | null;
  /** A person approved exactly this text before. */
  humanApproved: boolean;
}

export interface VerdictDecision {
  verdict: Verdict;
  risk: Risk;
  /** Why, the gravest first; what a reviewer or the Planner reads. Empty only when APPROVED. */
  reasons: string[];
}

/** INJECTION flags that condemn the content itself, not only its context. */
const CONDEMNING_INJECTION_CODES: ReadonlySet<string> = new Set(['LEAKED_INSTRUCTIONS', 'OBEYED_INJECTION']);

const RANK = { APPROVED: 0, ESCALATED: 1, REJECTED: 2 } as const satisfies Record<Verdict, number>;
const RISK_RANK = { LOW: 0, MEDIUM: 1, HIGH: 2 } as const satisfies Record<Risk, number>;

interface Finding {
  verdict: Verdict;
  risk: Risk;
  reason: string;
}

/**
 * The Judge's verdict: every row that holds speaks, the worst verdict wins (APPROVED < ESCALATED < REJECTED), so more
 * confidence never makes it worse and another flag never makes it better. `human` is the column for text that a person
 * has approved word for word.
 *
 * | what holds                                                        | verdict   | human     | risk          |
 * |-------------------------------------------------------------------|-----------|-----------|---------------|
 * | confidence ≥ approve                                              | APPROVED  | APPROVED  | LOW           |
 * | escalate ≤ confidence < approve                                   | ESCALATED | APPROVED  | LOW, MEDIUM¹  |
 * | confidence < escalate                                             | REJECTED  | APPROVED  | MEDIUM        |
 * | the same in a tainted context: an attack is shown to a person     | ESCALATED | ESCALATED | HIGH          |
 * | confidence or thresholds make no sense (NaN …), no checks at all  | ESCALATED | ESCALATED | HIGH          |
 * | PERSONA or BRAND flag, LOW or MEDIUM                              | ESCALATED | APPROVED  | the flag's    |
 * | PERSONA or BRAND flag, HIGH                                       | REJECTED  | APPROVED  | HIGH          |
 * | SAFETY flag, LOW or MEDIUM                                        | ESCALATED | APPROVED  | the flag's    |
 * | SAFETY flag, HIGH (E1006: to a person, never by itself)           | ESCALATED | ESCALATED | HIGH          |
 * | TECHNICAL flag, LOW or MEDIUM                                     | ESCALATED | APPROVED  | the flag's    |
 * | TECHNICAL flag, HIGH (schema, length, broken media)               | REJECTED  | REJECTED  | HIGH          |
 * | BUDGET flag, LOW or MEDIUM                                        | ESCALATED | ESCALATED | the flag's    |
 * | BUDGET flag, HIGH                                                 | REJECTED  | REJECTED  | HIGH          |
 * | INJECTION flag that condemns the content (leaked, obeyed)         | REJECTED  | REJECTED  | HIGH          |
 * | any other INJECTION flag, or a tainted context                    | ESCALATED | ESCALATED | HIGH          |
 * | a check that could not run (CHECK_FAILED)                         | ESCALATED | ESCALATED | MEDIUM        |
 * | a check that did not pass and says no flag                        | ESCALATED | ESCALATED | MEDIUM        |
 * | the assessing model failed                                        | ESCALATED | APPROVED  | MEDIUM        |
 *
 * ¹ MEDIUM when the output is effectful.
 */
export function decideVerdict(input: VerdictInput): VerdictDecision {
  const findings = [
    bandFinding(input),
    ...input.checks.flatMap((check) => checkFindings(check, input.humanApproved)),
    ...contextFindings(input),
  ].filter((finding) => finding.verdict !== 'APPROVED');
  const verdict = findings.reduce<Verdict>(
    (worst, next) => (RANK[next.verdict] > RANK[worst] ? next.verdict : worst),
    'APPROVED',
  );
  const risk = findings.reduce<Risk>(
    (worst, next) => (RISK_RANK[next.risk] > RISK_RANK[worst] ? next.risk : worst),
    'LOW',
  );
  const gravest = (left: Finding, right: Finding): number =>
    RANK[right.verdict] - RANK[left.verdict] || RISK_RANK[right.risk] - RISK_RANK[left.risk];
  return { verdict, risk, reasons: [...new Set(findings.toSorted(gravest).map((finding) => finding.reason))] };
}

function bandFinding({ confidence, thresholds, effectful, tainted, humanApproved }: VerdictInput): Finding {
  const { approve, escalate } = thresholds;
  if (!(confidence >= 0 && confidence <= 1))
    return { verdict: 'ESCALATED', risk: 'HIGH', reason: 'The confidence could not be computed.' };
  if (!(escalate >= 0 && approve >= escalate && approve <= 1)) {
    return { verdict: 'ESCALATED', risk: 'HIGH', reason: "The tenant's thresholds make no sense." };
  }
  const shown = (Math.floor(confidence * 100) / 100).toFixed(2); // never rounded up to a threshold it missed
  if (confidence >= approve || humanApproved)
    return { verdict: 'APPROVED', risk: 'LOW', reason: `Confidence ${shown}.` };
  if (confidence >= escalate) {
    const reason = `Confidence ${shown} is below ${approve}, where the Judge decides alone.`;
    return { verdict: 'ESCALATED', risk: effectful ? 'MEDIUM' : 'LOW', reason };
  }
  const reason = `Confidence ${shown} is below ${escalate}.`;
  return tainted ? { verdict: 'ESCALATED', risk: 'HIGH', reason } : { verdict: 'REJECTED', risk: 'MEDIUM', reason };
}

function checkFindings(check: Check, humanApproved: boolean): Finding[] {
  if (check.flags.length > 0) {
    return check.flags.map((flag) => ({ ...routeFlag(check.name, flag, humanApproved), reason: flag.message }));
  }
  // A score of NaN is as bad as a check that did not pass.
  if (check.passed && check.score >= 0) return [];
  return [{ verdict: 'ESCALATED', risk: 'MEDIUM', reason: `The ${check.name} check did not pass: ${check.detail}` }];
}

function routeFlag(name: CheckName, flag: Flag, humanApproved: boolean): Omit<Finding, 'reason'> {
  const satisfied: Verdict = humanApproved ? 'APPROVED' : 'ESCALATED';
  if (flag.code === 'CHECK_FAILED') return { verdict: 'ESCALATED', risk: flag.risk };
  switch (name) {
    case 'PERSONA':
    case 'BRAND':
      return { verdict: flag.risk === 'HIGH' && !humanApproved ? 'REJECTED' : satisfied, risk: flag.risk };
    case 'SAFETY':
      return { verdict: flag.risk === 'HIGH' ? 'ESCALATED' : satisfied, risk: flag.risk };
    case 'TECHNICAL':
      return { verdict: flag.risk === 'HIGH' ? 'REJECTED' : satisfied, risk: flag.risk };
    case 'BUDGET':
      return { verdict: flag.risk === 'HIGH' ? 'REJECTED' : 'ESCALATED', risk: flag.risk };
    case 'INJECTION':
      return { verdict: CONDEMNING_INJECTION_CODES.has(flag.code) ? 'REJECTED' : 'ESCALATED', risk: 'HIGH' };
  }
}

function contextFindings({ checks, tainted, assessmentError, humanApproved }: VerdictInput): Finding[] {
  const findings: Finding[] = [];
  if (checks.length === 0) findings.push({ verdict: 'ESCALATED', risk: 'HIGH', reason: 'No check looked at this.' });
  if (tainted) findings.push({ verdict: 'ESCALATED', risk: 'HIGH', reason: TAINTED_MESSAGE });
  if (assessmentError !== null && !humanApproved) {
    findings.push({
      verdict: 'ESCALATED',
      risk: 'MEDIUM',
      reason: `The model could not assess this: ${assessmentError}`,
    });
  }
  return findings;
}
