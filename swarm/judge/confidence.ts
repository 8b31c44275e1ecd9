/** confidence = 0.4 model probability + 0.3 persona similarity + 0.2 content safety + 0.1 historical success (spec D 2.2). */
const CONFIDENCE_WEIGHTS = {
  modelProbability: 0.4,
  personaSimilarity: 0.3,
  contentSafety: 0.2,
  historicalSuccess: 0.1,
} as const;

/** Each 0..1. */
export type ConfidenceParts = Record<keyof typeof CONFIDENCE_WEIGHTS, number>;

export interface Confidence extends ConfidenceParts {
  /** What the bands look at: `raw` after calibration, 0..1. */
  score: number;
  /** The weighted sum before calibration, 0..1. */
  raw: number;
}

const PARTS = Object.keys(CONFIDENCE_WEIGHTS) as (keyof ConfidenceParts)[];

/**
 * The weighted sum with its parts, all clamped to 0..1 and rounded to 4 digits (so that 0.9 is not missed by a float's
 * last bit). `calibrate` maps the raw sum to what people's decisions say it is worth. Throws RangeError when a part or
 * the calibrated score is not a number: no number, no approval.
 */
export function computeConfidence(
  parts: ConfidenceParts,
  calibrate: (raw: number) => number = (raw) => raw,
): Confidence {
  const clamped = { ...parts };
  for (const part of PARTS) clamped[part] = unitInterval(part, parts[part]);
  const raw = unitInterval(
    'raw confidence',
    PARTS.reduce((sum, part) => sum + CONFIDENCE_WEIGHTS[part] * clamped[part], 0),
  );
  return { score: unitInterval('calibrated confidence', calibrate(raw)), raw, ...clamped };
}

function unitInterval(name: string, value: number): number {
  if (typeof value !== 'number' || Number.isNaN(value))
    throw new RangeError(`${name} is not a number: ${String(value)}`);
  return Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;
}

/** Ten imagined decisions, nine of them approvals: a new agent starts at 0.9 and real decisions soon outweigh them. */
const PRIOR = { approved: 9, rejected: 1 } as const;

/**
 * The agent's share of approved results, smoothed with the prior: 0.9 without history, 0.5 after 8 rejections in a row.
 * Throws RangeError on counts that are negative or not finite.
 */
export function historicalSuccess(counts: { approved: number; rejected: number }): number {
  for (const value of [counts.approved, counts.rejected]) {
    if (!Number.isFinite(value) || value < 0) throw new RangeError(`a count of decisions cannot be ${String(value)}`);
  }
  const approved = counts.approved + PRIOR.approved;
  return unitInterval('historical success', approved / (approved + counts.rejected + PRIOR.rejected));
}
