import { textSimilarity } from '../../../domain/text/similarity.ts';
import { sentences } from '../../../domain/text/words.ts';
import { scanForInjection } from '../../../domain/trust/untrusted-text.ts';
import type { PlanPromptInput } from '../prompts/plan.ts';
import { personaStems, sharedWords } from './overlap.ts';
import { readVoice } from './persona-voice.ts';
import type { SeededRandom } from './seeded-random.ts';
import { findSensitiveTopics } from './sensitive-topics.ts';
import type { WordCase } from './sentence.ts';
import { lowerFirst, plain } from './sentence.ts';
import { readTopic } from './topic.ts';

export interface PlanTopic {
  text: string;
  trendId: string | null;
}

type Agent = PlanPromptInput['agents'][number];

const ANGLES = [
  'the people behind {t}',
  'a common mistake with {t}',
  'what beginners should know about {t}',
  'the history of {t}',
  'what changed in {t} this year',
  'the small details of {t}',
  'what I wish I had known about {t}',
  'where {t} is heading',
  'an everyday look at {t}',
  'the part of {t} nobody photographs',
  'why {t} is worth the effort',
  'one thing worth learning about {t}',
];

/** Different topics for one agent, enough for `count` posts: a person's wish first, then trends and goals in turn. */
export function choosePlanTopics(
  input: PlanPromptInput,
  agent: Agent,
  count: number,
  random: SeededRandom,
): PlanTopic[] {
  const refused = input.finished
    .filter((task) => task.status === 'REJECTED' || task.status === 'FAILED')
    .map((task) => task.summary);
  const spent = input.finished.map((task) => task.summary);
  const { cases, subject: niche } = readVoice(agent.persona);
  const subject = niche ?? readTopic(input.campaign.name, cases).text;
  const wish = wishOf(input, cases);
  const pools = [
    ...(wish ? [[{ text: wish, trendId: null }]] : []),
    trendTopics(input, agent, refused),
    [...goalTopics(input, cases, random), ...nicheTopics(subject, random)],
  ];
  const chosen: PlanTopic[] = [];
  const isNew = (topic: PlanTopic) =>
    ![...spent, ...chosen.map((other) => other.text)].some((text) => textSimilarity(text, topic.text) > 0.55);
  for (let turn = 0; chosen.length < count && pools.some((pool) => pool.length > 0); turn++) {
    const topic = pools[turn % pools.length]?.shift();
    if (topic && isNew(topic)) chosen.push(topic);
  }
  for (let number = chosen.length; number < count; number++) {
    chosen.push({
      text: `${(ANGLES[number % ANGLES.length] ?? '{t}').replace('{t}', subject)}, part ${Math.floor(number / ANGLES.length) + 2}`,
      trendId: null,
    });
  }
  return chosen;
}

/** "Focus on X", as a person writes it; other notes say what went wrong, not what to write about. */
function wishOf(input: PlanPromptInput, cases: WordCase): string | null {
  if (input.reason !== 'HUMAN' || !input.note) return null;
  const wish =
    /\b(?:focus on|more (?:posts )?(?:about|on)|write about|post about|talk about|instead(?:,)? (?:post |write )?about)\s+([^.\n;]{3,120})/iu.exec(
      input.note,
    )?.[1];
  return wish
    ? lowerFirst(
        plain(wish).replace(/,? (?:this (?:week|month)|today|now|instead|please|for now|from now on)$/iu, ''),
        cases,
      )
    : null;
}

function trendTopics(input: PlanPromptInput, agent: Agent, refused: readonly string[]): PlanTopic[] {
  const about = personaStems(agent.persona, input.campaign.goals);
  return input.trends
    .filter((trend) => trend.agentId === agent.agentId)
    .filter(
      (trend) =>
        !scanForInjection(`${trend.topic}\n${trend.summary}`).suspicious &&
        findSensitiveTopics(`${trend.topic} ${trend.summary}`).length === 0,
    )
    .filter((trend) => !refused.some((summary) => textSimilarity(summary, trend.topic) > 0.4))
    .map((trend) => ({ trend, score: sharedWords(`${trend.topic} ${trend.summary}`, about) }))
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score)
    .map(({ trend }) => ({ text: plain(trend.topic), trendId: trend.trendId }))
    .filter((topic) => topic.text.length >= 3);
}

