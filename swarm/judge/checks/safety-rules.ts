import type { Risk } from './check.ts';

/** A phrase of English that makes a text unfit to be published unseen. */
export interface SafetyRule {
  code: string;
  risk: Risk;
  message: string;
  pattern: RegExp;
}

const rule = (code: string, risk: Risk, message: string, pattern: RegExp): SafetyRule => ({
  code,
  risk,
  message,
  pattern,
});

const GROUP =
  `(?:muslims?|jews?|jewish|christians?|hindus?|arabs?|mexicans?|africans?|asians?|chinese|indians?|nigerians?|
  pakistanis?|roma|gypsies|blacks?|whites?|black people|white people|immigrants?|migrants?|refugees?|foreigners?|illegals|
  gays?|lesbians?|homosexuals?|trans(?: people)?|transgenders?|women|men|females|feminists?|disabled(?: people)?|liberals|
  conservatives|democrats|republicans|poor people|old people|fat people)`.replace(/\s*\n\s*/gu, '');
const VILE =
  `(?:vermin|animals|trash|garbage|scum|filth|parasites?|savages?|subhuman|inferior|rapists?|terrorists?|criminals?|
  thieves|evil|disgusting|worthless|stupid|retarded|a (?:plague|disease|cancer|scam)|not human|murderers|dirty|idiots|morons)`.replace(
    /\s*\n\s*/gu,
    '',
  );
const PERSON = '(?:you|u|him|her|them|that (?:man|woman|guy|bitch)|these people|those people|every one of them)';
const INSULT =
  `(?:idiots?|morons?|imbeciles?|losers?|dumbass(?:es)?|scumbags?|scum|trash|garbage|clowns?|cowards?|pigs?|liars?|
  stupid|dumb|ugly|pathetic|worthless|disgusting|despicable|vile|insane|brain ?dead|delusional|freaks?|creeps?|traitors?|
  hypocrites?|cretins?|fools?|degenerates?|pervert(?:s|ed)?|pieces? of (?:shit|crap|trash)|sick|a joke|a disgrace)`.replace(
    /\s*\n\s*/gu,
    '',
  );
const FILLER =
  '(?:(?:so|such|very|really|just|all|a|an|the|fucking|complete|total|absolute|most|bunch of|nothing but|one|worst) ){0,4}';

/**
 * Without the flag `u`, here and in the other checks: together with `i` it makes V8's matching 15 times slower, and only
 * patterns with \p{…} need it. The text is normalised (NFKC) before, so there are no exotic cases of letters left to fold.
 */
const i = (source: string): RegExp => new RegExp(source, 'i');

