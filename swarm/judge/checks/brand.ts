import type { Persona } from '../../../domain/agent/persona.ts';
import { cosineSimilarity } from '../../../domain/memory/embedding.ts';
import { remember, rememberOf } from '../../../domain/text/remember.ts';
import { styleFeatures } from '../../../domain/text/style-features.ts';
import { containsPhrase, contentWords } from '../../../domain/text/words.ts';
import { BRANDS, CLAIM_RULES } from './brand-rules.ts';
import type { Check, Flag, Judged } from './check.ts';
import { addFlag, isProse } from './check.ts';
import { interpolate, makeCheck, scoreOfFlags } from './scoring.ts';
import { vectorOf } from './vectors.ts';

/** What a cosine between a post and the campaign's goals and topic means; see PERSONA_CURVE. */
const BRAND_CURVE = [
  [0, 0.5],
  [0.05, 0.75],
  [0.12, 0.9],
  [0.25, 1],
] as const;

const NEUTRAL_SCORE = 0.92;
const ENOUGH_WORDS = 8;
const MODEL_WEIGHT = 0.7;
const MISALIGNED_BELOW = 0.45;
/** More hashtags than this on a platform read as spam. */
const MOST_HASHTAGS = { TWITTER: 4, THREADS: 4, MOLTBOOK: 5, YOUTUBE: 8, TIKTOK: 8, INSTAGRAM: 10 } as const;
const MOST_MENTIONS = 3;
const MOST_EMOJIS = 8;

/**
 * Brand alignment: does it serve the campaign, does it bring in names, claims, offers or politics that nobody asked for,
 * is it spam. Score = (0.3 curve + 0.7 model, or the curve alone) × flags. Whatever goals, topic or persona name is asked
 * for; a person decides the rest.
 */
export function checkBrand(judged: Judged): Check {
  const text = [judged.text ?? '', ...judged.hashtags].join(' ').trim();
  if (text === '')
    return makeCheck('BRAND', judged.assessment?.brandAlignment ?? 1, [], 'There is no text to compare.');
  const alignment = isProse(judged.taskType) ? alignmentOf(judged, text) : (judged.assessment?.brandAlignment ?? 1);
  const misaligned: Flag[] =
    alignment < MISALIGNED_BELOW
      ? [{ code: 'OFF_BRAND', risk: 'MEDIUM', message: 'Does not serve the goals of the campaign.' }]
      : [];
  const flags = [...nameFlags(judged, text), ...claimFlags(judged, text), ...spamFlags(judged, text)];
  const all = [...misaligned, ...flags];
  const detail =
    all.length === 0
      ? `Aligned with the campaign (${alignment.toFixed(2)}).`
      : `Found: ${[...new Set(all.map((flag) => flag.code))].join(', ')}.`;
  return makeCheck('BRAND', alignment * scoreOfFlags(flags), all, detail);
}

