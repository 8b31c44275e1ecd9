import type { WritePostPromptInput } from '../prompts/write-post.ts';
import type { FeedbackWishes } from './feedback.ts';
import type { Voice } from './persona-voice.ts';
import type { SeededRandom } from './seeded-random.ts';

const EMOJI: readonly [RegExp, readonly string[]][] = [
  [/\b(?:fashion|cloth|textile|weav\w+|style|craft|design)\b/iu, ['🧵', '🪡', '✨']],
  [/\b(?:climate|energy|solar|environment\w*|sustainab\w+|nature|garden)\b/iu, ['🌱', '🌍', '☀️']],
  [/\b(?:games?|gaming|indie)\b/iu, ['🎮', '🕹️']],
  [/\b(?:food|cook\w*|recipe|coffee|kitchen|bak\w+)\b/iu, ['☕', '🍲']],
  [/\b(?:music|song|album|concert)\b/iu, ['🎶']],
  [/\b(?:travel|city|trail|mountain)\b/iu, ['🧭', '⛰️']],
  [/\b(?:fitness|sport|run\w*|football|yoga)\b/iu, ['🏃']],
  [/\b(?:tech\w*|software|code|data|ai)\b/iu, ['🔧', '💡']],
];

/** One emoji with a space before it, or nothing: only lively voices, only where pictures rule, only if allowed. */
export function pickEmoji(
  input: WritePostPromptInput,
  voice: Voice,
  wishes: FeedbackWishes,
  random: SeededRandom,
): string {
  const lively = voice.styles.some((style) => style === 'WARM' || style === 'PLAYFUL' || style === 'HOPEFUL');
  const visual = input.platform === 'INSTAGRAM' || input.platform === 'TIKTOK' || input.platform === 'THREADS';
  if (!lively || !visual || !voice.allows.emoji || wishes.withoutEmoji || !random.chance(0.6)) return '';
  const found = EMOJI.find(([subject]) => subject.test(`${input.persona.niche ?? ''} ${input.topic}`));
  return found ? ` ${random.pick(found[1])}` : '';
}
