import type { TaskOutput } from '../../domain/task/task-types.ts';
import { PLATFORM_TEXT_LIMITS, replyCommentInput } from '../../domain/task/task-types.ts';
import { writeReplyPrompt } from '../models/prompts/write-reply.ts';
import type { Attempt, AttemptOutput } from './attempt.ts';
import { MissingDraftError } from './post-content.ts';
import { recallMemories } from './recall-memories.ts';

/** Writes the answer to a mention; it is sent after its verdict by the effect executor. */
export async function replyComment(attempt: Attempt): Promise<AttemptOutput> {
  const input = replyCommentInput.parse(attempt.task.input);
  const mention = await attempt.context.db.prisma.mention.findUnique({ where: { id: input.mentionId } });
  if (!mention) throw new MissingDraftError(`the mention ${input.mentionId} is gone`);
  const scope = { tenantId: attempt.context.tenantId, agentId: attempt.task.agentId };
  const conversationId = `${mention.platform}:${mention.author}`;
  const [memories, conversation] = await Promise.all([
    recallMemories(attempt, mention.text),
    attempt.resources.shortTermMemory.recall(scope, { limit: 6, conversationId }),
  ]);
  const { text, reasoning, probability } = await attempt.generate(writeReplyPrompt, {
    persona: attempt.agent.persona,
    platform: input.platform,
    maxLength: PLATFORM_TEXT_LIMITS[input.platform],
    mention: { author: mention.author, text: mention.text },
    conversation: conversation.map((item) => item.content).reverse(),
    memories,
    feedback: attempt.task.feedback,
  });
  await attempt.resources.shortTermMemory.remember(scope, {
    kind: 'mention',
    content: `${mention.author}: ${mention.text}`.slice(0, 500),
    conversationId,
  });
  const output: TaskOutput<'REPLY_COMMENT'> = {
    platform: input.platform,
    inReplyTo: mention.externalId,
    text,
    disclosure: 'AUTOMATED',
  };
  return { output, reasoning, modelProbability: probability };
}
