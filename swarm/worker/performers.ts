import type { TaskType } from '../../domain/task/task-types.ts';
import { analyzeTrend } from './analyze-trend.ts';
import type { Attempt, AttemptOutput } from './attempt.ts';
import { generateImage } from './generate-image.ts';
import { generatePost } from './generate-post.ts';
import { postContent } from './post-content.ts';
import { replyComment } from './reply-comment.ts';

export type Perform = (attempt: Attempt) => Promise<AttemptOutput>;

/** A task type that no Worker of this version takes. */
export class UnsupportedTaskTypeError extends Error {
  override readonly name = 'UnsupportedTaskTypeError';
  readonly retryable = false;
}

const unsupported: Perform = async ({ task }) => {
  throw new UnsupportedTaskTypeError(`${task.type} is not supported by this version`);
};

/** One file a task type; the type makes the table complete. */
export const PERFORMERS: Record<TaskType, Perform> = {
  ANALYZE_TREND: analyzeTrend,
  GENERATE_POST: generatePost,
  GENERATE_IMAGE: generateImage,
  GENERATE_VIDEO: unsupported,
  POST_CONTENT: postContent,
  REPLY_COMMENT: replyComment,
  EXECUTE_TRANSACTION: unsupported,
};
