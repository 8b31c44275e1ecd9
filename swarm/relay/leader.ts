import type pg from 'pg';
import type { RelayDatabase } from '../../platform/database.ts';
import type { Logger } from '../../platform/logger.ts';

/** Session advisory lock of the relay's leader, one a database. */
const LEADER_LOCK = 72_707_371;
const RETRY_MS = 1_000;

export interface Leadership {
  stop(): Promise<void>;
}

/**
 * Runs `lead` while this process holds the leader's advisory lock; the others stand by and try again every second.
 * The lock lives in a connection of its own: when that is lost the signal aborts `lead`, and the lock is free for another.
 * `onNotify` gets the outbox's wake-ups on the same connection.
 */
export function leadWhenElected(
  database: RelayDatabase,
  logger: Logger,
  lead: (signal: AbortSignal, onWake: (listener: () => void) => void) => Promise<void>,
): Leadership {
  const stopping = new AbortController();

  async function serve(client: pg.Client): Promise<void> {
    const lost = new AbortController();
    client.on('error', () => lost.abort());
    client.on('end', () => lost.abort());
    let wake = () => {};
    client.on('notification', () => wake());
    while (!stopping.signal.aborted && !lost.signal.aborted) {
      const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [LEADER_LOCK]);
      if (rows[0]?.held) {
        await client.query('LISTEN chimera_outbox');
        logger.debug('relay leads');
        await lead(AbortSignal.any([stopping.signal, lost.signal]), (listener) => {
          wake = listener;
        });
        return;
      }
      await pause(RETRY_MS, stopping.signal);
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      let client: pg.Client | null = null;
      try {
        client = await database.dedicated();
        await serve(client);
      } catch (error) {
        logger.warn({ err: error }, 'relay lost its database connection');
      } finally {
        await client?.end().catch(() => {});
      }
      await pause(RETRY_MS, stopping.signal);
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** Resolves after `ms`, when the signal aborts, or when the function that `onWaiting` is given is called. Leaves no listener behind. */
export function pause(ms: number, signal: AbortSignal, onWaiting?: (end: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    onWaiting?.(done);
  });
}
