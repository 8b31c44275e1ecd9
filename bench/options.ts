import { parseArgs } from 'node:util';
import { z } from 'zod';

export const PARTS = [
  'pipeline',
  'processes',
  'latency',
  'fairness',
  'ingestion',
  'delivery',
  'start',
  'recovery',
  'emergency-stop',
  'budget',
] as const;
export type Part = (typeof PARTS)[number];

const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

const optionsSchema = z.object({
  parts: z.array(z.enum(PARTS)),
  tasks: count(50, 100_000).default(2_000),
  rounds: count(1, 20).default(3),
  json: z.string().min(1).optional(),
  statements: z.boolean().default(false),
  clone: z.boolean().default(false),
});
export type BenchOptions = z.infer<typeof optionsSchema>;

export const USAGE = `Usage: npm run bench -- [${PARTS.join('|')} …] [options]

  --tasks <n>      tasks of a pipeline run (2000)
  --rounds <n>     how often bound and platform alternate; medians are shown (3)
  --statements     PostgreSQL's costliest statements
  --clone          the start of a fresh clone too, npm ci included (downloads)
  --json <file>    the figures as JSON`;

/** Throws for an option it does not know or a value out of range. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      tasks: { type: 'string' },
      rounds: { type: 'string' },
      json: { type: 'string' },
      statements: { type: 'boolean' },
      clone: { type: 'boolean' },
    },
  });
  return optionsSchema.parse({ ...values, parts: positionals.length > 0 ? positionals : PARTS });
}
