import { z } from 'zod';
import { runStdio } from '../run-stdio.ts';
import { createTwitterServer } from './server.ts';

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
    TWITTER_API_URL: z.url().default('https://api.x.com'),
    TWITTER_BEARER_TOKEN: z.string().min(1),
    /** JSON object: handle → OAuth 2 user token. */
    TWITTER_BEARER_TOKENS: z
      .string()
      .default('{}')
      .transform((json) => z.record(z.string().toLowerCase(), z.string()).parse(JSON.parse(json))),
    TWITTER_TIMEOUT_MS: z.coerce.number().int().positive().default(15_000),
    TWITTER_MEDIA_ORIGINS: list,
  })
  .parse(process.env);

await runStdio(
  createTwitterServer({
    apiUrl: environment.TWITTER_API_URL,
    bearerToken: environment.TWITTER_BEARER_TOKEN,
    bearerTokens: environment.TWITTER_BEARER_TOKENS,
    timeoutMs: environment.TWITTER_TIMEOUT_MS,
    mediaOrigins: environment.TWITTER_MEDIA_ORIGINS,
  }),
);
