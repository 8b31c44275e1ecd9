import { z } from 'zod';
import { runStdio } from '../run-stdio.ts';
import { createIdeogramServer } from './server.ts';

const environment = z
  .object({
    IDEOGRAM_API_URL: z.url(),
    IDEOGRAM_API_KEY: z.string().min(1),
    IDEOGRAM_TIMEOUT_MS: z.coerce.number().int().positive().default(60_000),
  })
  .parse(process.env);

await runStdio(
  createIdeogramServer({
    apiUrl: environment.IDEOGRAM_API_URL,
    apiKey: environment.IDEOGRAM_API_KEY,
    timeoutMs: environment.IDEOGRAM_TIMEOUT_MS,
  }),
);
