import type { DestinationStream, Logger } from 'pino';
import { pino } from 'pino';

export type { Logger };

/** Fields that never reach a log line, wherever a logged object carries them. */
const REDACTED = [
  'apiKey',
  'authorization',
  'token',
  'password',
  'secret',
  'privateKey',
  'encryptedPrivateKey',
  'connectionString',
];

/**
 * Structured JSON lines. `level` silent writes nothing. Written at once: what pino buffers it flushes at the exit, and that
 * never ends when the reader of the pipe has gone before.
 */
export function createLogger(options: { level: string; name: string; destination?: DestinationStream }): Logger {
  const paths = REDACTED.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
  return pino(
    { level: options.level, name: options.name, redact: { paths, censor: '[redacted]' } },
    options.destination ?? pino.destination({ fd: 2, sync: true }),
  );
}
