import { describe, expect, it } from 'vitest';
import { planDrill } from './drill/schedule.ts';
import { FAULTS } from './harness/faults.ts';

describe('the schedule of a random drill', () => {
  it('is a function of seed and minutes alone', () => {
    expect(planDrill(7, 10)).toEqual(planDrill(7, 10));
    expect(planDrill(8, 10)).not.toEqual(planDrill(7, 10));
    expect(planDrill(7, 2)).not.toEqual(planDrill(7, 10));
  });

  it('meets every fault in ten minutes, and several in half a minute', () => {
    const faults = new Set(Object.values(planDrill(7, 10)).flatMap((lane) => lane.map(({ fault }) => fault)));
    expect([...faults].sort()).toEqual(FAULTS.map(({ name }) => name).sort());
    expect(Object.values(planDrill(7, 0.5)).flat().length).toBeGreaterThan(8);
  });

  it('ends every fault in time, and begins none of a lane while another of it lasts', () => {
    for (const lane of Object.values(planDrill(7, 3))) {
      for (const [index, { atMs, lastMs }] of lane.entries()) {
        expect(atMs + lastMs).toBeLessThanOrEqual(180_000);
        const before = lane[index - 1];
        if (before) expect(atMs).toBeGreaterThanOrEqual(before.atMs + before.lastMs);
      }
    }
  });
});
