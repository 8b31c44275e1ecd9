import { z } from 'zod';
import { runStdio } from '../run-stdio.ts';
import { createNewsServer } from './server.ts';

const list = z
  .string()
  .default('')
  .transform((value) =>
    value
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  );

const environment = z
  .object({
    NEWS_FEEDS: list,
    NEWS_FILE_ROOTS: list,
    NEWS_TIMEOUT_MS: z.coerce.number().int().positive().default(10_000),
    NEWS_ALLOW_PRIVATE_ADDRESSES: z.stringbool().default(false),
  })
  .parse(process.env);

await runStdio(
  createNewsServer({
    feeds: environment.NEWS_FEEDS,
    fileRoots: environment.NEWS_FILE_ROOTS,
    timeoutMs: environment.NEWS_TIMEOUT_MS,
    allowPrivateAddresses: environment.NEWS_ALLOW_PRIVATE_ADDRESSES,
  }),
);
