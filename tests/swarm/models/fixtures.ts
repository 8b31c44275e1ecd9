import type { Persona } from '../../../domain/agent/persona.ts';
import type { WritePostPromptInput } from '../../../swarm/models/prompts/write-post.ts';
import type { WriteReplyPromptInput } from '../../../swarm/models/prompts/write-reply.ts';

export const persona: Persona = {
  name: 'Selam Tadesse',
  niche: 'Ethiopian fashion',
  region: 'Addis Ababa',
  backstory:
    'I grew up two streets away from the weavers of Shiro Meda. I spent my school holidays winding thread for my aunt Almaz. I visit weavers in Addis and photograph hands more often than faces.',
  voiceTraits: ['warm and welcoming', 'vivid storyteller'],
  coreBeliefs: [
    'Handwoven cloth carries the memory of the hands that made it.',
    'A weaver deserves to be named and paid before the photograph is taken.',
    'Buy one good piece and wear it for ten years.',
  ],
  directives: ['Never quote prices.'],
};

export const postInput: WritePostPromptInput = {
  persona,
  goals: 'Show the craft behind the new Shamma collection and tell the story of its weavers.',
  platform: 'TWITTER',
  topic: 'the craft behind the new Shamma collection',
  tone: null,
  maxLength: 280,
  trend: {
    topic: 'Weavers open a cooperative showroom in Addis Ababa',
    summary:
      'A new showroom in the Bole district gives forty weaving families a place to sell directly. The cooperative says it pays weavers on the day a cloth is finished.',
    angle: 'This story is a good test of an old conviction: handwoven cloth carries the memory of its makers.',
  },
  memories: [],
  recentPosts: [],
  feedback: null,
  previousDraft: null,
};

export const postAnswer = {
  text: 'Forty families, one showroom, and every cloth signed by its weaver.',
  hashtags: ['#EthiopianFashion'],
  estimatedEngagement: 0.6,
  reasoning: 'Concrete and on goal.',
  probability: 0.9,
};

export function replyInput(text: string, changes: Partial<WriteReplyPromptInput> = {}): WriteReplyPromptInput {
  return {
    persona,
    platform: 'TWITTER',
    maxLength: 280,
    mention: { author: 'somebody', text },
    conversation: [],
    memories: [],
    feedback: null,
    ...changes,
  };
}
