import { createAgentCache } from '../../swarm/agent-cache.ts';
import { estimateCosts } from '../../swarm/governor/estimates.ts';
import { createJudge } from '../../swarm/judge/judge.ts';
import { consume } from '../../swarm/queues.ts';
import { startRelay } from '../../swarm/relay/relay.ts';
import { createWorker } from '../../swarm/worker/worker.ts';
import type { World } from '../world.ts';
import { SLOTS } from '../world.ts';

/** Worker and Judge of this process, as startSwarm puts them together, with an ear at each verdict. */
export function startRoles(
  world: World,
  roles: { worker: boolean; judge: boolean; relay: boolean },
  onVerdict: (taskId: string) => void = () => {},
  slots: number = SLOTS,
) {
  const { resources, redisUrl, prefix, logger } = world;
  const agents = createAgentCache();
  const estimates = estimateCosts(resources.model);
  const options = { redisUrl, prefix, concurrency: slots, logger };
  const worker = roles.worker ? createWorker(resources, agents, estimates) : null;
  const judge = roles.judge ? createJudge(resources, agents) : null;
  const consumers = [
    ...(worker ? [consume('task', worker.perform, options)] : []),
    ...(judge
      ? [
          consume(
            'judge',
            async (job) => {
              await judge.perform(job);
              onVerdict(job.taskId);
            },
            options,
          ),
        ]
      : []),
  ];
  const relay = roles.relay
    ? startRelay({
        database: world.relayDatabase,
        queues: world.queues,
        redis: world.redis,
        prefix,
        clock: resources.clock,
        logger,
        reconcileSeconds: 30,
        eventRetentionHours: 24,
        mentionsPollSeconds: 86_400,
        trendsPollSeconds: 86_400,
      })
    : null;
  return {
    counters: judge?.counters ?? null,
    async stop() {
      const closing = consumers.map((consumer) => consumer.close());
      await Promise.all([worker?.close(), judge?.close()]);
      await Promise.all(closing);
      await relay?.stop();
    },
  };
}
