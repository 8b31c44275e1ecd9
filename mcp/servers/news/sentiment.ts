import { words } from '../../../domain/text/words.ts';

const list = (text: string): Set<string> => new Set(text.split(/\s+/));

const POSITIVE =
  list(`amazing award awards best beautiful boost breakthrough celebrate celebrates celebrated delight excited
  exciting fun gain gains good great growth happy hope hopes improve improved improves innovation inspiring joy launch
  launches love milestone peace praise praised progress proud record recover recovery rescue rescued rise rises save saved
  smart success successful surge thrive top triumph win winner winners wins wonderful`);
const NEGATIVE = list(`abuse accused arrest arrested attack attacks bad ban banned blast charged clash collapse concern
  concerns conflict contempt corruption crash crime crisis cut cuts damage danger dead deadly death deaths debt decline die
  died dies disaster discord fail failed fails failure fake fall falls fear fears fight fraud harm hate hurt injured killed
  killing layoffs loss losses lost murder outrage pain panic protest protests racism recession scandal shooting slump
  storm struggle sued terror threat threats tragedy victim victims violence war warn warning warns worst`);
const NEGATIONS = list("no not never without isn't wasn't don't doesn't didn't can't won't");

/** A count of tone words; a negation turns the next two words. English only: other languages come out neutral. */
export function sentimentOf(text: string): 'positive' | 'neutral' | 'negative' {
  const all = words(text);
  let balance = 0;
  all.forEach((word, index) => {
    const tone = POSITIVE.has(word) ? 1 : NEGATIVE.has(word) ? -1 : 0;
    const negated = NEGATIONS.has(all[index - 1] ?? '') || NEGATIONS.has(all[index - 2] ?? '');
    balance += negated ? -tone : tone;
  });
  if (Math.abs(balance) * 40 < all.length || balance === 0) return 'neutral';
  return balance > 0 ? 'positive' : 'negative';
}
