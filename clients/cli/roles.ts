import { collectDefaultMetrics, Registry } from 'prom-client';
import type { PositionedEvent } from '../../domain/events.ts';
import type { Gateway } from '../../gateway/server.ts';
import { startGateway } from '../../gateway/server.ts';
import { openBlockingRedis } from '../../platform/redis.ts';
import { startRelay } from '../../swarm/relay/relay.ts';
import type { SwarmRole } from '../../swarm/resources.ts';
import { startSwarm } from '../../swarm/swarm.ts';
import { recordEventMetrics } from './event-metrics.ts';
import { serveMedia } from './serve-media.ts';
import type { Services } from './services.ts';

export interface Stoppable {
  stop(): Promise<void>;
}

/** Starts the gateway of this process. Throws PortInUseError. */
export async function runGateway(services: Services, metrics: Registry): Promise<Gateway> {
  const { config, logger, addresses } = services;
  const subscriber = openBlockingRedis(addresses.redisUrl, (error) => logger.warn({ err: error }, 'Redis connection'));
  try {
    const gateway = await startGateway({
      host: config.http.host,
      port: config.http.port,
      development: config.environment === 'development',
      corsOrigins: config.http.corsOrigins,
      jwt: {
        // With a JWKS URL and no JWT_SECRET, the home's own secret signs nothing that is accepted.
        secret: config.jwt.jwksUrl && !config.jwt.secret ? null : services.jwtSecret,
        jwksUrl: config.jwt.jwksUrl,
        issuer: config.jwt.issuer,
        audience: config.jwt.audience,
      },
      database: services.database,
      redis: services.redis,
      subscriber,
      redisPrefix: config.redis.prefix,
      eventRetentionHours: config.eventRetentionHours,
      clock: services.swarm.clock,
      settings: services.domainSettings,
      logger,
      metrics,
      searchMemory: services.swarm.memory.search,
      queueStats: () => services.queues.stats(),
      serveMedia: serveMedia(services.mediaStore),
      dependencies: services.mcp.health().map(({ name }) => ({
        name: `mcp:${name}`,
        required: false,
        check: async () => {
          const health = services.mcp.health().find((server) => server.name === name);
          if (health?.status === 'DOWN') throw new Error(health.lastError ?? 'down');
        },
      })),
    });
    return {
      ...gateway,
      async close() {
        await gateway.close();
        subscriber.disconnect();
      },
    };
  } catch (error) {
    subscriber.disconnect();
    throw error;
  }
}

/** Starts one role of the swarm, or all, in this process. */
export function runRoles(
  services: Services,
  roles: readonly SwarmRole[],
  metrics: Registry,
  onEvents: (events: readonly PositionedEvent[]) => void = () => {},
): Stoppable {
  const { config, logger } = services;
  const { prefix, queueShards: shards } = config.redis;
  const connection = { redisUrl: services.addresses.redisUrl, prefix, shards };
  const member = startSwarm(
    roles.filter((role) => role !== 'relay'),
    services.swarm,
    connection,
  );
  const countEvents = recordEventMetrics(metrics);
  const relay = roles.includes('relay')
    ? startRelay({
        database: services.relayDatabase,
        queues: services.queues,
        redis: services.redis,
        prefix: config.redis.prefix,
        clock: services.swarm.clock,
        logger,
        reconcileSeconds: config.swarm.reconcileSeconds,
        eventRetentionHours: config.eventRetentionHours,
        mentionsPollSeconds: config.swarm.mentionsPollSeconds,
        trendsPollSeconds: config.swarm.trendsPollSeconds,
        onEvents(events) {
          countEvents(events);
          onEvents(events);
        },
      })
    : null;
  return {
    async stop() {
      await member.stop();
      await relay?.stop();
    },
  };
}

/** The process's metrics: Node's own and the platform's. */
export function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
