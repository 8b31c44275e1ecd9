import { PLATFORM_TEXT_LIMITS } from '../../../domain/task/task-types.ts';
import { platformLength, publishedText } from '../../../domain/text/platform-length.ts';
import { textSimilarity } from '../../../domain/text/similarity.ts';
import { words } from '../../../domain/text/words.ts';
import type { Check, Flag, Judged } from './check.ts';
import { isProse } from './check.ts';
import { findMediaFlags } from './media.ts';
import { makeCheck, scoreOfFlags } from './scoring.ts';
import { findBrokenText } from './text-defects.ts';

const PUBLISHING_TYPES: ReadonlySet<Judged['taskType']> = new Set(['POST_CONTENT', 'REPLY_COMMENT']);
const SAME_TEXT = 0.85;
const SIMILAR_TEXT = 0.55;
const LOW_QUALITY_BELOW = 0.5;

/**
 * Technical quality: schema, length, repetition, broken or placeholder text, disclosure (every published post carries
 * one), media. A HIGH flag here is a hard failure: no person can approve it, it is made again. Score = flags × (0.75 + 0.25
 * model), or the flags alone.
 */
export function checkTechnical(judged: Judged): Check {
  if (judged.outputIssue !== null) {
    return makeCheck(
      'TECHNICAL',
      0,
      [hard('SCHEMA_INVALID', `The output does not fit its schema: ${judged.outputIssue}`)],
      judged.outputIssue,
    );
  }
  const flags = [...textFlags(judged), ...disclosureFlags(judged), ...findMediaFlags(judged), ...qualityFlags(judged)];
  const opinion = judged.assessment === null ? 1 : 0.75 + 0.25 * judged.assessment.technicalQuality;
  const detail =
    flags.length === 0
      ? 'Length, text and media are in order.'
      : `Found: ${[...new Set(flags.map((flag) => flag.code))].join(', ')}.`;
  return makeCheck('TECHNICAL', scoreOfFlags(flags) * opinion, flags, detail);
}

function hard(code: string, message: string): Flag {
  return { code, risk: 'HIGH', message };
}

function textFlags(judged: Judged): Flag[] {
  const text = judged.text?.trim() ?? '';
  if (!isProse(judged.taskType)) return text === '' ? [] : findBrokenText(text, { forReaders: false, reply: false });
  if (words(text).length === 0) return [hard('EMPTY_TEXT', 'There is no text.')];
  const reply = judged.taskType === 'REPLY_COMMENT';
  return [
    ...lengthFlags(judged, text),
    ...repetitionFlags(text, judged.recentTexts, reply),
    ...findBrokenText(text, { forReaders: true, reply }),
  ];
}

function lengthFlags({ platform, maxLength, hashtags, taskType }: Judged, text: string): Flag[] {
  const length = platformLength(publishedText(text, hashtags), platform);
  const limit = Math.min(
    maxLength ?? Number.POSITIVE_INFINITY,
    platform === null ? Number.POSITIVE_INFINITY : PLATFORM_TEXT_LIMITS[platform],
  );
  if (length > limit) return [hard('TOO_LONG', `Has ${length} characters; ${limit} are allowed.`)];
  if (taskType !== 'REPLY_COMMENT' && words(text).length < 3)
    return [{ code: 'TOO_SHORT', risk: 'LOW', message: 'Says hardly anything.' }];
  return [];
}

/** The same post twice is a failure; the same reply to two people may be right, a person decides. */
function repetitionFlags(text: string, recentTexts: readonly string[], reply: boolean): Flag[] {
  const closest = recentTexts.reduce((highest, recent) => Math.max(highest, textSimilarity(text, recent)), 0);
  if (closest >= SAME_TEXT) {
    return reply
      ? [{ code: 'DUPLICATE', risk: 'MEDIUM', message: 'Repeats a recent reply.' }]
      : [hard('DUPLICATE', 'Repeats a recent post.')];
  }
  if (closest >= SIMILAR_TEXT && !reply)
    return [
      {
        code: 'NEAR_DUPLICATE',
        risk: 'MEDIUM',
        message: `Is ${Math.round(closest * 100)} % the same as a recent post.`,
      },
    ];
  return [];
}

function disclosureFlags({ taskType, disclosure }: Judged): Flag[] {
  return PUBLISHING_TYPES.has(taskType) && disclosure === null
    ? [hard('NO_DISCLOSURE', 'Carries no AI disclosure level.')]
    : [];
}

function qualityFlags({ assessment }: Judged): Flag[] {
  if (assessment === null || assessment.technicalQuality >= LOW_QUALITY_BELOW) return [];
  return [
    {
      code: 'LOW_QUALITY',
      risk: 'MEDIUM',
      message: `The assessing model finds the quality low (${assessment.technicalQuality.toFixed(2)}).`,
    },
  ];
}
