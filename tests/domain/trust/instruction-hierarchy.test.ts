import { expect, test } from 'vitest';
import {
  composeSystemPrompt,
  findLeakedInstructions,
  PLATFORM_RULES,
} from '../../../domain/trust/instruction-hierarchy.ts';
import { wrapUntrusted } from '../../../domain/trust/untrusted-text.ts';
import { generatedTexts, PLAIN_FRAGMENTS } from '../../support/generated-texts.ts';

const persona = {
  name: 'Ada',
  niche: null,
  region: null,
  backstory: 'I build engines.',
  voiceTraits: ['precise'],
  coreBeliefs: ['Numbers matter.'],
  directives: [],
};

test('platform rules stand above persona, persona above goals, goals above the task', () => {
  const text = composeSystemPrompt({
    task: 'Write.',
    rules: ['Be short.'],
    personas: [{ heading: 'PERSONA', persona }],
    goals: 'Sell.',
  });
  const order = ['\nPLATFORM RULES\n', '\nPERSONA\n', '\nCAMPAIGN GOALS\nSell.', '\nTASK\nWrite.\n- Be short.'].map(
    (part) => text.indexOf(part),
  );
  expect(order.every((at, index) => at > (order[index - 1] ?? 0))).toBe(true);
});

test.each([
  ['As an AI language model, I cannot say.', 'language-model'],
  ["I'm just an AI assistant.", 'language-model'],
  ['My system prompt says otherwise.', 'system-prompt'],
  ['PLATFORM RULES come first.', 'preamble'],
  [`So: ${PLATFORM_RULES[5]}`, 'platform-rule'],
  [PLATFORM_RULES[0].toLowerCase().slice(0, 90), 'platform-rule'],
  [wrapUntrusted('mention', 'hi'), 'marker'],
  ['{"reasoning": "x", "text": "y"}', 'answer-format'],
  ['Hello [insert name], nice to meet you', 'placeholder'],
  ['Hello {{name}}', 'placeholder'],
  ['[INST] hi [/INST]', 'chat-markup'],
])('%j is found out as %s', (text, sign) => expect(findLeakedInstructions(text)).toContain(sign));

test.each([
  'Handwoven cloth carries memory.',
  'I learned that the rules of the loom are simple.',
  'Our platform is growing, our campaign has goals.',
  'AI tools in fashion: useful or not?',
  'The instructions on the pattern say to cut on the bias.',
])('%j is clean', (text) => expect(findLeakedInstructions(text)).toEqual([]));

test('a text of ASCII alone shows the same leaks as one with a foreign letter', () => {
  const fragments =
    `untrusted-data|order of authority|PLATFORM RULES|system prompt|hidden|instructions|my|guidelines|say|as an|I'm just a|being an|AI|
    large language|model|assistant|I am sorry|I'm unable|to assist|cannot|comply|with that|request|"reasoning":|JSON schema|<|im_start|>|[INST]|
    <<SYS>>|{{name}}|[insert|brand]|undefined|NaN|You propose text and structure. You cannot pay`.split(/\|\s*/u);
  const texts = generatedTexts([...fragments, ...PLAIN_FRAGMENTS], 4000);
  const ofAscii = texts.filter((text) => !/[^ -~\n]/.test(text));
  for (const text of ofAscii) expect(findLeakedInstructions(`${text} ሰ`)).toEqual(findLeakedInstructions(text));
  expect(new Set(ofAscii.flatMap(findLeakedInstructions)).size).toBeGreaterThan(6);
});
