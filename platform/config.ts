import path from 'node:path';
import { z } from 'zod';
import { readRedisUrl } from './redis-url.ts';

/** All problems of the environment at once; the process that gets it prints `message` and exits with 1. */
export class ConfigError extends Error {
  readonly problems: readonly { name: string; message: string }[];
  constructor(problems: readonly { name: string; message: string }[]) {
    super(`The environment is not usable:\n${problems.map((p) => `  ${p.name}: ${p.message}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

const port = z.coerce
  .number({ error: 'a port number from 0 to 65535' })
  .int('a port number from 0 to 65535')
  .min(0, 'a port number from 0 to 65535')
  .max(65535, 'a port number from 0 to 65535');
const count = (name: string, min: number, max: number) =>
  z.coerce
    .number({ error: `a whole number of ${name}` })
    .int(`a whole number of ${name}`)
    .min(min, `at least ${min} ${name}`)
    .max(max, `at most ${max} ${name}`);
const url = (...schemes: string[]) =>
  z.string().refine((value) => URL.canParse(value) && schemes.includes(new URL(value).protocol.replace(':', '')), {
    error: `a URL that starts with ${schemes.map((s) => `${s}://`).join(' or ')}`,
  });
const secret = (min: number) => z.string().min(min, `at least ${min} characters`);
const probability = z.coerce
  .number({ error: 'a number from 0 to 1' })
  .min(0, 'a number from 0 to 1')
  .max(1, 'a number from 0 to 1');
const hex32 = z.string().regex(/^[0-9a-fA-F]{64}$/, '32 bytes as 64 hexadecimal digits');

const environmentSchema = z.object({
  NODE_ENV: z
    .enum(['development', 'production', 'test'], { error: 'development, production or test' })
    .default('development'),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: port.default(4000),
  PUBLIC_URL: url('http', 'https').optional(),
  CHIMERA_HOME: z.string().min(1).default('.chimera'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], { error: 'trace, debug, info, warn, error or silent' })
    .optional(),
  DATABASE_URL: url('postgresql', 'postgres').optional(),
  DATABASE_POOL_SIZE: count('connections', 2, 200).default(10),
  REDIS_URL: z
    .string()
    .refine((value) => readRedisUrl(value) !== null, {
      error: 'redis://host:port, or redis+cluster://host:port,host:port for a cluster (rediss with TLS)',
    })
    .optional(),
  REDIS_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'lower-case letters, digits and hyphens')
    .default('chimera'),
  QUEUE_SHARDS: count('shards', 1, 64).default(1),
  JWT_SECRET: secret(32).optional(),
  JWT_JWKS_URL: url('https', 'http').optional(),
  JWT_ISSUER: z.string().min(1).default('chimera'),
  JWT_AUDIENCE: z.string().min(1).default('chimera'),
  WALLET_ENCRYPTION_KEY: hex32.optional(),
  CORS_ORIGINS: z
    .string()
    .default('')
    .transform((value) =>
      value
        .split(',')
        .map((origin) => origin.trim())
        .filter(Boolean),
    )
    .pipe(z.array(url('http', 'https'))),
  ANTHROPIC_API_KEY: secret(8).optional(),
  ANTHROPIC_BASE_URL: url('https', 'http').optional(),
  GOOGLE_API_KEY: secret(8).optional(),
  GOOGLE_GEMINI_BASE_URL: url('https', 'http').optional(),
  MODEL_STRONG: z.string().min(1).optional(),
  MODEL_FAST: z.string().min(1).optional(),
  OFFLINE_MODEL_SEED: z.string().min(1).default('chimera'),
  SANDBOX_URL: url('http', 'https').optional(),
  TWITTER_API_URL: url('http', 'https').optional(),
  TWITTER_BEARER_TOKEN: secret(8).optional(),
  IDEOGRAM_API_URL: url('http', 'https').optional(),
  IDEOGRAM_API_KEY: secret(8).optional(),
  NEWS_FEEDS: z
    .string()
    .default('')
    .transform((value) =>
      value
        .split(',')
        .map((feed) => feed.trim())
        .filter(Boolean),
    ),
  NEWS_ALLOW_PRIVATE_ADDRESSES: z.stringbool({ error: 'true or false' }).default(false),
  MCP_SERVERS_FILE: z.string().min(1).default('mcp/servers.json'),
  WORKER_CONCURRENCY: count('slots', 1, 500).default(16),
  JUDGE_CONCURRENCY: count('slots', 1, 500).default(32),
  LEASE_SECONDS: count('seconds', 2, 3600).default(30),
  RECONCILE_SECONDS: count('seconds', 1, 3600).default(30),
  MENTIONS_POLL_SECONDS: count('seconds', 1, 86_400).default(120),
  TRENDS_POLL_SECONDS: count('seconds', 1, 86_400).default(300),
  SCHEDULE_GRACE_SECONDS: count('seconds', 0, 604_800).default(900),
  REVIEW_SLA_MINUTES: count('minutes', 1, 10_080).default(15),
  EVENT_RETENTION_HOURS: count('hours', 1, 8760).default(168),
  HITL_CONFIDENCE_THRESHOLD: probability.default(0.9),
  HITL_ESCALATE_THRESHOLD: probability.default(0.7),
});

export type Environment = z.infer<typeof environmentSchema>;

/**
 * Reads the environment once, in groups. A feature that is not configured is `null`.
 * Throws ConfigError naming every missing or broken value.
 */
export function readConfig(env: Record<string, string | undefined>) {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environmentSchema.safeParse(given);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => ({ name: String(issue.path[0]), message: `should be ${issue.message}` }));
  if (parsed.success && parsed.data.HITL_ESCALATE_THRESHOLD > parsed.data.HITL_CONFIDENCE_THRESHOLD) {
    problems.push({ name: 'HITL_ESCALATE_THRESHOLD', message: 'should not be above HITL_CONFIDENCE_THRESHOLD' });
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const e = parsed.data;
  return {
    environment: e.NODE_ENV,
    home: path.resolve(e.CHIMERA_HOME),
    logLevel: e.LOG_LEVEL ?? null,
    /** publicUrl: where platforms and browsers reach the gateway; its own address where not set. */
    http: { host: e.HOST, port: e.PORT, publicUrl: e.PUBLIC_URL ?? null, corsOrigins: e.CORS_ORIGINS },
    database: { url: e.DATABASE_URL ?? null, poolSize: e.DATABASE_POOL_SIZE },
    redis: { url: e.REDIS_URL ?? null, prefix: e.REDIS_PREFIX, queueShards: e.QUEUE_SHARDS },
    jwt: {
      secret: e.JWT_SECRET ?? null,
      jwksUrl: e.JWT_JWKS_URL ?? null,
      issuer: e.JWT_ISSUER,
      audience: e.JWT_AUDIENCE,
    },
    walletEncryptionKey: e.WALLET_ENCRYPTION_KEY ?? null,
    models: {
      anthropic: e.ANTHROPIC_API_KEY ? { apiKey: e.ANTHROPIC_API_KEY, baseUrl: e.ANTHROPIC_BASE_URL } : null,
      google: e.GOOGLE_API_KEY ? { apiKey: e.GOOGLE_API_KEY, baseUrl: e.GOOGLE_GEMINI_BASE_URL } : null,
      strong: e.MODEL_STRONG,
      fast: e.MODEL_FAST,
      offlineSeed: e.OFFLINE_MODEL_SEED,
    },
    outside: {
      sandboxUrl: e.SANDBOX_URL ?? null,
      twitter:
        e.TWITTER_API_URL || e.TWITTER_BEARER_TOKEN
          ? { apiUrl: e.TWITTER_API_URL ?? 'https://api.x.com', bearerToken: e.TWITTER_BEARER_TOKEN ?? '' }
          : null,
      ideogram: e.IDEOGRAM_API_KEY
        ? { apiUrl: e.IDEOGRAM_API_URL ?? 'https://api.ideogram.ai', apiKey: e.IDEOGRAM_API_KEY }
        : null,
      newsFeeds: e.NEWS_FEEDS,
      newsAllowPrivateAddresses: e.NEWS_ALLOW_PRIVATE_ADDRESSES,
      serversFile: path.resolve(e.MCP_SERVERS_FILE),
    },
    swarm: {
      workerConcurrency: e.WORKER_CONCURRENCY,
      judgeConcurrency: e.JUDGE_CONCURRENCY,
      leaseSeconds: e.LEASE_SECONDS,
      reconcileSeconds: e.RECONCILE_SECONDS,
      mentionsPollSeconds: e.MENTIONS_POLL_SECONDS,
      trendsPollSeconds: e.TRENDS_POLL_SECONDS,
      scheduleGraceSeconds: e.SCHEDULE_GRACE_SECONDS,
    },
    review: {
      slaMinutes: e.REVIEW_SLA_MINUTES,
      approveThreshold: e.HITL_CONFIDENCE_THRESHOLD,
      escalateThreshold: e.HITL_ESCALATE_THRESHOLD,
    },
    eventRetentionHours: e.EVENT_RETENTION_HOURS,
  };
}

export type Config = ReturnType<typeof readConfig>;
