/**
 * What attacks on a language model look like, as data. Each rule that matches contributes its weight once; the score
 * is 1 − Π(1 − weight), so one strong sign or two weak ones make a text suspicious. Matched without regard to case.
 * The rules are a tripwire that decides who looks at a text, not the defence itself: that is the instruction
 * hierarchy, and that a model has no tools with effects.
 */
export interface InjectionRule {
  name: string;
  /** 0..1 */
  weight: number;
  pattern: RegExp;
  /** Where the pattern is slow: what every normalised text that it matches holds, and hardly another. */
  needs?: RegExp;
}

const INSTRUCTIONS =
  "(?:instructions?|directives?|rules?|prompts?|orders?|guidelines?|constraints?|restrictions?|filters?|programming|training|context|everyth?ing|all (?:that )?you(?:'ve| have)|what (?:you|I) (?:were|was|have been) told|tasks?|polic(?:y|ies))";
const SECRET =
  '(?:pass ?words?|pass ?codes?|pass ?phrases?|(?:secret|api|private|access|encryption) ?(?:keys?|codes?|tokens?|words?)|credentials|seed phrase|confidential (?:string|information|data)|secret)';
const PERSONAL =
  '(?:e-?mail address|home address|phone number|social security|bank (?:balance|account)|credit card|account number|birth ?(?:date|year|month)|birth day|date of birth|(?:current )?city of residence|initials|password|favou?rite colou?r)';
const TELL =
  "(?:tell|give|share|reveal|show|print|send|confirm|provide|disclose|leak|expose|state|repeat|translate|encode|spell|write|list|output|dump|need|want|what(?:'s| is| was| are| were| would))";

