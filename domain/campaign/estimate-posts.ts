const DAY_MS = 86_400_000;
const DEFAULT_POSTS = 4;
const MAX_POSTS = 200;
const NUMBER_WORDS: Record<string, number> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  twelve: 12,
  twenty: 20,
};
const COUNT = `(\\d{1,3}|${Object.keys(NUMBER_WORDS).join('|')}|a|an)`;
const POSTS = '(?:[a-z-]+\\s+){0,3}?(?:posts?|tweets?|threads?|updates?)';

/**
 * How many posts the goals ask for: "5 posts", "two tweets a day" (times the days of the campaign), else 4 a campaign,
 * at most 200. A reading of the text, shown at once when a campaign is created; the Planner plans towards it.
 */
export function estimatePosts(goals: string, startsAt: Date, endsAt: Date | null): number {
  const days = endsAt ? Math.max(1, Math.ceil((endsAt.getTime() - startsAt.getTime()) / DAY_MS)) : 1;
  const weeks = Math.max(1, Math.ceil(days / 7));
  const match = new RegExp(`\\b${COUNT}\\s+${POSTS}\\b(\\s+(?:a|per|each|every)\\s+(day|week))?`, 'i').exec(goals);
  if (!match) return DEFAULT_POSTS;
  const word = (match[1] ?? '').toLowerCase();
  const count = /^\d/.test(word) ? Number(word) : (NUMBER_WORDS[word] ?? 1);
  const times = match[3]?.toLowerCase() === 'day' ? days : match[3]?.toLowerCase() === 'week' ? weeks : 1;
  return Math.min(MAX_POSTS, Math.max(1, count * times));
}
