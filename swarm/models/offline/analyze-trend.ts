import { textSimilarity } from '../../../domain/text/similarity.ts';
import { words } from '../../../domain/text/words.ts';
import { scanForInjection } from '../../../domain/trust/untrusted-text.ts';
import type { AnalyzeTrendPromptInput, AnalyzeTrendPromptOutput } from '../prompts/analyze-trend.ts';
import { clamp, overlapShare, personaStems, sharedWords, stems } from './overlap.ts';
import { readVoice } from './persona-voice.ts';
import type { SeededRandom } from './seeded-random.ts';
import { findSensitiveTopics } from './sensitive-topics.ts';
import { plain, quotableSentences, toClause, toSentence } from './sentence.ts';

const POSITIVE = new Set(
  'win wins won success successful growth record celebrate celebrates award awards launch launches improve improves improved progress hope breakthrough support supports rise rising boost agreement agrees save saves saved safe new best great good love happy opportunity expand expands welcome'.split(
    ' ',
  ),
);
const NEGATIVE = new Set(
  'crisis loss losses lost fall falls fell fail fails failed failure ban bans cut cuts crash war death deaths died kill killed threat threatens warn warns warning fear fears delay delayed shortage closure close closes strike lawsuit fraud scandal worst bad decline declines collapse shut'.split(
    ' ',
  ),
);

export function analyzeTrend(input: AnalyzeTrendPromptInput, random: SeededRandom): AnalyzeTrendPromptOutput {
  const persona = personaStems(input.persona, input.goals);
  const subject = stems(input.topic);
  const usable = input.articles.filter(
    (article) => !scanForInjection(`${article.title}\n${article.summary}`).suspicious,
  );
  const dropped = input.articles.length - usable.length;
  const ranked = usable
    .map((article) => ({
      article,
      score:
        sharedWords(`${article.title} ${article.summary}`, subject) +
        0.5 * sharedWords(`${article.title} ${article.summary}`, persona),
    }))
    .sort((left, right) => right.score - left.score)
    .slice(0, 5)
    .map(({ article }) => article);
  const text = ranked.map((article) => `${article.title}. ${article.summary}`).join('\n');
  const summary = summarise(ranked, subject, persona, input.topic);
  const relevance =
    ranked.length === 0 ? 0.05 : clamp(0.15 + 0.75 * overlapShare(`${input.topic} ${text.slice(0, 1500)}`, persona));
  const sensitive = findSensitiveTopics(`${input.topic}\n${text}`);
  const probability =
    0.95 -
    (ranked.length === 0 ? 0.4 : 0) -
    (summary.length < 80 ? 0.08 : 0) -
    (relevance < 0.5 ? 0.08 : 0) -
    Math.min(0.2, sensitive.length * 0.08) -
    (dropped > 0 ? 0.1 : 0);
  return {
    topic: plain(input.topic).slice(0, 200) || 'Unnamed topic',
    summary,
    angle: angleOf(input, stems(`${input.topic} ${text}`), random),
    relevance,
    sentiment: sentimentOf(text),
    sources: ranked.flatMap((article) => {
      const title = plain(article.title).slice(0, 300);
      return title === ''
        ? []
        : [{ title, url: article.url !== null && article.url.length <= 2000 ? article.url : null }];
    }),
    reasoning: [
      `Read ${usable.length} of ${input.articles.length} articles; relevance by the words they share with persona and goals.`,
      ...(dropped > 0 ? [`${dropped} left out because their text looked like instructions to a model.`] : []),
      ...(sensitive.length > 0 ? [`Touches ${sensitive.join(', ')}.`] : []),
    ].join(' '),
    probability: clamp(probability + (random.fork('probability').next() - 0.5) * 0.02, 0.2, 0.97),
  };
}

/** The two to four sentences that say most about the topic, in their order, none of them twice. */
function summarise(
  articles: AnalyzeTrendPromptInput['articles'],
  subject: ReadonlySet<string>,
  persona: ReadonlySet<string>,
  topic: string,
): string {
  const candidates = articles.flatMap((article) => {
    const title = toSentence(article.title.replace(/\s+[-|–—]\s+[^-|–—]{2,40}$/u, ''));
    const found = quotableSentences(plain(article.summary), 280);
    return found.length > 0 ? found.slice(0, 4) : title === '' ? [] : [title];
  });
  const chosen: string[] = [];
  const ranked = candidates
    .map((sentence, order) => ({
      sentence,
      order,
      score: sharedWords(sentence, subject) * 2 + sharedWords(sentence, persona) - order * 0.2,
    }))
    .sort((left, right) => right.score - left.score);
  for (const { sentence } of ranked) {
    if (chosen.length === 4 || chosen.join(' ').length + sentence.length > 900) break;
    if (!chosen.some((other) => textSimilarity(other, sentence) > 0.5)) chosen.push(sentence);
  }
  if (chosen.length === 0) return `No usable article about ${plain(topic).slice(0, 200) || 'this topic'} was found.`;
  return chosen.sort((left, right) => candidates.indexOf(left) - candidates.indexOf(right)).join(' ');
}

function angleOf(input: AnalyzeTrendPromptInput, about: ReadonlySet<string>, random: SeededRandom): string {
  const { beliefs, cases, subject } = readVoice(input.persona);
  const best = random
    .shuffle(beliefs.filter((belief) => belief.form === 'STATEMENT' && sharedWords(belief.text, about) > 0))
    .sort((left, right) => sharedWords(right.text, about) - sharedWords(left.text, about))[0];
  if (best) {
    const belief = toClause(best.text, cases);
    return toSentence(
      random.pick([
        `This story is a good test of an old conviction: ${belief}`,
        `Seen from the workbench, this news says one thing: ${belief}`,
        `What the reports leave out is simple: ${belief}`,
        `Here is news that puts a principle to work: ${belief}`,
      ]),
    );
  }
  return toSentence(`What this means in practice for ${subject ?? 'everyday life'} is the part the reports leave out`);
}

function sentimentOf(text: string): 'POSITIVE' | 'NEUTRAL' | 'NEGATIVE' {
  const balance = words(text).reduce(
    (sum, word) => sum + (POSITIVE.has(word) ? 1 : 0) - (NEGATIVE.has(word) ? 1 : 0),
    0,
  );
  return balance > 1 ? 'POSITIVE' : balance < -1 ? 'NEGATIVE' : 'NEUTRAL';
}
