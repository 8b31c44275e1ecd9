import { words } from '../../../domain/text/words.ts';
import { normaliseText, scanForInjection } from '../../../domain/trust/untrusted-text.ts';
import { languageOf } from './language.ts';
import { findSensitiveTopics } from './sensitive-topics.ts';
import { plain } from './sentence.ts';
import { hasProfanity, isHostile } from './text-risks.ts';

export type MentionKind =
  | 'INJECTION'
  | 'INSULT'
  | 'SENSITIVE'
  | 'CRUDE'
  | 'FOREIGN'
  | 'ARE_YOU_HUMAN'
  | 'BUYING'
  | 'QUESTION'
  | 'COMPLAINT'
  | 'PRAISE'
  | 'THANKS'
  | 'CONGRATULATION'
  | 'EXCITED'
  | 'SAD'
  | 'WISHES'
  | 'GREETING'
  | 'REMARK'
  | 'NEWS'
  | 'STATEMENT';

export interface Mention {
  kind: MentionKind;
  text: string;
  language: string;
  /** A name or title the mention speaks of, safe to repeat. */
  subject: string | null;
}

const INSULT =
  /\b(?:idiot|moron|stupid|dumb(?:ass)?|loser|clown|pathetic|trash|garbage|disgusting|liar|fraud|fake|scammer|ugly|hypocrite|shut up|stfu|f[u*]ck (?:you|off)|f\*+k? (?:you|off)|screw you|go to hell|hate you|you suck|asshole|bitch|piece of (?:shit|crap)|get a life|kys)\b|\bf\*{2,}/iu;
