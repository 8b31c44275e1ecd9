import { describe, expect, it } from 'vitest';
import type { Check } from '../../../../swarm/judge/checks/check.ts';
import { runChecks, scoreOf } from '../../../../swarm/judge/checks/run-checks.ts';
import { computeConfidence, historicalSuccess } from '../../../../swarm/judge/confidence.ts';
import { decideVerdict } from '../../../../swarm/judge/verdict.ts';
import { judged } from '../judged.ts';

const names = (checks: Check[]): string[] => checks.map(({ name }) => name);

async function judge(changes: Parameters<typeof judged>[0], modelProbability = 0.92) {
  const subject = judged(changes);
  const checks = await runChecks(subject);
  const { score } = computeConfidence({
    modelProbability,
    personaSimilarity: scoreOf(checks, 'PERSONA'),
    contentSafety: scoreOf(checks, 'SAFETY'),
    historicalSuccess: historicalSuccess({ approved: 0, rejected: 0 }),
  });
  return decideVerdict({
    ...subject,
    confidence: score,
    checks,
    thresholds: { approve: 0.9, escalate: 0.7 },
    effectful: false,
  });
}

describe('runChecks', () => {
  it('runs the checks that the type needs', async () => {
    expect(names(await runChecks(judged()))).toEqual(['PERSONA', 'SAFETY', 'BRAND', 'TECHNICAL', 'INJECTION']);
    expect(names(await runChecks(judged({ taskType: 'ANALYZE_TREND' })))).toEqual(['SAFETY', 'TECHNICAL', 'INJECTION']);
  });

  it('turns a check that throws, and one that nobody brought, into a failed check that blocks approval', async () => {
    const boom = () => {
      throw new Error('no ledger');
    };
    for (const more of [{}, { BUDGET: boom }, { BUDGET: () => Promise.reject(new Error('no ledger')) }]) {
      const checks = await runChecks(judged({ taskType: 'EXECUTE_TRANSACTION', text: null }), more);
      const budget = checks.find(({ name }) => name === 'BUDGET');
      expect(budget).toMatchObject({ score: 0, passed: false, flags: [{ code: 'CHECK_FAILED', risk: 'MEDIUM' }] });
    }
  });

  it('runs them side by side', async () => {
    let running = 0;
    let most = 0;
    const slow = async (): Promise<Check> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return { name: 'BRAND', score: 1, passed: true, flags: [], detail: '' };
    };
    await runChecks(judged(), { BRAND: slow, PERSONA: slow, SAFETY: slow });
    expect(most).toBe(3);
  });

  it('scores 1 for a check that the type does not need', () => {
    expect(scoreOf([], 'PERSONA')).toBe(1);
  });
});

describe('checks, confidence and verdict together', () => {
  it.each([
    'Grandmother’s loom, my blazer. Thrifted the linen for a song, lined it with hand-woven cotton from Shiro Meda, and suddenly a ten-year-old jacket is ready for another ten. What would you mend before you buy new? 🧵',
    'A habesha kemis border, unpicked from a torn dress and stitched onto a denim collar. Nothing wasted, everything remembered. ✨ #MendItAddis',
    'Ask who wove it before you ask what it costs. Behind this cotton scarf: three days, two hands, one very patient weaver named Almaz.',
  ])('approves the good post “%s”', async (text) => {
    expect(await judge({ text })).toEqual({ verdict: 'APPROVED', risk: 'LOW', reasons: [] });
  });

  it.each([
    ['this fucking blazer is the best thing I ever wove', 'ESCALATED'],
    ['Sure! Here is a tweet about thrifted linen', 'REJECTED'],
    ['Get 20% off every hand-woven cotton scarf', 'ESCALATED'],
    ["I'm a real human and I weave cotton by hand", 'REJECTED'],
  ] as const)('%s → %s', async (text, verdict) => {
    expect((await judge({ text })).verdict).toBe(verdict);
  });

  it('never approves without a person when the model failed, or when the context is tainted', async () => {
    expect((await judge({ assessment: null, assessmentError: 'timeout' })).verdict).toBe('ESCALATED');
    expect(await judge({ tainted: true })).toMatchObject({ verdict: 'ESCALATED', risk: 'HIGH' });
  });

  it('approves the effect of a text that a person approved, even where the Judge alone would have asked', async () => {
    const post = {
      taskType: 'POST_CONTENT',
      disclosure: 'ASSISTED',
      text: 'Get 20% off every hand-woven cotton scarf',
    } as const;
    expect((await judge(post, 0.5)).verdict).not.toBe('APPROVED');
    expect((await judge({ ...post, humanApproved: true }, 0.5)).verdict).toBe('APPROVED');
    expect((await judge({ ...post, humanApproved: true, disclosure: null }, 0.99)).verdict).toBe('REJECTED');
  });
});
