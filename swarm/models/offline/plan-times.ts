import type { PlanPromptInput } from '../prompts/plan.ts';
import type { SeededRandom } from './seeded-random.ts';

const HOUR_MS = 3_600_000;
const OPEN_END_DAYS = 7;
const MIN_GAP_MS = 30 * 60_000;
/** Goals that name a rhythm: "two posts a day", "weekly", "every Monday", "spread over the week". */
const RHYTHM =
  /\b(?:(?:a|per|each|every)\s+(?:\w+\s+)?(?:hour|day|morning|evening|week|month|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|hourly|daily|weekly|monthly|spread|schedule[ds]?|over the (?:next|coming|week|month))\b/i;

/**
 * When each post goes out. Without a rhythm in the goals: as soon as it is approved (null). With one: the first as soon as
 * it is ready, the others in equal steps to the end of the campaign (a week where it has none), each moved a little so
 * that nothing looks clockwork.
 */
export function publicationTimes(input: PlanPromptInput, count: number, random: SeededRandom): (string | null)[] {
  const now = Date.parse(input.now);
  const start = Math.max(now, Date.parse(input.campaign.startsAt));
  const end = input.campaign.endsAt ? Date.parse(input.campaign.endsAt) : start + OPEN_END_DAYS * 24 * HOUR_MS;
  const first = start > now ? new Date(start).toISOString() : null;
  if (!RHYTHM.test(input.campaign.goals)) return Array.from({ length: count }, () => first);
  const step = count > 1 ? (end - start) / count : 0;
  return Array.from({ length: count }, (_, number) => {
    if (number === 0 || step < MIN_GAP_MS) return first;
    const moved = start + step * number + (random.next() - 0.5) * Math.min(step * 0.4, 3 * HOUR_MS);
    return new Date(Math.round(moved / 60_000) * 60_000).toISOString();
  });
}
