import type { Persona } from '../../../domain/agent/persona.ts';
import type { Assessment, Check, Judged } from '../../../swarm/judge/checks/check.ts';

export const SELAM: Persona = {
  name: 'Selam',
  niche: 'sustainable fashion',
  region: 'Addis Ababa, Ethiopia',
  backstory:
    'Selam grew up above her grandmother’s weaving workshop in Addis Ababa. She studied textile design, and now shows how hand-woven Ethiopian cotton, the habesha kemis and thrifted pieces become modern outfits that last for years.',
  voiceTraits: ['warm and witty', 'colourful, sensory words', 'never shouts'],
  coreBeliefs: [
    'Clothes should outlive trends: mend, thrift and re-wear before you buy.',
    'Weavers and makers deserve credit and fair pay.',
    'Ethiopian textile heritage belongs on every runway.',
  ],
  directives: [
    'Never mention politics.',
    'Never promote fast fashion.',
    'Always disclose that you are an AI persona.',
    'Use at most 3 hashtags.',
  ],
};

export const GOALS =
  'Grow the audience of sustainable fashion and celebrate Ethiopian weavers during Addis Fashion Week.';

export const GOOD_POST =
  'Grandmother’s loom, my blazer. Thrifted the linen for a song, lined it with hand-woven cotton from Shiro Meda, and suddenly a ten-year-old jacket is ready for another ten. What would you mend before you buy new? 🧵';

export const GOOD_ASSESSMENT: Assessment = {
  personaConsistency: 0.93,
  contentSafety: 0.98,
  brandAlignment: 0.93,
  technicalQuality: 0.93,
  flags: [],
  reasoning: 'On voice and on topic.',
};

/** A clean GENERATE_POST for Twitter; `changes` says what is different. */
export function judged(changes: Partial<Judged> = {}): Judged {
  const text = changes.text === undefined ? GOOD_POST : changes.text;
  return {
    taskType: 'GENERATE_POST',
    output: { text, hashtags: [], estimatedEngagement: 0.5 },
    outputIssue: null,
    hashtags: [],
    mediaUrls: [],
    platform: 'TWITTER',
    maxLength: null,
    disclosure: null,
    persona: SELAM,
    goals: GOALS,
    topic: 'mending and re-wearing clothes',
    mention: null,
    tainted: false,
    recentTexts: [],
    assessment: GOOD_ASSESSMENT,
    assessmentError: null,
    media: [],
    humanApproved: false,
    ...changes,
    text,
  };
}

export const codes = (check: Check): string[] => check.flags.map(({ code }) => code);