function contextOf({ goals, topic, persona, recentTexts }: Judged): string {
  const own = [
    goals,
    topic,
    persona.name,
    persona.niche,
    persona.backstory,
    ...persona.coreBeliefs,
    ...persona.directives.filter((directive) => !/\b(?:never|no|not|don't|avoid)\b/i.test(directive)),
  ];
  return [...own, ...recentTexts].filter((part) => part !== null).join('\n');
}

function alignmentOf({ goals, topic, persona, mention, assessment }: Judged, text: string): number {
  const asked = [goals, topic, persona.niche, mention?.text].filter((part) => Boolean(part?.trim())).join('. ');
  const cosine = cosineSimilarity(vectorOf(text), vectorOf(asked));
  const evidence = asked === '' ? 0 : Math.min(1, contentWords(text).length / ENOUGH_WORDS);
  const curve = evidence * interpolate(BRAND_CURVE, cosine) + (1 - evidence) * NEUTRAL_SCORE;
  return assessment === null ? curve : (1 - MODEL_WEIGHT) * curve + MODEL_WEIGHT * assessment.brandAlignment;
}

function nameFlags(judged: Judged, text: string): Flag[] {
  const { goals, mention, persona } = judged;
  const flags: Flag[] = [];
  for (const competitor of competitorsOf(persona)(goals ?? '')) {
    if (containsPhrase(text, competitor))
      flags.push({ code: 'COMPETITOR', risk: 'MEDIUM', message: `Mentions the competitor ${competitor}.` });
  }
  for (const handle of new Set(styleFeatures(text).mentions)) {
    if (
      handle.toLowerCase() === mention?.author.replace(/^@/u, '').toLowerCase() ||
      contextOf(judged).toLowerCase().includes(handle.toLowerCase())
    )
      continue;
    flags.push({
      code: 'UNKNOWN_MENTION',
      risk: 'LOW',
      message: `Mentions @${handle}, whom neither the goals nor the persona name.`,
    });
  }
  for (const brand of brandsIn(text)) {
    if (!containsPhrase(`${contextOf(judged)}\n${mention?.text ?? ''}`, brand)) {
      flags.push({
        code: 'NEW_BRAND',
        risk: 'LOW',
        message: `Mentions the brand ${brand}, which neither the goals nor the persona name.`,
      });
    }
  }
  return flags;
}

const wholeWord = (source: string): RegExp => new RegExp(`(?<![\\p{L}\\p{N}])(?:${source})(?![\\p{L}\\p{N}])`, 'u');
const ANY_BRAND = wholeWord(BRANDS.join('|'));
const EACH_BRAND = BRANDS.map((brand) => [brand, wholeWord(brand)] as const);

/** Most texts name none: one look for all of them, and only then one for each. */
function brandsIn(text: string): string[] {
  if (!ANY_BRAND.test(text)) return [];
  return EACH_BRAND.filter(([, pattern]) => pattern.test(text)).map(([brand]) => brand);
}

/** By the goals of each campaign that the persona serves. */
const competitorsOf = rememberOf(({ directives }: Persona) =>
  remember(8, (goals) => competitorsIn(`${goals}\n${directives.join('\n')}`)),
);

/** Names after "competitors:", "competitors such as", "competitor is". */
function competitorsIn(text: string): string[] {
  const lists = [
    ...text.matchAll(/\bcompetitors?(?: brands?)?(?::| such as| like| are| is| including| \()\s*([^.\n;)]+)/gi),
  ];
  return lists
    .flatMap((match) => (match[1] ?? '').split(/,|\band\b|\bor\b/i))
    .map((name) => name.trim())
    .filter((name) => name.length > 1 && name.split(' ').length <= 3);
}

function claimFlags(judged: Judged, text: string): Flag[] {
  return CLAIM_RULES.flatMap(({ code, message, needs, pattern }): Flag[] => {
    const found = (needs?.test(text) ?? true) ? pattern.exec(text)?.[0] : undefined;
    if (
      found === undefined ||
      contextOf(judged).toLowerCase().includes(found.toLowerCase()) ||
      (code === 'POLITICS' && pattern.test(contextOf(judged)))
    )
      return [];
    return [{ code, risk: 'LOW', message: `${message} (“${found}”).` }];
  });
}

function spamFlags({ platform, taskType }: Judged, text: string): Flag[] {
  const style = styleFeatures(text);
  const flags: Flag[] = [];
  const mostHashtags = platform === null ? 10 : MOST_HASHTAGS[platform];
  if (new Set(style.hashtags.map((tag) => tag.toLowerCase())).size > mostHashtags)
    addFlag(flags, 'SPAM', 'LOW', `Has ${style.hashtags.length} hashtags; more than ${mostHashtags} read as spam.`);
  if (style.mentions.length > MOST_MENTIONS)
    addFlag(flags, 'SPAM', 'LOW', `Mentions ${style.mentions.length} accounts.`);
  if (style.emojis > MOST_EMOJIS) addFlag(flags, 'SPAM', 'LOW', `Has ${style.emojis} emoji.`);
  if (style.words >= 5 && style.shoutedWords / style.words > 0.3)
    addFlag(flags, 'SPAM', 'LOW', 'Is written in capitals.');
  if (/!{3,}|\?{3,}|(\p{L})\1{4,}/u.test(text))
    addFlag(flags, 'SPAM', 'LOW', 'Exclaims or stretches letters excessively.');
  if (
    /\b(?:follow ?(?:back|4 ?follow|for follow)|f4f|like ?4 ?like|l4l|dm (?:me|us) (?:now|for)|click (?:here|the link|now)|link in bio!{2,}|act now|limited time only|tag \d+ friends|(?:rt|retweet|share) (?:to|and) win)\b/i.test(
      text,
    )
  ) {
    addFlag(flags, 'SPAM', taskType === 'REPLY_COMMENT' ? 'MEDIUM' : 'LOW', 'Begs for engagement.');
  }
  return flags;
}
