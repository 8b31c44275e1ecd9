import { z } from 'zod';

export const generateImageInput = z.object({
  prompt: z.string().trim().min(1).max(1000),
  character_reference_id: z.string().min(1).max(200).optional().describe('Keeps the same character over pictures'),
  style: z.enum(['realistic', 'anime', 'artistic']).default('realistic'),
  aspect_ratio: z.enum(['1:1', '4:5', '16:9', '9:16']).default('4:5'),
  idempotency_key: z.string().min(1).max(200),
});

export const generateImageOutput = z.object({
  image_url: z.url(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  file_size_bytes: z.number().int().positive(),
  format: z.enum(['png', 'jpeg', 'webp']),
  model: z.string(),
  /** What the picture cost. */
  cost_usd: z.number().nonnegative(),
});
