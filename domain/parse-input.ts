import { z } from 'zod';
import { isId } from '../platform/ids.ts';
import { ValidationError } from './errors.ts';
import { decimalToMicroUsd, MAX_BUDGET_MICRO_USD } from './money/money.ts';

/** Parses what came from outside; throws ValidationError with a path and a message for every problem. */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown): z.infer<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new ValidationError(
    parsed.error.issues.map((issue) => ({ path: issue.path.map(String), message: issue.message })),
  );
}

export const idSchema = z.string().refine(isId, 'is not an id');
export const versionSchema = z.int().min(1, 'versions start at 1');
export const textSchema = (min: number, max: number) =>
  z
    .string()
    .trim()
    .min(min, min === 1 ? 'must not be empty' : `must have at least ${min} characters`)
    .max(max, `must have at most ${max.toLocaleString('en')} characters`);

/** A decimal string of USD, as micro-USD. */
export const budgetSchema = z.string().transform((value, refinement) => {
  try {
    const microUsd = decimalToMicroUsd(value);
    if (microUsd < 0) refinement.addIssue({ code: 'custom', message: 'must not be negative' });
    else if (microUsd > MAX_BUDGET_MICRO_USD)
      refinement.addIssue({ code: 'custom', message: 'must not be above 1000000 USD' });
    return microUsd;
  } catch (error) {
    refinement.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});
