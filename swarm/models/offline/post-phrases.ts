import type { Style } from './persona-voice.ts';

type Pool = Partial<Record<Style | 'ANY', readonly string[]>>;

/** {t}: a topic that fits after "about". */
export const OPENINGS: Pool = {
  ANY: [
    'A word about {t}.',
    'I keep coming back to {t}.',
    'Not enough is said about {t}.',
    'Today I want to talk about {t}.',
    'Let me say something about {t}.',
    'On my mind this week: {t}.',
    'Here is what I know about {t}.',
    'Small thought about {t}.',
  ],
  WARM: [
    "Friends, let's talk about {t}.",
    'Come sit with me for a minute. The subject is {t}.',
    'If you are new here: I care a lot about {t}.',
  ],
  PLAYFUL: [
    'Confession: I think about {t} more than is healthy.',
    'Nobody asked, but here I am again with {t}.',
    'My search history this week is mostly {t}. No regrets.',
    'Mild rant ahead. The subject: {t}.',
  ],
  PRECISE: [
    'A short note on {t}.',
    "Let's take {t} apart for a moment.",
    'What people get wrong about {t} is usually the basics.',
    'Field notes on {t}.',
  ],
  POETIC: ['Some days begin and end with {t}.', 'There is a quiet side to {t}.', 'I walked home thinking about {t}.'],
  BLUNT: [
    "Let's be honest about {t}.",
    'I will say it plainly, because somebody should: we need to talk about {t}.',
    'An unpopular view on {t}, perhaps.',
  ],
  HOPEFUL: ['Something that gives me hope: {t}.', 'Good things are happening around {t}.'],
  CURIOUS: ['I have been asking around about {t}.', 'The more I learn about {t}, the more questions I have.'],
  CALM: ['No hurry, just a thought on {t}.', 'A slow look at {t}.'],
  DRY: ['Yes, another post about {t}.', 'Today’s thrilling subject: {t}.', 'I was asked to be exciting. So, {t}.'],
};

/** {t}: a headline. */
export const NEWS_OPENINGS: Pool = {
  ANY: [
    'Read this today: “{t}”.',
    'In the news: “{t}”.',
    'This caught my eye: “{t}”.',
    'Worth knowing: “{t}”.',
    'So this is happening: “{t}”.',
  ],
  WARM: ['Someone sent me this, and I am glad they did: “{t}”.'],
  PLAYFUL: ['Put the kettle on: “{t}”.', 'My feed delivered, for once: “{t}”.'],
  PRECISE: ['Headline of the day in my field: “{t}”.', 'A headline worth reading past: “{t}”.'],
  POETIC: ['A line that stayed with me this morning: “{t}”.'],
  BLUNT: ['Read past the headline, please: “{t}”.'],
  HOPEFUL: ['Some movement at last: “{t}”.'],
  CURIOUS: ['“{t}” – I had to read that twice.'],
  CALM: ['I took my time with this one: “{t}”.'],
  DRY: ['Calm down, everybody: “{t}”.', 'Filed under things that took a while: “{t}”.'],
};

/** {t}: a question without its mark. */
export const QUESTION_OPENINGS: Pool = {
  ANY: [
    '{t}? I get asked that a lot.',
    '{t}? Here is how I see it.',
    '{t}? Depends on whom you ask.',
    'A question I keep hearing: {t}?',
  ],
  BLUNT: ['{t}? I have an opinion, of course.'],
};

/** {f}: a whole sentence of the news. */
export const FACT_FRAMES = [
  '{f}',
  '{f}',
  'The short version: {f}',
  'What stood out to me: {f}',
  'The part I would underline: {f}',
  'From the report: {f}',
];

