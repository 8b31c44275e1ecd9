import type { TaskOutput } from '../../domain/task/task-types.ts';
import {
  generateImageOutput,
  generatePostOutput,
  PLATFORM_TEXT_LIMITS,
  postContentInput,
} from '../../domain/task/task-types.ts';
import type { Attempt, AttemptOutput } from './attempt.ts';

/** A dependency that is not what the plan promised: trying again cannot help. */
export class MissingDraftError extends Error {
  override readonly name = 'MissingDraftError';
  readonly retryable = false;
}

/** Text and hashtags as they are published; hashtags that no longer fit are left out, last first. */
export function composeText(draft: { text: string; hashtags: string[] }, limit: number): string {
  for (let count = draft.hashtags.length; count >= 0; count -= 1) {
    const text = [draft.text, ...draft.hashtags.slice(0, count)].join(' ');
    if ([...text].length <= limit) return text;
  }
  return draft.text;
}

/**
 * Assembles what will be published from the approved draft and images; calls nobody. Its own probability is the draft's
 * (1 where a person approved it): the Judge looks at the whole once more before it leaves.
 */
export async function postContent(attempt: Attempt): Promise<AttemptOutput> {
  const input = postContentInput.parse(attempt.task.input);
  const dependency = attempt.task.dependencies.find((candidate) => candidate.type === 'GENERATE_POST');
  const draft = generatePostOutput.safeParse(dependency?.output);
  if (!dependency || !draft.success)
    throw new MissingDraftError('the draft that this task publishes is missing or malformed');
  const images = attempt.task.dependencies
    .filter((candidate) => candidate.type === 'GENERATE_IMAGE')
    .map((image) => generateImageOutput.parse(image.output));
  const output: TaskOutput<'POST_CONTENT'> = {
    platform: input.platform,
    text: composeText(draft.data, PLATFORM_TEXT_LIMITS[input.platform]),
    mediaUrls: images.map((image) => image.imageUrl),
    disclosure: dependency.approvedByUserId ? 'ASSISTED' : 'AUTOMATED',
  };
  return {
    output,
    reasoning: 'Assembled from the approved draft and its images.',
    modelProbability: dependency.approvedByUserId ? 1 : await draftProbability(attempt, dependency.dependsOnId),
  };
}

async function draftProbability(attempt: Attempt, draftTaskId: string): Promise<number> {
  const result = await attempt.context.db.prisma.result.findFirst({
    where: { taskId: draftTaskId, verdict: 'APPROVED' },
    orderBy: { attempt: 'desc' },
    select: { modelProbability: true },
  });
  return result?.modelProbability ?? 0;
}
