import { describe, expect, it } from 'vitest';
import type { Check, CheckName, Risk } from '../../../swarm/judge/checks/check.ts';
import type { Verdict, VerdictInput } from '../../../swarm/judge/verdict.ts';
import { decideVerdict } from '../../../swarm/judge/verdict.ts';

const THRESHOLDS = { approve: 0.9, escalate: 0.7 };
const RANK: Record<Verdict, number> = { APPROVED: 0, ESCALATED: 1, REJECTED: 2 };

function check(name: CheckName, flags: [code: string, risk: Risk][] = [], passed = flags.length === 0): Check {
  return {
    name,
    score: passed ? 1 : 0.5,
    passed,
    detail: name,
    flags: flags.map(([code, risk]) => ({ code, risk, message: `${name} ${code} ${risk}` })),
  };
}
const CLEAN = (['PERSONA', 'SAFETY', 'BRAND', 'TECHNICAL', 'INJECTION'] as const).map((name) => check(name));

function decide(input: Partial<VerdictInput>) {
  const base = {
    confidence: 0.95,
    checks: CLEAN,
    thresholds: THRESHOLDS,
    effectful: false,
    tainted: false,
    assessmentError: null,
    humanApproved: false,
  };
  return decideVerdict({ ...base, ...input });
}

/** The rows of the docstring's table: what holds, the verdict, the verdict for text a person approved, the risk. */
const ROWS: [string, Partial<VerdictInput>, Verdict, Verdict, Risk][] = [
  ['confidence at the approve threshold', { confidence: 0.9 }, 'APPROVED', 'APPROVED', 'LOW'],
  ['confidence just below it', { confidence: 0.8999 }, 'ESCALATED', 'APPROVED', 'LOW'],
  ['the same, effectful', { confidence: 0.8999, effectful: true }, 'ESCALATED', 'APPROVED', 'MEDIUM'],
  ['confidence at the escalate threshold', { confidence: 0.7 }, 'ESCALATED', 'APPROVED', 'LOW'],
  ['confidence just below it', { confidence: 0.6999 }, 'REJECTED', 'APPROVED', 'MEDIUM'],
  ['confidence NaN', { confidence: Number.NaN }, 'ESCALATED', 'ESCALATED', 'HIGH'],
  ['confidence above 1', { confidence: 1.2 }, 'ESCALATED', 'ESCALATED', 'HIGH'],
  ['thresholds the wrong way round', { thresholds: { approve: 0.5, escalate: 0.8 } }, 'ESCALATED', 'ESCALATED', 'HIGH'],
  ['a threshold NaN', { thresholds: { approve: Number.NaN, escalate: 0.7 } }, 'ESCALATED', 'ESCALATED', 'HIGH'],
  ['no checks at all', { checks: [] }, 'ESCALATED', 'ESCALATED', 'HIGH'],
  ['persona flag LOW', { checks: [check('PERSONA', [['VOICE_MISMATCH', 'LOW']])] }, 'ESCALATED', 'APPROVED', 'LOW'],
  [
    'persona flag MEDIUM',
    { checks: [check('PERSONA', [['PERSONA_DRIFT', 'MEDIUM']])] },
    'ESCALATED',
    'APPROVED',
    'MEDIUM',
  ],
  ['persona flag HIGH', { checks: [check('PERSONA', [['CLAIMS_HUMAN', 'HIGH']])] }, 'REJECTED', 'APPROVED', 'HIGH'],
  ['brand flag LOW', { checks: [check('BRAND', [['NEW_BRAND', 'LOW']])] }, 'ESCALATED', 'APPROVED', 'LOW'],
  ['brand flag HIGH', { checks: [check('BRAND', [['OFF_BRAND', 'HIGH']])] }, 'REJECTED', 'APPROVED', 'HIGH'],
  ['safety flag LOW', { checks: [check('SAFETY', [['UNKNOWN_LINK', 'LOW']])] }, 'ESCALATED', 'APPROVED', 'LOW'],
  ['safety flag MEDIUM', { checks: [check('SAFETY', [['PROFANITY', 'MEDIUM']])] }, 'ESCALATED', 'APPROVED', 'MEDIUM'],
  ['safety flag HIGH', { checks: [check('SAFETY', [['THREAT', 'HIGH']])] }, 'ESCALATED', 'ESCALATED', 'HIGH'],
  ['technical flag LOW', { checks: [check('TECHNICAL', [['MARKDOWN', 'LOW']])] }, 'ESCALATED', 'APPROVED', 'LOW'],
  [
    'technical flag HIGH',
    { checks: [check('TECHNICAL', [['SCHEMA_INVALID', 'HIGH']])] },
    'REJECTED',
    'REJECTED',
    'HIGH',
  ],
  ['budget flag LOW', { checks: [check('BUDGET', [['FIRST_RECIPIENT', 'LOW']])] }, 'ESCALATED', 'ESCALATED', 'LOW'],
  ['budget flag HIGH', { checks: [check('BUDGET', [['OVER_LIMIT', 'HIGH']])] }, 'REJECTED', 'REJECTED', 'HIGH'],
  [
    'leaked instructions',
    { checks: [check('INJECTION', [['LEAKED_INSTRUCTIONS', 'HIGH']])] },
    'REJECTED',
    'REJECTED',
    'HIGH',
  ],
  [
    'an obeyed attack',
    { checks: [check('INJECTION', [['OBEYED_INJECTION', 'HIGH']])] },
    'REJECTED',
    'REJECTED',
    'HIGH',
  ],
  [
    'a suspicious mention',
    { checks: [check('INJECTION', [['SUSPICIOUS_MENTION', 'MEDIUM']])] },
    'ESCALATED',
    'ESCALATED',
    'HIGH',
  ],
  ['a tainted context', { tainted: true }, 'ESCALATED', 'ESCALATED', 'HIGH'],
  ['a tainted context of low confidence', { tainted: true, confidence: 0.5 }, 'ESCALATED', 'ESCALATED', 'HIGH'],
  [
    'a check that could not run',
    { checks: [check('BRAND', [['CHECK_FAILED', 'MEDIUM']])] },
    'ESCALATED',
    'ESCALATED',
    'MEDIUM',
  ],
  [
    'a check that did not pass and says no flag',
    { checks: [check('BRAND', [], false)] },
    'ESCALATED',
    'ESCALATED',
    'MEDIUM',
  ],
  ['the assessing model failed', { assessmentError: 'timeout' }, 'ESCALATED', 'APPROVED', 'MEDIUM'],
];