/** {B}: the belief with a capital, {b}: as part of a sentence. */
export const STATEMENT_FRAMES = [
  '{B}.',
  'For me it comes down to this: {b}.',
  'I have said it before and I will say it again: {b}.',
  'It confirms an old suspicion of mine: {b}.',
  'What I have learned is simple: {b}.',
  'I stand by this one: {b}.',
  '{B}. I have yet to see a counterexample that holds.',
  'Call me stubborn, but {b}.',
  '{B}, and I will keep saying so.',
];
export const RULE_FRAMES = [
  'My rule: {b}.',
  '{B}. I try to live by that.',
  'My advice has not changed: {b}.',
  'If I had to put it on a wall: {b}.',
  '{B}. It sounds obvious until you try.',
];
export const VALUE_FRAMES = [
  'It comes back to {b} for me.',
  'I will always argue for {b}.',
  'This is what I mean when I talk about {b}.',
  'You can guess where I stand: on the side of {b}.',
];

/** {s}: the niche. Lines that hold for every subject. */
export const OBSERVATIONS: Pool = {
  ANY: [
    'The details decide, as they always do in {s}.',
    'In {s}, the slow answer is usually the right one.',
    'It looks small from outside. In {s} it is not.',
    'Ask anybody who works in {s}: this is where it gets interesting.',
  ],
  WARM: ['Behind every piece of {s} there are people, and they are why I do this.'],
  PLAYFUL: ['Yes, I have strong feelings about {s}. Somebody has to.'],
  PRECISE: ['Most arguments about {s} end when somebody checks the details.'],
  POETIC: ['There is patience in {s} that no shortcut can imitate.'],
  BLUNT: ['Much of what is said about {s} is marketing. This is the part that is not.'],
  HOPEFUL: ['This is the kind of thing that makes me believe in {s}.'],
  CURIOUS: ['I wonder how {s} will look at this in ten years.'],
  DRY: ['It is not glamorous. Little in {s} is, and that is part of the charm.'],
};

export const QUESTIONS: Pool = {
  ANY: [
    'What would you add?',
    'How do you see it?',
    'What is your experience?',
    'What did I miss?',
    'Does that match what you see?',
    'Where do you disagree?',
    'What changed your mind about this?',
  ],
  WARM: ['Tell me your story, I read every one.', 'Who taught you about this?', 'How is it where you live?'],
  PLAYFUL: ['Tell me I am wrong. I dare you.', 'Am I alone with this?', 'Fight me in the replies, politely.'],
  PRECISE: ['Which detail would you check first?', 'What does your own experience say?'],
  POETIC: ['What does it remind you of?'],
  BLUNT: ['Change my mind.', 'Who disagrees, and why?'],
  HOPEFUL: ['What gave you hope this week?', 'Who is doing this well near you?'],
  CURIOUS: ['What would you ask next?', 'What do you think I should read on this?'],
  CALM: ['Take your time with the answer. What do you think?'],
  DRY: ['Any objections, ideally with evidence?', 'Who has tried it and lived to tell the tale?'],
};

export const CLOSINGS: Pool = {
  ANY: [
    'More on this soon.',
    'That is all for today.',
    'Worth a second look.',
    'Worth keeping an eye on.',
    'I will keep watching this one.',
    'Back to work.',
  ],
  WARM: ['Thank you for reading this far.', 'Look after each other.', 'I am glad you are here.'],
  PLAYFUL: ['Rant over. Probably.', 'I will see myself out.', 'Carry on.'],
  PRECISE: ['Details make the difference.', 'The rest is implementation.'],
  POETIC: ['Some things are worth the wait.', 'The rest can wait until morning.'],
  BLUNT: ['That is the whole point.', 'It is not complicated.'],
  HOPEFUL: ['We will get there.', 'One step at a time.'],
  CURIOUS: ['I am still thinking about it.'],
  CALM: ['No rush.', 'It will keep until tomorrow.'],
  DRY: ['Thrilling, I know.', 'You may now return to the rest of the internet.'],
};

/** The lines of a pool that suit a voice: its own styles first in weight, the neutral ones always. */
export function linesFor(pool: Pool, styles: readonly Style[]): string[] {
  const own = styles.flatMap((style) => pool[style] ?? []);
  return [...own, ...own, ...(pool.ANY ?? [])];
}
