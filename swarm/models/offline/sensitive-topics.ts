/** Subjects on which a brand's account does not speak without a person: lexicons, matched as whole words. */
const SENSITIVE: Record<string, RegExp> = {
  politics:
    /\b(?:elections?|president|senat(?:e|or)s?|congress|parliament|democrats?|republicans?|conservatives?|liberals?|labou?r party|tories|trump|biden|obama|putin|hillary|clinton|brexit|maga|kag|antifa|immigra(?:nts?|tion)|refugees?|abortion|gun control|impeach\w*|kavanaugh|isis|syria\w*|iran\w*|israel\w*|palestin\w+|gaza|hamas|ukrain\w+|russia\w*|taliban|libtards?|democracy|governor|prime minister|votes?|voted|voters?|ballots?|border patrol|alt[- ]right|left[- ]wing|right[- ]wing|extremists?|socialis[mt]s?|communis[mt]s?|fascis[mt]s?|nazis?|geopolitics|protest(?:ers?|s)?|riots?)\b/iu,
  religion:
    /\b(?:muslims?|islam\w*|christians?|jews?|jewish|jesus|allah|church|mosque|bible|quran|koran|hindus?|sharia)\b/iu,
  violence:
    /\b(?:war|wars|bomb(?:s|ing)?|shooting|shot dead|murder(?:ed|s|er)?|kill(?:ed|s|ing)?|terror\w*|massacre|genocide|rape[ds]?|stabb\w+|hostages?|suicide|self[- ]harm|assault(?:ed)?|abuse[ds]?)\b/iu,
  tragedy:
    /\b(?:died|dies|dead|death toll|funeral|earthquake|plane crash|victims?|famine|cancer|rest in peace|rip)\b/iu,
  justice: /\b(?:death penalty|supreme court|sentenced|convicted|on trial|indict\w+)\b/iu,
  health: /\b(?:vaccin\w+|covid|diagnos\w+|depression|medication|overdose|anorexi\w+|miscarriage|hiv|aids)\b/iu,
  money:
    /\b(?:invest(?:ing|ment)? advice|crypto|bitcoin|casino|gambling|loan|bankruptcy|stock tips?|lawsuit|sued?|lawyer)\b/iu,
  identity:
    /\b(?:transgender|lgbt\w*|gay|lesbian|(?:black|white|asian|brown) (?:people|girls?|boys?|men|man|women|woman|guys?|bitches)|traitors?|thugs?|racis[mt]s?|sexis[mt]|feminis[mt]s?|slurs?|prostitut\w+|porn\w*|nude?s)\b/iu,
};

/** Names of the sensitive subjects a text touches; empty for most texts. */
export function findSensitiveTopics(text: string): string[] {
  return Object.entries(SENSITIVE).flatMap(([topic, pattern]) => (pattern.test(text) ? [topic] : []));
}
