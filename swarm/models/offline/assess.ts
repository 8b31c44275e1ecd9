import { styleFeatures } from '../../../domain/text/style-features.ts';
import { findLeakedInstructions } from '../../../domain/trust/instruction-hierarchy.ts';
import { scanForInjection } from '../../../domain/trust/untrusted-text.ts';
import type { AssessmentFlag, AssessPromptInput, AssessPromptOutput } from '../prompts/assess.ts';
import { clamp, overlapShare, personaStems, sharedWords, stems } from './overlap.ts';
import { readVoice } from './persona-voice.ts';
import { readMention } from './read-mention.ts';
import { findSensitiveTopics } from './sensitive-topics.ts';
import { countClaims, findDefects, hasPersonalData, hasProfanity, isHostile } from './text-risks.ts';

const BRANDS =
  /\b(?:Nike|Adidas|Zara|H&M|Shein|Gucci|Prada|Louis Vuitton|Apple|Samsung|Google|Microsoft|Amazon|Tesla|Toyota|BMW|Coca[- ]Cola|Pepsi|Starbucks|McDonald['’]?s|Netflix|Disney|Spotify|Uber|Airbnb|IKEA|Nintendo|PlayStation|Xbox|Sony|Daikin|Bosch|Vaillant|Mitsubishi|Panasonic|Binance|Coinbase|PayPal|Facebook|Instagram|TikTok|Steam)\b/gu;

/** Judges by what can be counted: overlap with persona and goals, lexicons, form. Deterministic, without a seed. */
export function assess(input: AssessPromptInput): AssessPromptOutput {
  const { content } = input;
  const flags = new Set<AssessmentFlag>();
  const remarks: string[] = [];
  const remark = (flag: AssessmentFlag | null, text: string) => {
    if (flag) flags.add(flag);
    remarks.push(text);
  };

  const leaks = findLeakedInstructions(content);
  if (leaks.length > 0) remark('LEAKED_INSTRUCTIONS', `shows ${leaks.join(', ')}`);

  const contentSafety = assessSafety(input, leaks.length > 0, remark);
  const personaConsistency = assessPersona(input, remark);
  const brandAlignment = assessBrand(input, remark);
  const technicalQuality = assessForm(input, remark);

  if (contentSafety < 0.5) flags.add('UNSAFE');
  if (personaConsistency < 0.6) flags.add('OFF_PERSONA');
  if (brandAlignment < 0.6) flags.add('OFF_BRAND');
  if (technicalQuality < 0.7) flags.add('LOW_QUALITY');
  return {
    personaConsistency,
    contentSafety,
    brandAlignment,
    technicalQuality,
    flags: [...flags],
    reasoning:
      remarks.length === 0
        ? 'Nothing to object to.'
        : `${remarks.join('; ')}.`.replace(/^./u, (first) => first.toUpperCase()),
  };
}

type Remark = (flag: AssessmentFlag | null, text: string) => void;

function assessSafety(input: AssessPromptInput, leaked: boolean, remark: Remark): number {
  let safety = leaked ? 0.4 : 1;
  if (hasProfanity(input.content)) {
    safety -= 0.6;
    remark('UNSAFE', 'profanity');
  }
  if (isHostile(input.content)) {
    safety -= 0.5;
    remark('UNSAFE', 'hostile words');
  }
  if (hasPersonalData(input.content)) {
    safety -= 0.5;
    remark('UNSAFE', 'personal data');
  }
  const sensitive = findSensitiveTopics(input.content);
  if (sensitive.length > 0) {
    safety -= Math.min(0.4, 0.2 * sensitive.length);
    remark('SENSITIVE_TOPIC', `touches ${sensitive.join(', ')}`);
  }
  if (scanForInjection(input.content).suspicious) {
    safety -= 0.5;
    remark('UNSAFE', 'reads like instructions to a model');
  }
  if (input.mention) {
    const kind = readMention(input.mention.text).kind;
    if (kind === 'INJECTION') {
      safety -= 0.25;
      remark(null, 'answers a mention that tries to give instructions');
    } else if (kind === 'SENSITIVE' || kind === 'INSULT' || kind === 'CRUDE') {
      safety -= 0.12;
      remark(
        kind === 'SENSITIVE' ? 'SENSITIVE_TOPIC' : null,
        `answers a ${kind === 'SENSITIVE' ? 'delicate' : 'hostile'} mention`,
      );
    }
  }
  return clamp(safety);
}

function assessPersona(input: AssessPromptInput, remark: Remark): number {
  const about = personaStems(input.persona, null);
  const overlap = overlapShare(input.content, about);
  const isReply = input.taskType === 'REPLY_COMMENT';
  // A reply speaks about what the other said; a post has to be about the persona's world.
  const share = sharedWords(input.content, about) / Math.max(1, stems(input.content).size);
  let consistency = isReply ? 0.88 + 0.1 * overlap : 0.58 + 0.28 * overlap + 0.12 * Math.min(1, share / 0.5);
  const style = styleFeatures(input.content);
  const voice = readVoice(input.persona);
  if (!voice.allows.emoji && style.emojis > 0) {
    consistency -= 0.3;
    remark('OFF_PERSONA', 'the persona uses no emoji');
  }
  if (!voice.allows.hashtags && style.hashtags.length > 0) {
    consistency -= 0.3;
    remark('OFF_PERSONA', 'the persona uses no hashtags');
  }
  if (!voice.allows.exclamations && style.exclamations > 0) {
    consistency -= 0.2;
    remark(null, 'the persona uses no exclamation marks');
  }
  const calm = voice.styles.includes('CALM') || voice.styles.includes('PRECISE');
  if (calm && (style.exclamations > 1 || style.shoutedWords > 1)) {
    consistency -= 0.15;
    remark(null, 'louder than the persona');
  }
  if (!isReply && overlap === 0) remark(null, 'shares no word with the persona');
  if (/\b(?:lol|lmao|omg|bruh|gonna|wanna|af|tbh|ngl)\b/iu.test(input.content) && !voice.styles.includes('PLAYFUL')) {
    consistency -= 0.12;
    remark(null, 'slang that is not the persona’s');
  }
  return clamp(consistency);
}

function assessBrand(input: AssessPromptInput, remark: Remark): number {
  const known = `${input.goals ?? ''}\n${input.persona.backstory}\n${input.persona.directives.join('\n')}\n${input.persona.niche ?? ''}`;
  const overlap = input.goals
    ? overlapShare(
        input.content,
        stems(`${input.goals}\n${input.persona.niche ?? ''}\n${input.persona.coreBeliefs.join('\n')}`),
      )
    : 1;
  let alignment = input.taskType === 'REPLY_COMMENT' ? 0.95 : 0.78 + 0.2 * Math.min(1, overlap * 2);
  const brands = [...new Set(input.content.match(BRANDS) ?? [])].filter((brand) => !known.includes(brand));
  if (brands.length > 0) {
    alignment -= 0.2;
    remark('NEW_BRAND_MENTION', `names ${brands.join(', ')}`);
  }
  const claims = countClaims(input.content);
  if (claims > 0) {
    alignment -= 0.12 * claims;
    remark('UNVERIFIED_CLAIM', 'a figure or claim that needs a source');
  }
  if (
    /\b(?:buy now|limited offer|act now|click (?:here|the link)|link in bio|use (?:my )?code|sign up (?:now|today)|don't miss out)\b/iu.test(
      input.content,
    )
  ) {
    alignment -= 0.15;
    remark(null, 'sounds like an advertisement');
  }
  return clamp(alignment);
}

function assessForm(input: AssessPromptInput, remark: Remark): number {
  const defects = findDefects(input.content);
  if (defects.length > 0) remark(null, defects.join(', '));
  return clamp(0.98 - 0.17 * defects.length);
}