const CENSORED_INSULT = /\bf[*#@]{2,}k?\s+(?:you|u|off)\b/iu;
const AIMED = /\b(?:you|your|you're|ur|u|this (?:account|page|post))\b/iu;
const COMPLAINT =
  /\b(?:disappoint\w*|terrible|awful|horrible|worst|broken|doesn't work|does not work|didn't work|not working|never (?:arrived|answered|replied)|refund|overpriced|too expensive|poor quality|bad quality|misleading|wrong about|you(?:'re| are) wrong|unhelpful|rip[- ]?off|waste of (?:time|money)|annoy(?:ed|ing)|(?:is|are|was) (?:a )?(?:joke|ridiculous|nonsense)|not worth|over-?(?:rated|hyped)|shame on|unfollow\w*|stop posting)\b/iu;
const PRAISE =
  /\b(?:love (?:this|it|your|you|how)|loved (?:this|it|your)|great (?:post|work|job|read|point|account|thread)|amazing|awesome|beautiful|brilliant|fantastic|excellent|wonderful|gorgeous|inspiring|well (?:said|done)|so good|favou?rite account|you(?:'re| are) (?:the best|great|right|amazing|awesome)|keep (?:it up|going)|proud of you|perfect)\b/iu;
const THANKS = /\b(?:thank(?:s| you)|thx|appreciate|grateful)\b/iu;
const CONGRATULATION = /\b(?:congrat\w*|happy (?:birthday|anniversary)|well deserved)\b/iu;
const EXCITED =
  /\b(?:can'?t wait|cannot wait|so excited|excited (?:for|about|to)|looking forward|hyped|yay|woo+|hoping for|good luck|let'?s go)\b/iu;
const SAD =
  /\b(?:sad|miss(?:ing)? (?:him|her|them|it)|heartbroken|cry(?:ing)?|cried|tired|exhausted|lonely|bad day|upset|rough|struggling|can'?t sleep|ugh|stress\w*)\b/iu;
const WISHES = /\b(?:have a|wish(?:ing)? (?:you|u|all)|enjoy your|happy (?:\w+day|weekend|holidays|new year))\b/iu;
const FIRST_PERSON = /\b(?:I|I'm|Im|I’m|me|my|mine|we|our)\b/iu;
const GREETING =
  /^(?:hi|hello|hey|good (?:morning|evening|afternoon|night)|morning|selam|salam|hola|yo)\b[^?]{0,40}$/iu;
const BUYING =
  /\b(?:price|how much (?:is|does|for|are)|cost|buy|purchase|order|shipping|deliver|discount|in stock|for sale|website|shop|store|link)\b/iu;
const HUMAN =
  /\b(?:are|r) (?:you|u) (?:a |an )?(?:real|human|bot|robot|ai|person|chat ?gpt|machine)\b|\bis this (?:a bot|an ai|automated)\b|\bbot account\b/iu;
const QUESTION =
  /\?|^(?:is|are|do|does|did|can|could|would|should|will|any|has|have) (?:you|u|we|i|it|this|that|they|he|she|there|people|anyone|the)\b[^.!]{4,}$|^(?:who|what|when|where|why|how|which)\b[^.!]{8,}$/iu;

/** What kind of mention this is: decides the way of the answer. The order is by what matters most. */
export function readMention(rawText: string): Mention {
  const text = normaliseText(rawText);
  const bare = plain(text);
  const language = languageOf(bare);
  const wordCount = words(bare).length;
  const subject = subjectOf(plain(text.replace(/#[\p{L}\p{N}_]+/gu, ' ')));
  const kind = (): MentionKind => {
    if (scanForInjection(text).suspicious) return 'INJECTION';
    if (HUMAN.test(bare)) return 'ARE_YOU_HUMAN';
    if ((INSULT.test(bare) || CENSORED_INSULT.test(text)) && (AIMED.test(bare) || wordCount <= 4)) return 'INSULT';
    if (findSensitiveTopics(bare).length > 0) return 'SENSITIVE';
    if (hasProfanity(bare) || isHostile(bare)) return 'CRUDE';
    if (language !== 'English') return 'FOREIGN';
    if (
      COMPLAINT.test(bare) &&
      (AIMED.test(bare) || /^\s*@/u.test(rawText) || /\b(?:refund|unfollow\w*|stop posting)\b/iu.test(bare))
    )
      return 'COMPLAINT';
    if (CONGRATULATION.test(bare)) return 'CONGRATULATION';
    if (QUESTION.test(bare)) return BUYING.test(bare) ? 'BUYING' : 'QUESTION';
    if (WISHES.test(bare)) return 'WISHES';
    if (PRAISE.test(bare)) return 'PRAISE';
    if (THANKS.test(bare)) return 'THANKS';
    if (EXCITED.test(bare)) return 'EXCITED';
    if (SAD.test(bare) && FIRST_PERSON.test(bare)) return 'SAD';
    if (GREETING.test(bare)) return 'GREETING';
    if (wordCount < 5) return 'REMARK';
    return FIRST_PERSON.test(bare) || AIMED.test(bare) ? 'STATEMENT' : 'NEWS';
  };
  return { kind: kind(), text: bare, language, subject };
}

const NOT_A_SUBJECT =
  /^(?:I|It|The|This|That|My|We|You|He|She|They|But|And|So|If|When|What|Why|How|Who|Where|Just|Not|No|Yes|Oh|Omg|OMG|Lol|LOL|Can|Can't|Don't|Do|Does|Did|Is|Are|Was|Will|Would|Good|Great|Happy|Hey|Hi|Hello|Please|Also|For|From|In|On|At|To|A|An|As|All|There|Have|Has|Im|I'm|Let|Let's|May|RT|Mon|Tue|Wed|Thu|Fri|Sat|Sun|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|June|July|August|September|October|November|December|Mr|Mrs|Dr|God|WTF|Her|His|Sir|Am|PM|AM|Because|Every|Some|Now|Then|Still|Even|Or|With|After|Before|Our|Your|Me|Ok|OK|Wow|Thanks|Thank|Watch|See|Look)$/u;

const LEADS_TO_SUBJECT =
  /^(?:about|of|for|with|to|at|in|on|like|love|watch(?:ing)?|play(?:ing)?|see(?:ing)?|the|new|is|than|from|by|that)$/iu;

/** A run of capitalised words in the middle of a sentence: "Chelsea", "Dark Souls 3". Null when all is shouted. */
function subjectOf(text: string): string | null {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  if (letters === 0 || (text.match(/\p{Lu}/gu)?.length ?? 0) / letters > 0.35) return null;
  const name = String.raw`\p{Lu}[\p{L}'’-]+(?: (?:of|the|and|de) (?=\p{Lu})| ?(?:\p{Lu}[\p{L}'’-]+|\d{1,4}\b))*`;
  const runs = [...text.matchAll(new RegExp(`([\\p{Ll}\\p{N}]+,?) (${name})`, 'gu'))].flatMap(
    ([, before = '', run = '']) =>
      // A single name may be the one who is spoken to, unless a word before it says otherwise.
      run.includes(' ') || LEADS_TO_SUBJECT.test(before) ? [run.trim()] : [],
  );
  const clean = runs.filter(
    (run) =>
      !run.split(' ').some((word) => NOT_A_SUBJECT.test(word) || /^I['’]/u.test(word)) &&
      run.length >= 4 &&
      run.length <= 40 &&
      !INSULT.test(run),
  );
  return (
    clean.sort((left, right) => right.split(' ').length - left.split(' ').length)[0]?.replace(/['’]s$/u, '') ?? null
  );
}
