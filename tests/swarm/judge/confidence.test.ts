import { describe, expect, it } from 'vitest';
import { computeConfidence, historicalSuccess } from '../../../swarm/judge/confidence.ts';

const PARTS = { modelProbability: 0.95, personaSimilarity: 0.85, contentSafety: 0.95, historicalSuccess: 0.9 };

describe('computeConfidence', () => {
  it('weighs 0.4 model, 0.3 persona, 0.2 safety, 0.1 history and shows the parts', () => {
    expect(computeConfidence(PARTS)).toEqual({ score: 0.915, raw: 0.915, ...PARTS });
    expect(
      computeConfidence({ modelProbability: 1, personaSimilarity: 0, contentSafety: 0, historicalSuccess: 0 }).raw,
    ).toBe(0.4);
    expect(
      computeConfidence({ modelProbability: 0, personaSimilarity: 1, contentSafety: 0, historicalSuccess: 0 }).raw,
    ).toBe(0.3);
    expect(
      computeConfidence({ modelProbability: 0, personaSimilarity: 0, contentSafety: 1, historicalSuccess: 0 }).raw,
    ).toBe(0.2);
    expect(
      computeConfidence({ modelProbability: 0, personaSimilarity: 0, contentSafety: 0, historicalSuccess: 1 }).raw,
    ).toBe(0.1);
  });

  it('reaches 0.9 exactly when every part is 0.9: no float misses the threshold', () => {
    const all = { modelProbability: 0.9, personaSimilarity: 0.9, contentSafety: 0.9, historicalSuccess: 0.9 };
    expect(computeConfidence(all).score).toBe(0.9);
  });

  it('clamps what leaves 0..1', () => {
    const wild = {
      modelProbability: 7,
      personaSimilarity: -3,
      contentSafety: Number.POSITIVE_INFINITY,
      historicalSuccess: 1,
    };
    expect(computeConfidence(wild)).toMatchObject({
      modelProbability: 1,
      personaSimilarity: 0,
      contentSafety: 1,
      score: 0.7,
    });
    expect(computeConfidence(PARTS, () => 4).score).toBe(1);
    expect(computeConfidence(PARTS, () => -4).score).toBe(0);
  });

  it('refuses NaN in any part and from the calibration', () => {
    for (const part of Object.keys(PARTS)) {
      expect(() => computeConfidence({ ...PARTS, [part]: Number.NaN })).toThrow(RangeError);
    }
    expect(() => computeConfidence(PARTS, () => Number.NaN)).toThrow(RangeError);
  });

  it('calibrates the score and keeps the raw sum', () => {
    expect(computeConfidence(PARTS, (raw) => raw - 0.2)).toMatchObject({ raw: 0.915, score: 0.715 });
  });
});

describe('historicalSuccess', () => {
  it('starts at 0.9 and moves with decisions', () => {
    expect(historicalSuccess({ approved: 0, rejected: 0 })).toBe(0.9);
    expect(historicalSuccess({ approved: 0, rejected: 8 })).toBe(0.5);
    expect(historicalSuccess({ approved: 90, rejected: 0 })).toBe(0.99);
  });

  it('refuses counts that cannot be', () => {
    expect(() => historicalSuccess({ approved: -1, rejected: 0 })).toThrow(RangeError);
    expect(() => historicalSuccess({ approved: 1, rejected: Number.NaN })).toThrow(RangeError);
  });
});
