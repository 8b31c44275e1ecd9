import { z } from 'zod';

/**
 * The task types with the zod schemas of their input and output: what a plan may contain, what a Worker must return,
 * what a reviewer's edit must still satisfy. GENERATE_VIDEO and EXECUTE_TRANSACTION are typed, but no Worker takes
 * them yet: `supported: false` refuses them at plan validation and at createTask.
 */
export const PLATFORM_TEXT_LIMITS = {
  TWITTER: 280,
  INSTAGRAM: 2200,
  THREADS: 500,
  TIKTOK: 2200,
  YOUTUBE: 5000,
  MOLTBOOK: 5000,
} as const;

export const platformSchema = z.enum(['TWITTER', 'INSTAGRAM', 'THREADS', 'TIKTOK', 'YOUTUBE', 'MOLTBOOK']);
export type Platform = z.infer<typeof platformSchema>;

export const disclosureSchema = z.enum(['AUTOMATED', 'ASSISTED', 'NONE']);

const text = (max: number) => z.string().trim().min(1).max(max);
const hashtag = z
  .string()
  .regex(/^#[\p{L}\p{N}_]{1,60}$/u, 'a hashtag starts with # and has letters, digits and _ only');

/** Refers to a task of the same plan by its key; the Planner's transaction replaces it by the task's id. */
export const analyzeTrendInput = z.strictObject({
  topic: text(200),
  /** Ids of Trend rows the Planner saw; empty lets the Worker read the newest ones itself. */
  trendIds: z.array(z.string()).max(20).default([]),
});
export const analyzeTrendOutput = z.object({
  topic: text(200),
  summary: text(1000),
  /** What the persona can say about it. */
  angle: text(500),
  relevance: z.number().min(0).max(1),
  sentiment: z.enum(['POSITIVE', 'NEUTRAL', 'NEGATIVE']),
  sources: z.array(z.object({ title: text(300), url: z.string().max(2000).nullable() })).max(20),
});

export const generatePostInput = z.strictObject({
  platform: platformSchema,
  topic: text(300),
  tone: text(100).optional(),
  /** Characters, hashtags included; the platform's limit where absent. */
  maxLength: z.number().int().min(20).max(5000).optional(),
});
export const generatePostOutput = z.object({
  text: text(5000),
  hashtags: z.array(hashtag).max(10),
  /** 0..1 */
  estimatedEngagement: z.number().min(0).max(1),
});

export const generateImageInput = z.strictObject({
  prompt: text(1000),
  style: z.enum(['realistic', 'anime', 'artistic']).default('realistic'),
  aspectRatio: z.enum(['1:1', '4:5', '16:9', '9:16']).default('4:5'),
});
export const generateImageOutput = z.object({
  mediaId: z.string(),
  imageUrl: z.url(),
  altText: text(500),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  fileSizeBytes: z.number().int().positive(),
  format: z.enum(['png', 'jpeg', 'webp']),
  generationModel: text(100),
});

/** Publishes what the tasks it depends on made: one GENERATE_POST, and at most four GENERATE_IMAGE. */
export const postContentInput = z.strictObject({
  platform: platformSchema,
});
export const postContentOutput = z.object({
  platform: platformSchema,
  text: text(5000),
  mediaUrls: z.array(z.url()).max(4),
  disclosure: disclosureSchema,
});

export const replyCommentInput = z.strictObject({
  mentionId: z.string(),
  platform: platformSchema,
});
export const replyCommentOutput = z.object({
  platform: platformSchema,
  inReplyTo: z.string(),
  text: text(5000),
  disclosure: disclosureSchema,
});

export const generateVideoInput = z.strictObject({
  videoType: z.enum(['LIVING_PORTRAIT', 'TEXT_TO_VIDEO']),
  prompt: text(1000),
  staticImageUrl: z.url().optional(),
  durationSeconds: z.number().int().min(5).max(60),
  quality: z.enum(['720p', '1080p', '4k']),
});
export const generateVideoOutput = z.object({
  videoUrl: z.url(),
  durationSeconds: z.number().positive(),
  resolution: text(20),
  fileSizeBytes: z.number().int().positive(),
  format: text(10),
  generationModel: text(100),
});

export const executeTransactionInput = z.strictObject({
  transactionType: z.enum(['TRANSFER', 'TOKEN_DEPLOY', 'SWAP']),
  toAddress: z.string().regex(/^0x[a-fA-F0-9]{40}$/),
  amountBaseUnits: z.string().regex(/^[1-9][0-9]{0,77}$/),
  token: z.enum(['USDC', 'ETH']),
  network: z.enum(['base', 'ethereum']),
  purpose: text(500),
});

export interface TaskTypeDefinition {
  input: z.ZodType;
  output: z.ZodType;
  /** After approval the output is sent to the outside by the effect executor. */
  effectful: boolean;
  /** A Worker of this version executes it. */
  supported: boolean;
}

export const TASK_TYPES = {
  ANALYZE_TREND: { input: analyzeTrendInput, output: analyzeTrendOutput, effectful: false, supported: true },
  GENERATE_POST: { input: generatePostInput, output: generatePostOutput, effectful: false, supported: true },
  GENERATE_IMAGE: { input: generateImageInput, output: generateImageOutput, effectful: false, supported: true },
  GENERATE_VIDEO: { input: generateVideoInput, output: generateVideoOutput, effectful: false, supported: false },
  POST_CONTENT: { input: postContentInput, output: postContentOutput, effectful: true, supported: true },
  REPLY_COMMENT: { input: replyCommentInput, output: replyCommentOutput, effectful: true, supported: true },
  EXECUTE_TRANSACTION: {
    input: executeTransactionInput,
    output: executeTransactionInput,
    effectful: true,
    supported: false,
  },
} as const satisfies Record<string, TaskTypeDefinition>;

export type TaskType = keyof typeof TASK_TYPES;
export const taskTypeSchema = z.enum(Object.keys(TASK_TYPES) as [TaskType, ...TaskType[]]);
export type TaskInput<T extends TaskType> = z.infer<(typeof TASK_TYPES)[T]['input']>;
export type TaskOutput<T extends TaskType> = z.infer<(typeof TASK_TYPES)[T]['output']>;
