import { z } from 'zod';
import type { EventData, PositionedEvent } from '../domain/events.ts';
import type { Logger } from '../platform/logger.ts';
import { openBlockingRedis } from '../platform/redis.ts';

const stopHint = z.array(z.uuid());

/** Redis channel that names agents stopped for good, so that whoever works for them aborts at once. */
const stopChannel = (prefix: string): string => `${prefix}:stops`;

/** What the relay publishes for a batch of events: null when no agent was stopped. */
export function stopHintOf(
  prefix: string,
  events: readonly PositionedEvent[],
): { channel: string; message: string } | null {
  const agentIds = events
    .filter(
      (event) =>
        event.topic === 'agent' &&
        ['EMERGENCY_STOPPED', 'ARCHIVED'].includes((event.data as EventData<'agent'>).status),
    )
    .map((event) => event.subjectId);
  return agentIds.length > 0 ? { channel: stopChannel(prefix), message: JSON.stringify(agentIds) } : null;
}

/**
 * Listens for stopped agents. Only a hint: PostgreSQL refuses what a stopped agent's work reports and sends, so that one
 * that is lost costs the rest of an attempt until its Worker's next heartbeat, and one that is late or comes twice
 * aborts work that is tried again.
 */
export function followStops(
  options: { redisUrl: string; prefix: string; logger: Logger },
  onStop: (agentIds: ReadonlySet<string>) => void,
): { close(): void } {
  const { logger } = options;
  const redis = openBlockingRedis(options.redisUrl, (error) => logger.warn({ err: error }, 'stop hints'));
  redis.on('message', (_channel, message) => {
    try {
      onStop(new Set(stopHint.parse(JSON.parse(message))));
    } catch (error) {
      logger.error({ err: error }, 'a stop hint that is none');
    }
  });
  redis
    .subscribe(stopChannel(options.prefix))
    .catch((error: unknown) => logger.warn({ err: error }, 'no stop hints; heartbeats find out'));
  return { close: () => redis.disconnect() };
}