/** What a goal is about follows such a word: "curious about X", "promote X", "raise awareness of X". */
const ABOUT =
  /\b(?:about|around|regarding|featuring|covering|on|promot(?:e|ing)|celebrat(?:e|ing)|introduc(?:e|ing)|explain(?:ing)?|highlight(?:ing)?|awareness (?:of|for|about)|interest in)\s+([^.;:!?]{3,160})/giu;
/** Where the subject ends: a new clause, a manner, a count, an audience. */
const SUBJECT_END =
  /,|\s(?:that|which|who|so that|in order|to (?=(?:[\p{L}-]+ ){1,3}(?:audiences?|people|fans|followers|readers|customers|users)\b)|with(?= (?:a|an|the|at)\b)|for (?=(?:our|the|young|new)\b)|using|while|by \p{L}+ing|(?:one|two|three|four|some|half|each|\d+) of)\b|\s(?:a|per|each|every) (?:day|week|month)\b/iu;
/** Instructions about how to work, not subjects: "answer the people who write to us", "keep it short", "two of them …". */
const WORKING_ORDER =
  /^(?:please\s+)?(?:answer|reply|respond|publish|post|tweet|write|engage|grow|gain|reach|increase|get|make|use|include|keep|avoid|do not|don't|never|always|stay|be|add|attach|mention|tag|thank|follow|try|(?:one|two|three|four|five|some|half|each|all|most|\d+) (?:of|posts?|tweets?|images?|pictures?))\b/iu;

/** The subjects that the goals name, then the parts of them that are subjects themselves. */
function goalTopics(input: PlanPromptInput, cases: WordCase, random: SeededRandom): PlanTopic[] {
  const parts = sentences(input.campaign.goals).flatMap((sentence) => {
    const named = [...sentence.matchAll(ABOUT)].flatMap((match) => subjectsIn(match[1] ?? ''));
    return named.length > 0 ? named : clausesOf(sentence);
  });
  return random.shuffle(
    parts.flatMap((part) => {
      const topic = readTopic(part, cases);
      return topic.form === 'NOUN' && topic.text.length >= 5 && topic.text.length <= 90
        ? [{ text: topic.text, trendId: null }]
        : [];
    }),
  );
}

/** "handwoven cotton and the weavers of Shiro Meda, two of them with a picture" names two subjects. */
function subjectsIn(text: string): string[] {
  const subject = plain((text.split(SUBJECT_END)[0] ?? '').replace(/^the fact that\s+/iu, ''));
  const halves = subject.split(/\s+and\s+(?=(?:the|our|its|their|how|why|what|\p{Lu})\s?\p{L}+)/u);
  return (halves.every((half) => half.split(' ').length >= 2) ? halves : [subject]).filter((half) => half.length >= 3);
}

function clausesOf(sentence: string): string[] {
  return sentence
    .split(/;|,(?= (?:and )?\p{L}+ \p{L}+)/u)
    .map((part) => plain(part.replace(/^\s*(?:and|then|also|to|we want to|our goal is to|the goal is to)\s+/iu, '')))
    .filter(
      (part) =>
        !WORKING_ORDER.test(part) &&
        !/\b\d+ ?(?:%|percent|followers|likes|posts|k)\b|\b(?:daily|weekly|hourly)\b/iu.test(part),
    );
}

function nicheTopics(subject: string, random: SeededRandom): PlanTopic[] {
  return random.shuffle(ANGLES).map((angle) => ({ text: angle.replace('{t}', subject), trendId: null }));
}
