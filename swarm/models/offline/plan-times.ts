import type { PlanPromptInput } from '../prompts/plan.ts';
import type { SeededRandom } from './seeded-random.ts';

const HOUR_MS = 3_600_000;
const OPEN_END_DAYS = 7;
const MIN_GAP_MS = 30 * 60_000;

/**
 * When each post goes out: the first as soon as it is ready, the others in equal steps to the end of the campaign (a
 * week where it has none), each moved a little so that nothing looks clockwork. Null: as soon as possible.
 */
export function publicationTimes(input: PlanPromptInput, count: number, random: SeededRandom): (string | null)[] {
  const now = Date.parse(input.now);
  const start = Math.max(now, Date.parse(input.campaign.startsAt));
  const end = input.campaign.endsAt ? Date.parse(input.campaign.endsAt) : start + OPEN_END_DAYS * 24 * HOUR_MS;
  const first = start > now ? new Date(start).toISOString() : null;
  const step = count > 1 ? (end - start) / count : 0;
  return Array.from({ length: count }, (_, number) => {
    if (number === 0 || step < MIN_GAP_MS) return first;
    const moved = start + step * number + (random.next() - 0.5) * Math.min(step * 0.4, 3 * HOUR_MS);
    return new Date(Math.round(moved / 60_000) * 60_000).toISOString();
  });
}