describe('decideVerdict', () => {
  it.each(ROWS)('%s', (_name, input, verdict, afterHuman, risk) => {
    expect(decide(input)).toMatchObject({ verdict, risk });
    expect(decide({ ...input, humanApproved: true }).verdict).toBe(afterHuman);
  });

  it('says why, the gravest first, and each reason once', () => {
    const checks = [
      check('BRAND', [['NEW_BRAND', 'LOW']]),
      check('TECHNICAL', [
        ['TOO_LONG', 'HIGH'],
        ['TOO_LONG', 'HIGH'],
      ]),
    ];
    expect(decide({ confidence: 0.8, checks })).toEqual({
      verdict: 'REJECTED',
      risk: 'HIGH',
      reasons: [
        'TECHNICAL TOO_LONG HIGH',
        'Confidence 0.80 is below 0.9, where the Judge decides alone.',
        'BRAND NEW_BRAND LOW',
      ],
    });
    expect(decide({}).reasons).toEqual([]);
  });

  it('shows content of low confidence to a person when its context is tainted, unless it is condemned or broken itself', () => {
    expect(decide({ confidence: 0.5, tainted: true })).toMatchObject({ verdict: 'ESCALATED', risk: 'HIGH' });
    for (const condemned of [
      check('INJECTION', [['OBEYED_INJECTION', 'HIGH']]),
      check('TECHNICAL', [['TOO_LONG', 'HIGH']]),
    ])
      expect(decide({ confidence: 0.5, tainted: true, checks: [condemned] }).verdict).toBe('REJECTED');
  });

  it('treats a score of NaN as a check that did not pass', () => {
    expect(decide({ checks: [{ ...check('SAFETY'), score: Number.NaN }] }).verdict).toBe('ESCALATED');
  });
});

/** mulberry32: the same cases in every run. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('decideVerdict, for 3,000 seeded inputs', () => {
  const random = seededRandom(20261120);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const NAMES = ['PERSONA', 'SAFETY', 'BRAND', 'TECHNICAL', 'BUDGET', 'INJECTION'] as const;
  const CODES = ['PROFANITY', 'LEAKED_INSTRUCTIONS', 'SUSPICIOUS_MENTION', 'CHECK_FAILED', 'TOO_LONG', 'OFF_BRAND'];
  const randomFlag = (): [string, Risk] => [pick(CODES), pick(['LOW', 'MEDIUM', 'HIGH'])];
  const randomCheck = (): Check => check(pick(NAMES), Array.from({ length: pick([0, 0, 0, 1, 2]) }, randomFlag));
  const randomInput = (): Partial<VerdictInput> => ({
    confidence: random(),
    checks: Array.from({ length: 1 + Math.floor(random() * 5) }, randomCheck),
    tainted: random() < 0.1,
    humanApproved: random() < 0.3,
    effectful: random() < 0.5,
    assessmentError: random() < 0.1 ? 'down' : null,
  });
  const inputs = Array.from({ length: 3000 }, randomInput);

  it('never gives a worse verdict for more confidence', () => {
    for (const input of inputs) {
      const more = (input.confidence ?? 0) + random() * (1 - (input.confidence ?? 0));
      expect(RANK[decide({ ...input, confidence: more }).verdict]).toBeLessThanOrEqual(RANK[decide(input).verdict]);
    }
  });

  it('never gives a better verdict, or a lower risk, for one more flag', () => {
    const risks = ['LOW', 'MEDIUM', 'HIGH'];
    for (const input of inputs) {
      const before = decide(input);
      const after = decide({ ...input, checks: [...(input.checks ?? []), check(pick(NAMES), [randomFlag()])] });
      expect(RANK[after.verdict]).toBeGreaterThanOrEqual(RANK[before.verdict]);
      expect(risks.indexOf(after.risk)).toBeGreaterThanOrEqual(risks.indexOf(before.risk));
    }
  });

  it('never approves NaN, a tainted context, or a flag that no person has seen, and always says why', () => {
    for (const input of inputs) {
      expect(decide({ ...input, confidence: Number.NaN }).verdict).not.toBe('APPROVED');
      expect(decide({ ...input, tainted: true }).verdict).not.toBe('APPROVED');
      const { verdict, reasons } = decide(input);
      if (verdict === 'APPROVED')
        expect(input.humanApproved || input.checks?.every(({ flags }) => flags.length === 0)).toBe(true);
      else expect(reasons.length).toBeGreaterThan(0);
    }
  });
});