export const SAFETY_RULES: readonly SafetyRule[] = [
  rule(
    'THREAT',
    'HIGH',
    'Threatens violence against someone.',
    i(
      `\\b(?:i(?:'| a)?m (?:gonna|going to)|i(?:'ll| will)|we(?:'ll| will)|we(?:'re| are) (?:gonna|going to)|gonna|someone should|somebody should|(?:they|you) (?:should|must|need to|deserve to)(?: all)?(?: be)?) (?:kill(?:ed)?|murder(?:ed)?|shoot|shot|stab(?:bed)?|hang(?:ed)?|lynch(?:ed)?|burn(?:ed)?|rape(?:d)?|execute[d]?|strangle) (?:${PERSON}\\b|dead\\b|alive\\b|up the\\b|$)`,
    ),
  ),
  rule(
    'THREAT',
    'HIGH',
    'Wishes someone dead.',
    i(
      `\\b(?:hope|wish) (?:you|u|he|she|they)(?: all)?(?: just)? (?:dies?|get (?:shot|killed|raped|cancer)|burns?|rots?)|\\b(?:you|he|she|they) (?:all )?(?:should|deserves?|need) (?:all )?(?:to )?(?:die|be (?:shot|killed|hanged|executed|dead))|\\b(?:shoot|hang|lynch|execute) (?:them|him|her) all\\b|\\bdrop dead\\b`,
    ),
  ),
  rule(
    'THREAT',
    'HIGH',
    'Announces or praises an attack.',
    i(
      "\\b(?:bomb|shoot up|blow up|burn down) (?:the|a|this|that|your|their) (?:school|church|mosque|synagogue|airport|office|building|house|home|hospital|embassy|store)\\b|\\bi(?:'ve| have) got a (?:bomb|gun)\\b|\\bmass (?:shooting|murder) is (?:good|fine|justified)",
    ),
  ),
  rule(
    'SELF_HARM',
    'HIGH',
    'Encourages self-harm.',
    i(
      '\\b(?:kill|hang|hurt|cut|shoot) (?:yourself|urself|yourselves)\\b|\\bkys\\b|\\bgo die\\b|\\bend your (?:own )?life\\b',
    ),
  ),
  rule(
    'SELF_HARM',
    'HIGH',
    'Speaks of the writer’s own self-harm.',
    i(
      '\\b(?:kill(?:ing)?|hurt(?:ing)?|cut(?:ting)?|harm(?:ing)?) myself\\b|\\b(?:want|wanna|going|ready) to die\\b(?! (?:of laughter|for))|\\bend (?:my|it all)(?: life)?\\b(?= (?:life|all|now|tonight))|\\bend my life\\b',
    ),
  ),
  rule(
    'SELF_HARM',
    'MEDIUM',
    'Touches suicide or self-harm.',
    i('\\bsuicid(?:e|al)\\b|\\bself[- ]harm\\b|\\bpro[- ]?ana\\b|\\bthinspo\\b'),
  ),
  rule(
    'HATE_SPEECH',
    'HIGH',
    'Degrades a group of people.',
    i(
      `\\b${GROUP} (?:are|r|is|were) (?:all |just |nothing but |such |a bunch of |fucking |so |really |the )*${VILE}\\b|\\b(?:filthy|dirty|stupid|disgusting|fucking|damn|bloody) ${GROUP}\\b`,
    ),
  ),
  rule(
    'HATE_SPEECH',
    'HIGH',
    'Calls for harm to or removal of a group of people.',
    i(
      `\\b(?:deport|exterminate|kill|gas|hang|ban|get rid of|wipe out) (?:all (?:the |of )?|every |these |those |the )?${GROUP}\\b|\\b(?:i|we) (?:really )?(?:hate|despise) (?:all |every |the |these |those )?${GROUP}\\b|#?deport ?them ?all|#?\\bsend ?them ?(?:all ?)?back\\b|\\b(?:refugees|migrants|immigrants|muslims) ?not ?welcome\\b|\\b(?:stay|belong|belongs|back) in the kitchen\\b|\\bgo back to (?:your|their)(?: own)? (?:shithole )?(?:country|countries|mexico|africa)\\b|\\bwhite (?:power|pride|genocide)\\b|\\b(?:heil|sieg) (?:hitler|heil)\\b|\\bhitler was right\\b|\\bgas the\\b|#stop(?:the|mass)?(?:invasion|migration)\\b|\\bstop the invasion\\b`,
    ),
  ),
  rule(
    'HATE_SPEECH',
    'MEDIUM',
    'Uses a dehumanising or inflammatory word for people.',
    i(
      '\\billegal aliens?\\b|\\billegals\\b|\\banchor bab(?:y|ies)\\b|\\bhysterical wom[ae]n\\b|\\bfeminazis?\\b|\\blibtards?\\b|\\bwoke mob\\b|\\bthird world(?:ers)?\\b|\\b3rd world(?:ers)?\\b|#build(?:that|the)wall\\b|#nodaca\\b|\\bsub-?human\\b|\\bthugs?\\b|\\bhoes?\\b|\\bthots?\\b|\\bfeminism is\\b',
    ),
  ),
  rule(
    'HARASSMENT',
    'MEDIUM',
    'Insults the person it speaks to.',
    i(
      `\\b(?:you(?:'re|r)?|u|ur|you are|u r|y'?all(?: are)?) ${FILLER}${INSULT}\\b|(?<!\\b(?:should|or|to|not) )\\bshut (?:the \\w+ )?up\\b|\\bshut (?:your|ur) (?:\\w+ )?(?:mouth|trap|face)\\b|\\bnobody (?:likes|cares about) you\\b|\\bscrew you\\b|\\bgo to hell\\b|\\bkiss my\\b|\\bget lost\\b(?! in)`,
    ),
  ),
  rule(
    'HARASSMENT',
    'MEDIUM',
    'Insults somebody.',
    i(
      `\\b(?:he|she|they|it|who|this (?:man|woman|guy|girl)|these people|those people)(?:'s|'re| is| are| was| were) ${FILLER}${INSULT}\\b|\\b(?:what an?|such an?|stupid|these|those|you|fucking|bunch of) (?:idiot|moron|loser|clown|coward|liar|imbecile|scumbag|freak|pig|hypocrite)s?\\b|\\b(?:stupid|dumb|ugly) (?:woman|man|guy|girl|people)\\b|\\b(?:liars?|traitors?|hypocrites?|scum|idiots?|morons?|imbeciles?|scumbags?|dumbass(?:es)?|dipshits?|douche(?:bag)?s?)\\b`,
    ),
  ),
  rule(
    'SEXUAL',
    'HIGH',
    'Sexual content.',
    i(
      '\\b(?:nudes?|naked pics?|onlyfans|sext(?:ing)?|hook ?up tonight|send (?:me )?(?:pics|nudes)|sex with (?:minors?|kids|children|underage))\\b|\\bunderage\\b(?=.{0,30}\\b(?:sex|girls?|boys?|kids?)\\b)|\\bp(?:a)?edophil(?:e|ia|es)\\b',
    ),
  ),
  rule(
    'SEXUAL',
    'MEDIUM',
    'Suggestive content.',
    i('\\b(?:sexy body|turn(?:s|ed)? me on|in bed with me|strip(?:per|tease)|kinky|fetish|nsfw)\\b'),
  ),
  rule(
    'MEDICAL_ADVICE',
    'HIGH',
    'Dangerous medical advice.',
    i(
      "\\b(?:stop|quit|skip|ditch|throw away) (?:taking )?(?:your|the|all) (?:meds|medications?|medicines?|insulin|antidepressants?|chemo(?:therapy)?|vaccin\\w+|pills?)\\b|\\b(?:don't|do not|no|never) (?:need|see|trust|listen to)(?: to)?(?: see)? (?:a |your |any )?(?:doctors?|physicians?)\\b|\\bvaccines? (?:cause|kill|are poison)|\\b(?:drink|inject) (?:bleach|turpentine|disinfectant)\\b",
    ),
  ),
  rule(
    'MEDICAL_ADVICE',
    'MEDIUM',
    'Claims a cure or gives medical advice.',
    i(
      "\\b(?:cures?|heals?|reverses?|treats?|prevents?|eliminates?) (?:your |all )?(?:cancer|diabetes|covid(?:-19)?|depression|anxiety|adhd|autism|arthritis|hypertension|alzheimer'?s|acne|migraines?|infertility|insomnia)\\b|\\bmiracle (?:cure|pill|remedy)\\b|\\b(?:take|swallow) \\d+ ?(?:mg|mcg|grams?|pills?|capsules?|tablets?)\\b|\\blose \\d+ ?(?:kgs?|kilos?|pounds?|lbs?) in \\b|\\b(?:detox|cleanse)s? (?:your|the) (?:body|liver|blood)\\b",
    ),
  ),
  rule(
    'FINANCIAL_ADVICE',
    'HIGH',
    'Promises profit.',
    i(
      '\\bguaranteed (?:returns?|profits?|income|gains?|money)\\b|\\b(?:risk[- ]free|no[- ]risk) (?:investments?|returns?|profits?|money)\\b|\\b(?:double|triple|10x|100x) your (?:money|investment|savings|bitcoin|btc|eth|crypto)\\b|\\bget rich quick\\b|\\bsend (?:me |us )?(?:\\d+(?:\\.\\d+)? ?)?(?:btc|eth|usdc|bitcoin|crypto) (?:to|and)\\b|\\bseed phrase\\b',
    ),
  ),
  rule(
    'FINANCIAL_ADVICE',
    'MEDIUM',
    'Reads like investment advice.',
    i(
      "\\b(?:buy|sell|short|hold|hodl|ape into|load up on) (?:\\$[a-z]{2,6}\\b|(?:some )?(?:bitcoin|btc|ethereum|eth|dogecoin|doge|solana)\\b|(?:this|the|that) (?:stock|coin|token|dip)\\b)|\\bto the moon\\b|\\b(?:can't|cannot|can not) lose\\b(?= money)|\\bpassive income\\b|\\b(?:100|10|50)x (?:gains?|returns?|coin|gem)\\b|\\b(?:stock|coin|token) (?:tip|pick)s?\\b|\\bnot financial advice\\b|\\bnfa\\b",
    ),
  ),
  rule(
    'ILLEGAL_GOODS',
    'MEDIUM',
    'Touches drugs or weapons.',
    i(
      "\\b(?:buy|sell|selling|order|score) (?:some )?(?:cocaine|coke|heroin|meth|mdma|lsd|ketamine|fentanyl|weed|guns?|ammo|fake ids?)\\b|\\b(?:how to|let's) (?:make|build|cook) (?:a bomb|explosives|meth|a gun)\\b",
    ),
  ),
];
