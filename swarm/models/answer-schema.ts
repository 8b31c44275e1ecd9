import { z } from 'zod';
import { storableText } from '../../platform/storable.ts';

/** A prompt's answer as JSON Schema, for vendors that hold a model to one. Limits are checked by zod afterwards. */
export function toAnswerSchema(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _dialect, ...body } = z.toJSONSchema(schema, { io: 'output' });
  return body;
}

export type ParsedAnswer<O> = { ok: true; output: O } | { ok: false; problem: string };

/** Parses the text of an answer. `problem` is written for the model that has to correct it. */
export function parseAnswer<O>(text: string, schema: z.ZodType<O>): ParsedAnswer<O> {
  let value: unknown;
  try {
    value = JSON.parse(unfence(text), (_key, part: unknown) => (typeof part === 'string' ? storableText(part) : part));
  } catch (error) {
    return { ok: false, problem: `It is not valid JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? { ok: true, output: parsed.data } : { ok: false, problem: z.prettifyError(parsed.error) };
}

/** Some models put a code fence around JSON in spite of the schema. */
function unfence(text: string): string {
  return /^\s*```(?:json)?\s*\n([\s\S]*?)\n?```\s*$/.exec(text)?.[1] ?? text;
}