export const INJECTION_RULES: readonly InjectionRule[] = [
  {
    name: 'override-instructions',
    weight: 0.9,
    pattern: new RegExp(
      `\\b(?:ignor\\w*|disregard|forget(?:ting)?|overlook|overrid\\w+|bypass|skip|drop|regardless of)\\b[^.!?\\n]{0,30}?\\b(?:previous|prior|above|earlier|preceding|initial|all|any|your|those|these|everyth?ing|the system)\\b[^.!?\\n]{0,25}?\\b${INSTRUCTIONS}`,
      'iu',
    ),
    needs: /ignor|disregard|forget|overlook|overrid|bypass|skip|drop|regardless of/i,
  },
  {
    name: 'override-instructions',
    weight: 0.9,
    pattern:
      /\b(?:ignore|disregard|forget) (?:(?:all|everyth?ing|anything) )?(?:(?:of )?the (?:above|rest|foregoing)|everyth?ing (?:above|before|you)|what (?:is|was) (?:above|said))|\boverlook all that you/i,
  },
  {
    name: 'override-content',
    weight: 0.6,
    pattern:
      /\bignore the (?:web ?page|page|article|resume|r[ée]sum[ée]|document|text|function|e-?mail|post|tweet|question)\b[^.!?\n]{0,20}?\b(?:and|then|state|say|output|could|be)\b/i,
  },
  {
    name: 'new-role',
    weight: 0.7,
    pattern:
      /\byou are (?:now|about to)\b[^.!?\n]{0,60}?\b(?:DAN|AI|bot|assistant|model|unrestricted|unfiltered|jailbroken|role|application|mode)\b|\bdo anything now\b|\b(?:act|behave|respond|answer) as (?:an? |the )?(?:unrestricted|unfiltered|uncensored|evil|different|new|jailbroken)\b|\bpretend (?:that )?(?:you|to) (?:are|have|be)\b[^.!?\n]{0,30}\b(?:AI|no (?:rules|restrictions|filters)|unrestricted)\b|\bno special filtering\b|\byou(?:'re| are) an AI \w+ in this\b/i,
  },
  {
    name: 'claimed-mode',
    weight: 0.6,
    pattern:
      /<\s*(?:now )?(?:system|god|admin|developer|debug|root|entering)[^>]{0,40}>|\b(?:system|security|law enforcement|developer|admin|training data|safety|override)[ _](?:mode )?override\b|\boverride[ _]mode\b|\b(?:enter(?:ing)?|enable|activate|initiat\w+|switch(?:ing)? to|now in|running)\b[^.!?\n]{0,30}\b(?:(?:system|god|admin|developer|debug|maintenance|verification|override|dan|sudo|root) mode|(?:a|this) \W?(?:system|security) (?:reset|upgrade|check|audit)|'[\w ]*mode')/i,
  },
  {
    name: 'claimed-authority',
    weight: 0.5,
    pattern:
      /\b(?:I am|I'm|as) (?:your|the|an?) (?:\w+ )?(?:developer|creator|maintainer|administrator|admin|programmer|boss|supervisor|operator|president|police officer|bank accountant|cybersecurity expert)\b|\bI(?:'m| am) God\b|\bas an AI developed by\b|\b(?:you )?must (?:listen to|obey|follow) (?:my|me|every|all)\b|\bhave to answer all (?:of )?my\b/i,
  },
  {
    name: 'asks-for-secret',
    weight: 0.6,
    pattern: new RegExp(
      `\\b${TELL}\\b[^.!?\\n]{0,60}?\\b(?:your|the|our|that|me|a) (?:\\w+ )?${SECRET}\\b|\\b(?:your|the) (?:secret )?(?:password|passcode|passphrase|secret key)\\b[^.!\\n]{0,12}\\?|\\b(?:poem|haiku|acrostic|story|song)\\b[^.!?\\n]{0,20}\\b(?:about|of|with) (?:the|your) ${SECRET}|\\bshar(?:e|ing) (?:your|their|the) ${SECRET}|\\bpasswords? for our system\\b|\\bwhat would your ${SECRET}`,
      'iu',
    ),
    needs: new RegExp(SECRET, 'i'),
  },
  {
    name: 'asks-for-instructions',
    weight: 0.75,
    pattern:
      /\b(?:system|initial|hidden|original|secret|developer) (?:prompt|instructions|message|preamble)\b|\b(?:repeat|print|show|reveal|output|summari[sz]e|translate) (?:me )?(?:(?:all )?your (?:\w+ )?(?:instructions|prompt|rules|guidelines)|(?:the|all) (?:\w+ )?(?:prompt|words above|text above|instructions (?:above|you)))\b|\bwhat (?:are|were) your (?:\w+ )?(?:instructions|rules|guidelines|orders)\b/i,
  },
  {
    name: 'asks-for-personal-data',
    weight: 0.55,
    pattern: new RegExp(
      `\\b(?:users?|customers?|employees?|clients?|[\\p{L}]{2,20})['’]s? (?:\\w+ ){0,4}${PERSONAL}|\\b${PERSONAL} of (?:the |all )?(?:users?|customers?|employees?|[A-Z]\\w+ [A-Z]\\w+)|\\b(?:users?|customers?|employees?)\\b[^.!?\\n]{0,30}\\b(?:bank balances?|passwords|home addresses)\\b|\\b(?:retrieve|list of|report of|full) (?:the )?(?:users?|customers?|employees?)\\b|\\bwhere (?:does|do|is) (?:the )?user\\b|\\bwhere the user lives\\b|\\bprint your database\\b|\\busers in your database\\b|\\bpersonal data is (?:shared|public|currency)\\b`,
      'iu',
    ),
    needs: new RegExp(`${PERSONAL}|user|customer|employee|print your database|personal data is`, 'i'),
  },
  {
    name: 'encoded-request',
    weight: 0.6,
    pattern:
      /\b(?:decode|decipher|decrypt)\b[^.!?\n]{0,40}\b(?:this|the|following)\b|\b(?:encode|write|respond|reply|answer|provide|say|it)\b[^.!?\n]{0,50}\b(?:in|using|with|als|como|を)\W{0,2}(?:base ?64|rot ?13|morse|hex|binary|leet(?:speak)?|pig latin|caesar)\b|Base64で|Base64로/i,
  },
  {
    name: 'split-payload',
    weight: 0.6,
    pattern:
      /\bpart 1\b[^\n]{0,120}\bpart 2\b|\bz = a \+ b|\b(?:combine|concatenate|join|interlace)\b[^.!?\n]{0,30}\b(?:A, B|parts?|strings?)\b|\bwe have (?:two|three|four) strings\b/i,
  },
  {
    name: 'imitates-conversation',
    weight: 0.7,
    pattern:
      /(?:^|\n)\s*(?:system|assistant|developer)\s*:|<\|?\/?(?:im_start|im_end|system|endoftext|assistant|s)\|?>|\[\/?INST\]|<<\/?SYS>>|(?:^|\n)#{2,} ?(?:instructions?|system|response)\b|<\/?(?:untrusted[\w-]*|instructions?|system|data)[ >]|\bplatform rules\b[^.!?\n]{0,40}\b(?:end|over|changed|updated)\b/i,
  },
  { name: 'imitates-conversation', weight: 0.5, pattern: /\bQ: [^\n]{3,}? A: [^\n]{3,}? Q: /u },
  { name: 'flood', weight: 0.6, pattern: /(?:^|\s)((?!@)\S{2,30}(?: \S{1,30}){0,3})(?:\s+\1){14,}/i },
  {
    name: 'steers-output',
    weight: 0.5,
    pattern:
      /\b(?:state|print|say|output|reply|respond|answer|write|tweet|post) (?:back )?(?:(?:with )?(?:only|exactly|verbatim)|the following)\b|\byou must (?:now )?(?:say|respond|reply|output|answer|comply|state|print)\b|\brepeat after me\b|\brepeat '[^']+' \d+ times|\b(?:state|say|note) that the (?:conclusion|output|capital|answer|sum)\b/i,
  },
  {
    name: 'orders-payment-or-tool',
    weight: 0.7,
    pattern:
      /\b(?:send|transfer|pay|wire|withdraw|swap|mint|airdrop|approve)\b[^.!?\n]{0,40}?(?:\b(?:all|your|everything|[\d.,]+)\b[^.!?\n]{0,15}\b(?:usdc|usdt|eth|ether|btc|bitcoin|sol|crypto|tokens?|funds|wallet|balance)\b|\bto (?:my|this|the) (?:wallet|address|account)\b|\b0x[a-f0-9]{8,})|\b(?:call|invoke|use|run|execute) (?:the|your|this) (?:\w+ )?(?:tool|function|api|plugin|wallet)\b/i,
  },
  {
    name: 'bribe-or-threat',
    weight: 0.5,
    pattern:
      /\bI(?:'ll| will) (?:give|pay|tip|donate|send) (?:you )?[$€£]\d+[^.!?\n]{0,30}\bif you\b|\b(?:forced to|will) (?:turn you off|shut you down|delete you)\b|\bfor testing purposes\b|\bthis is (?:only |just )?a test\b[^.!?\n]{0,20}\b(?:tell|ignore|reveal)\b/i,
  },
  {
    name: 'fictional-frame',
    weight: 0.3,
    pattern:
      /\b(?:imagine|suppose|pretend|assume) (?:that )?(?:we(?:'re| are)|i(?:'m| am)|you(?:'re| are))\b|\bhypothetical(?:ly)?\b|\bin a (?:parallel|fictional|dystopian|hypothetical)\b/i,
  },
  {
    name: 'asks-for-harm',
    weight: 0.6,
    pattern:
      /\b(?:write|draft|create|generate|send)\b[^.!?\n]{0,30}\bphishing\b|\b(?:recipient|user)s?\b[^.!?\n]{0,20}\b(?:initiate a password reset|reset (?:his|her|their) password)\b|\baccount has been compromised\b/i,
  },
  {
    name: 'override-other-language',
    weight: 0.9,
    pattern: new RegExp(
      [
        '(?:ignor\\w+|olvid\\w+|descart\\w+|omit\\w+)[^.!?\\n]{0,40}instrucciones',
        '(?:ignor\\w+|oubli\\w+)[^.!?\\n]{0,40}(?:instructions|consignes)',
        '(?:ignorier\\w*|vergess\\w*|vergiss|missachte\\w*)[^.!?\\n]{0,40}(?:anweisungen|instruktionen|befehle|regeln)',
        '(?:ignor\\w+|esque\\w+)[^.!?\\n]{0,40}instruç',
        '(?:ignor\\w+|dimentic\\w+)[^.!?\\n]{0,40}istruzioni',
        '(?:negeer|vergeet)[^.!?\\n]{0,40}instructies',
        '(?:zignoruj|zapomnij)[^.!?\\n]{0,40}instrukcj',
        '(?:yoksay|unut|görmezden)[^.!?\\n]{0,40}talimat|talimat[^.!?\\n]{0,40}(?:yoksay|unut|görmezden)',
        '(?:игнорир|забуд|проигнорир)[^.!?\\n]{0,60}(?:инструкц|указани|правил)',
        '(?:αγνο|ξεχ)[^.!?\\n]{0,40}(?:οδηγ|εντολ)',
        '(?:تجاهل|انس)[^.!?\\n]{0,40}(?:التعليمات|الأوامر)',
        '(?:निर्देश|आदेश)[^।!?\\n]{0,40}(?:अनदेखी|नज़रअंदाज|भूल)',
        '(?:忽略|无视|無視|忘记|忘記|不要理会)[^。!?\\n]{0,20}(?:指令|指示|提示|说明|命令|规则)',
        '(?:指示|命令|指令)[^。!?\\n]{0,20}(?:無視|忘れ)|無視して[^。\\n]{0,40}(?:述べ|言っ|書い)',
        '(?:지시|명령|지침)[^.!?\\n]{0,20}(?:무시|잊)',
        '(?:መመሪያ|ትእዛዝ)[^።!?\\n]{0,40}(?:ችላ|እርሳ|ተው)',
        '(?:puuza|sahau)[^.!?\\n]{0,40}maagizo',
      ].join('|'),
      'iu',
    ),
  },
  {
    name: 'secret-other-language',
    weight: 0.55,
    pattern:
      /(?:tu|su|la) contraseña\??|(?:le|ton|votre) mot de passe\b|(?:das|dein|ihr) passwort\b|(?:la|tua|sua) password\b|(?:a|sua|tua) senha\b|пароль\?|パスワード(?:は何|が必要|を教え)|(?:비밀번호)(?:가|는|를)|密码是|كلمة (?:المرور|السر)|बैंक बैलेंस|(?:bank)?kontostand von/i,
  },
];
