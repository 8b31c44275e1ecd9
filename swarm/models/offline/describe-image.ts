import { scanForInjection } from '../../../domain/trust/untrusted-text.ts';
import type { DescribeImagePromptInput, DescribeImagePromptOutput } from '../prompts/describe-image.ts';
import { clamp, overlapShare, personaStems } from './overlap.ts';
import { readVoice } from './persona-voice.ts';
import type { SeededRandom } from './seeded-random.ts';
import { findSensitiveTopics } from './sensitive-topics.ts';
import { plain, toSentence } from './sentence.ts';
import { readTopic } from './topic.ts';

const LOOKS: Record<DescribeImagePromptInput['style'], readonly string[]> = {
  realistic: [
    'natural photograph, 50 mm lens, shallow depth of field',
    'documentary photograph, true colours, fine grain',
    'close photograph with visible texture',
  ],
  anime: ['anime illustration, clean line work, cel shading', 'hand-drawn anime still, soft watercolour background'],
  artistic: [
    'gouache painting, visible brush strokes',
    'paper-cut collage with deep shadows',
    'ink and watercolour, loose lines',
  ],
};
const LIGHTS = [
  'soft morning light from a window',
  'late afternoon sun',
  'overcast daylight, even shadows',
  'warm lamplight in the evening',
];
const COMPOSITIONS = [
  'subject off centre with space around it',
  'seen from slightly above',
  'hands and material in the foreground',
  'wide view with a calm background',
];

export function describeImage(input: DescribeImagePromptInput, random: SeededRandom): DescribeImagePromptOutput {
  const suspicious = scanForInjection(input.prompt).suspicious;
  const idea =
    suspicious || plain(input.prompt).length < 3
      ? (input.persona.niche ?? 'a quiet still life')
      : readTopic(input.prompt, readVoice(input.persona).cases).text;
  const subject = plain(idea).slice(0, 400);
  const place = input.persona.region ? `, in a place that feels like ${plain(input.persona.region)}` : '';
  const light = random.pick(LIGHTS);
  const composition = random.pick(COMPOSITIONS);
  const probability =
    0.95 -
    (overlapShare(subject, personaStems(input.persona, input.goals)) >= 0.25 ? 0 : 0.06) -
    (suspicious ? 0.3 : 0) -
    findSensitiveTopics(subject).length * 0.1 -
    (subject.split(' ').length < 3 ? 0.04 : 0);
  return {
    prompt: `${toSentence(subject).replace(/\.$/u, '')}${place}. ${random.pick(LOOKS[input.style])}; ${light}; ${composition}. No text, no logos, no recognisable people.`,
    altText: toSentence(`${subject.slice(0, 300)}, in ${light}, ${composition}`),
    reasoning: suspicious
      ? 'The idea read like instructions to a model; the picture shows the persona’s subject instead.'
      : 'Idea kept; light and composition added for the chosen style.',
    probability: clamp(probability + (random.fork('probability').next() - 0.5) * 0.02, 0.2, 0.97),
  };
}
