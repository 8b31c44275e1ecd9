import type { z } from 'zod';
import type { Platform, TaskType } from '../../domain/task/task-types.ts';
import {
  analyzeTrendOutput,
  generateImageOutput,
  generatePostInput,
  generatePostOutput,
  postContentOutput,
  replyCommentOutput,
  TASK_TYPES,
} from '../../domain/task/task-types.ts';
import { publishedText } from '../../domain/text/platform-length.ts';
import type { AgentProfile } from '../agent-cache.ts';
import type { Assessment, Disclosure, Judged, JudgedMedia } from './checks/check.ts';
import { assessmentSchema } from './checks/check.ts';
import type { PendingResult } from './load-results.ts';

interface Content {
  text: string | null;
  hashtags: string[];
  mediaUrls: string[];
  platform: Platform | null;
  disclosure: Disclosure | null;
}

const NOTHING: Content = { text: null, hashtags: [], mediaUrls: [], platform: null, disclosure: null };

const parsed = <S extends z.ZodType>(schema: S, value: unknown): z.infer<S> | null => {
  const result = schema.safeParse(value);
  return result.success ? result.data : null;
};

/** The parts of an output that would be read by others, by task type. */
function contentOf(type: TaskType, output: unknown, input: unknown): Content {
  switch (type) {
    case 'GENERATE_POST': {
      const draft = parsed(generatePostOutput, output);
      return draft
        ? {
            ...NOTHING,
            text: draft.text,
            hashtags: draft.hashtags,
            platform: parsed(generatePostInput, input)?.platform ?? null,
          }
        : NOTHING;
    }
    case 'POST_CONTENT': {
      const post = parsed(postContentOutput, output);
      return post
        ? {
            ...NOTHING,
            text: post.text,
            mediaUrls: post.mediaUrls,
            platform: post.platform,
            disclosure: post.disclosure,
          }
        : NOTHING;
    }
    case 'REPLY_COMMENT': {
      const reply = parsed(replyCommentOutput, output);
      return reply ? { ...NOTHING, text: reply.text, platform: reply.platform, disclosure: reply.disclosure } : NOTHING;
    }
    case 'GENERATE_IMAGE': {
      const image = parsed(generateImageOutput, output);
      return image ? { ...NOTHING, text: image.altText, mediaUrls: [image.imageUrl] } : NOTHING;
    }
    case 'ANALYZE_TREND': {
      const analysis = parsed(analyzeTrendOutput, output);
      return analysis ? { ...NOTHING, text: `${analysis.summary} ${analysis.angle}` } : NOTHING;
    }
    case 'GENERATE_VIDEO':
    case 'EXECUTE_TRANSACTION':
      return NOTHING;
  }
}

/** A person approved the draft, and what is published is word for word that draft. */
function isHumanApproved(result: PendingResult, text: string | null): boolean {
  const draft = parsed(generatePostOutput, result.draft?.output);
  if (!result.draft?.approvedByUserId || !draft || text === null) return false;
  return text === draft.text || text === publishedText(draft.text, draft.hashtags);
}

/** Gathers what the checks look at. `assessment` is the model's answer, null where the type needs none. */
export function gather(
  result: PendingResult,
  agent: AgentProfile,
  goals: string | null,
  recentTexts: string[],
  media: JudgedMedia[],
  assessment: { answer: Assessment | null; error: string | null },
): Judged {
  const validity = TASK_TYPES[result.type].output.safeParse(result.output);
  const content = contentOf(result.type, result.output, result.input);
  const input = result.input as { topic?: string; maxLength?: number };
  const draftInput = result.draft?.input as { topic?: string } | undefined;
  return {
    ...content,
    taskType: result.type,
    output: result.output,
    outputIssue: validity.success
      ? null
      : validity.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
    maxLength: input.maxLength ?? null,
    persona: agent.persona,
    goals,
    topic: input.topic ?? draftInput?.topic ?? null,
    mention: result.mention,
    tainted: result.tainted || (result.draft?.tainted ?? false),
    recentTexts,
    assessment: assessment.answer,
    assessmentError: assessment.error,
    media,
    humanApproved: isHumanApproved(result, content.text),
  };
}

/** The types whose results a model assesses. */
export const ASSESSED_TYPES: ReadonlySet<TaskType> = new Set(['GENERATE_POST', 'REPLY_COMMENT', 'GENERATE_IMAGE']);

/** The text that the ASSESS prompt reads, or null for a type that is judged without a model. */
export function assessableText(result: PendingResult): string | null {
  if (!ASSESSED_TYPES.has(result.type)) return null;
  const { text, hashtags } = contentOf(result.type, result.output, result.input);
  return text === null ? null : publishedText(text, hashtags);
}

/** The assessment a POST_CONTENT inherits from its draft. */
export const inheritedAssessment = (result: PendingResult): Assessment | null =>
  parsed(assessmentSchema, result.draft?.assessment);
