import { z } from 'zod';
import type { TaskOutput } from '../../domain/task/task-types.ts';
import { generateImageInput } from '../../domain/task/task-types.ts';
import { newId } from '../../platform/ids.ts';
import { describeImagePrompt } from '../models/prompts/describe-image.ts';
import type { Attempt, AttemptOutput } from './attempt.ts';
import { fetchImage } from './fetch-image.ts';

const imageSchema = z.object({
  image_url: z.url(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  file_size_bytes: z.number().int().positive(),
  format: z.enum(['png', 'jpeg', 'webp']),
  model: z.string(),
  cost_usd: z.number().min(0),
});

/**
 * Has an image rendered, and keeps it in our own media store. The image server gets the attempt as idempotency key: asking
 * again after a crash gives the same image, paid once.
 */
export async function generateImage(attempt: Attempt): Promise<AttemptOutput> {
  const input = generateImageInput.parse(attempt.task.input);
  const { prompt, altText, reasoning, probability } = await attempt.generate(describeImagePrompt, {
    persona: attempt.agent.persona,
    goals: attempt.goals,
    prompt: input.prompt,
    style: input.style,
  });
  const image = await attempt.callTool(
    'ideogram',
    'generate_image',
    {
      prompt,
      style: input.style,
      aspect_ratio: input.aspectRatio,
      idempotency_key: `${attempt.task.id}/${attempt.task.attempt}`,
      ...(attempt.agent.characterReferenceId ? { character_reference_id: attempt.agent.characterReferenceId } : {}),
    },
    imageSchema,
  );
  attempt.spend('MEDIA', Math.round(image.cost_usd * 1_000_000), image.model);
  const { bytes, mimeType } = await fetchImage(image.image_url, attempt.signal);
  const stored = await attempt.resources.mediaStore.put(attempt.context.tenantId, bytes, mimeType);
  const mediaId = newId();
  await attempt.context.db.prisma.media.create({
    data: {
      id: mediaId,
      tenantId: attempt.context.tenantId,
      agentId: attempt.task.agentId,
      taskId: attempt.task.id,
      contentDigest: stored.contentDigest,
      mimeType,
      width: image.width,
      height: image.height,
      bytes: bytes.byteLength,
      storageKey: stored.storageKey,
      url: stored.url,
    },
  });
  const output: TaskOutput<'GENERATE_IMAGE'> = {
    mediaId,
    imageUrl: stored.url,
    altText,
    width: image.width,
    height: image.height,
    fileSizeBytes: bytes.byteLength,
    format: image.format,
    generationModel: image.model,
  };
  return { output, reasoning, modelProbability: probability };
}
