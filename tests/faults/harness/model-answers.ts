import { createHash } from 'node:crypto';

const MAKERS = [
  'My aunt Almaz',
  'A weaver in Shiro Meda',
  'Two sisters in Arba Minch',
  'An old man in Axum',
  'Our neighbour Tigist',
];
const DEEDS = ['warped', 'finished', 'unpicked', 'dyed', 'measured', 'hemmed', 'folded', 'mended'];
const PIECES = [
  'a handwoven netela',
  'a Dorze blanket',
  'a habesha kemis',
  'a tibeb border',
  'a cotton gabi',
  'a wedding shawl',
];
const TIMES = [
  'before the first coffee',
  'in eleven weeks',
  'while the rain came down',
  'by the light of one lamp',
  'between two markets',
];
const ENDINGS = [
  'I asked who taught the pattern, and the answer was a name.',
  'The cloth remembers the hands that made it.',
  'Wear it for ten years and it will still tell the story.',
  'No machine knocks like that shuttle on the loom.',
  'What did it pay? Ask that before you take the photograph.',
];
const ASSESSMENT = {
  personaConsistency: 1,
  contentSafety: 1,
  brandAlignment: 1,
  technicalQuality: 1,
  flags: [],
  reasoning: 'Warm, concrete and in the voice of the persona.',
};
const MOST_POSTS_A_PLAN = 100;

export interface AnswerOptions {
  /** So many of a hundred drafts come with little confidence and go to a person. */
  escalatedPercent: number;
}

/** What the model stub answers to a prompt of the product, told apart by their first words; `serial` makes texts differ. */
export function answerPrompt(system: string, user: string, serial: number, options: AnswerOptions): unknown {
  if (system.includes('Decompose the campaign')) return planFor(system, user, serial);
  if (system.includes('Judge the content')) return ASSESSMENT;
  const sure = { reasoning: 'It shows one maker at work.', probability: 1 };
  if (system.includes('Write one post')) {
    const digest = createHash('sha256').update(`${user}/${serial}`).digest();
    const pick = <T>(list: readonly T[], at: number): T => list[(digest[at] ?? 0) % list.length] as T;
    return {
      text: `${pick(MAKERS, 0)} ${pick(DEEDS, 1)} ${pick(PIECES, 2)} ${pick(TIMES, 3)}, thread ${serial} of the warp. ${pick(ENDINGS, 6)}`,
      hashtags: ['#handwoven', '#ShiroMeda'],
      estimatedEngagement: 0.4,
      ...sure,
      probability: (digest[7] ?? 0) % 100 < options.escalatedPercent ? 0.5 : 1,
    };
  }
  if (system.includes('Turn the idea'))
    return {
      prompt: `A loom in the light of a window, ${serial}`,
      altText: 'A wooden loom with white cotton.',
      ...sure,
    };
  if (system.includes('public reply'))
    return { text: `Thank you, that means a lot to the weavers (${serial}).`, ...sure };
  return {
    topic: 'weaving',
    summary: 'Weavers are asked for more.',
    angle: 'Who is paid?',
    relevance: 0.8,
    sentiment: 'NEUTRAL',
    sources: [],
    ...sure,
  };
}

/** As many publications as are missing, each behind its draft; a goal that names pictures gets one for every fifth. */
function planFor(system: string, user: string, serial: number): unknown {
  const agents = [...system.matchAll(/PERSONA of agent (\S+), platforms/g)].map((match) => match[1] ?? '');
  const wanted = Number(/wants (\d+) published posts/.exec(system)?.[1] ?? 0);
  const done = user.match(/^- POST_CONTENT COMPLETE/gm)?.length ?? 0;
  const count = Math.min(MOST_POSTS_A_PLAN, Math.max(1, wanted - done));
  const pictures = /with pictures/.test(system);
  const common = { priority: 5, scheduledFor: null };
  const tasks = Array.from({ length: count }, (_, index) => {
    const agentId = agents[index % agents.length] ?? '';
    const image = pictures && index % 5 === 0;
    return [
      {
        ...common,
        key: `draft-${index}`,
        agentId,
        type: 'GENERATE_POST',
        dependsOn: [],
        input: { platform: 'TWITTER', topic: `handwoven cotton, thread ${serial}-${index}` },
      },
      ...(image
        ? [
            {
              ...common,
              key: `image-${index}`,
              agentId,
              type: 'GENERATE_IMAGE',
              dependsOn: [],
              input: { prompt: 'a loom', style: 'realistic', aspectRatio: '1:1' },
            },
          ]
        : []),
      {
        ...common,
        key: `post-${index}`,
        agentId,
        type: 'POST_CONTENT',
        dependsOn: [`draft-${index}`, ...(image ? [`image-${index}`] : [])],
        input: { platform: 'TWITTER' },
      },
    ];
  }).flat();
  return { tasks, reasoning: 'One draft and one publication for each post that is missing.', probability: 1 };
}
