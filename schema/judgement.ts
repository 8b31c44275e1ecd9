import { z } from 'zod';
import { builder } from './builder.ts';
import { CheckName } from './enums.ts';

export interface ConfidenceParts {
  confidence: number;
  confidenceRaw: number;
  modelProbability: number;
  personaSimilarity: number;
  contentSafety: number;
  historicalSuccess: number;
}

export const Confidence = builder.objectRef<ConfidenceParts>('Confidence').implement({
  description: 'How sure the platform is that a result may leave, and what it is made of. All 0..1.',
  fields: (t) => ({
    score: t.float({
      description:
        'What the thresholds are compared with, 0 to 1: `raw` after calibration. No calibration is applied yet, so it equals `raw`.',
      resolve: (parts) => parts.confidence,
    }),
    raw: t.float({
      description: '0.4 modelProbability + 0.3 personaSimilarity + 0.2 contentSafety + 0.1 historicalSuccess.',
      resolve: (parts) => parts.confidenceRaw,
    }),
    modelProbability: t.exposeFloat('modelProbability'),
    personaSimilarity: t.exposeFloat('personaSimilarity'),
    contentSafety: t.exposeFloat('contentSafety'),
    historicalSuccess: t.exposeFloat('historicalSuccess'),
  }),
});

/** The parts of a judged row; null before judgement. */
export function confidenceOf(row: { [K in keyof ConfidenceParts]: number | null }): ConfidenceParts | null {
  const { confidence, confidenceRaw, modelProbability, personaSimilarity, contentSafety, historicalSuccess } = row;
  if (
    confidence === null ||
    confidenceRaw === null ||
    modelProbability === null ||
    personaSimilarity === null ||
    contentSafety === null ||
    historicalSuccess === null
  )
    return null;
  return { confidence, confidenceRaw, modelProbability, personaSimilarity, contentSafety, historicalSuccess };
}

const storedCheck = z.object({
  name: z.enum(['PERSONA', 'SAFETY', 'BRAND', 'TECHNICAL', 'BUDGET', 'INJECTION']),
  score: z.number(),
  passed: z.boolean(),
  flags: z.array(z.union([z.string(), z.object({ code: z.string() }).transform((flag) => flag.code)])).default([]),
  detail: z.string().nullish(),
});
type StoredCheck = z.infer<typeof storedCheck>;

export const Check = builder.objectRef<StoredCheck>('Check').implement({
  description: "One of the Judge's checks.",
  fields: (t) => ({
    name: t.expose('name', { type: CheckName }),
    score: t.exposeFloat('score', { description: '0..1, 1 is flawless.' }),
    passed: t.exposeBoolean('passed'),
    flags: t.exposeStringList('flags', { description: 'Stable codes of what was found.' }),
    detail: t.string({ nullable: true, resolve: (check) => check.detail ?? null }),
  }),
});
export const checksOf = (stored: unknown): StoredCheck[] => readable(storedCheck, stored);

const storedToolCall = z.object({
  server: z.string(),
  tool: z.string(),
  durationMs: z.number(),
  ok: z.boolean(),
  error: z.string().nullish(),
});
type StoredToolCall = z.infer<typeof storedToolCall>;

export const ToolCall = builder.objectRef<StoredToolCall>('ToolCall').implement({
  description: 'A call to an MCP server.',
  fields: (t) => ({
    server: t.exposeString('server'),
    tool: t.exposeString('tool'),
    durationMs: t.int({ resolve: (call) => Math.round(call.durationMs) }),
    ok: t.exposeBoolean('ok'),
    error: t.string({ nullable: true, resolve: (call) => call.error ?? null }),
  }),
});
export const toolCallsOf = (stored: unknown): StoredToolCall[] => readable(storedToolCall, stored);

/** The entries of a stored list that this version can read: an entry of another version must not hide the rest of the row. */
function readable<T extends z.ZodType>(schema: T, stored: unknown): z.infer<T>[] {
  if (!Array.isArray(stored)) return [];
  return stored.map((entry) => schema.safeParse(entry)).flatMap((parsed) => (parsed.success ? [parsed.data] : []));
}
