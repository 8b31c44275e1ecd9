import { createAgentCache } from './agent-cache.ts';
import { createEffects } from './effects/execute-effect.ts';
import { estimateCosts } from './governor/estimates.ts';
import type { QueueAddress } from './job-queue.ts';
import { createJudge } from './judge/judge.ts';
import { createPlanner } from './planner/planner.ts';
import { poll } from './planner/poll.ts';
import type { JobConsumer } from './queues.ts';
import { consume } from './queues.ts';
import type { SwarmResources, SwarmRole } from './resources.ts';
import { followStops } from './stop-hints.ts';
import { createWorker } from './worker/worker.ts';

const PLANNER_SLOTS = 4;
const EFFECT_SLOTS = 8;
const POLL_SLOTS = 4;

export interface SwarmMember {
  /** Stops taking work, aborts or finishes what runs, then resolves. */
  stop(): Promise<void>;
}

type Consuming = Exclude<SwarmRole, 'relay'>;

/** Starts the given roles in this process, each consuming its own queue. The relay is started apart: it has no queue. */
export function startSwarm(
  roles: readonly Consuming[],
  resources: SwarmResources,
  connection: QueueAddress,
): SwarmMember {
  const agents = createAgentCache();
  const estimates = estimateCosts(resources.model);
  const consumers: JobConsumer[] = [];
  const closers: (() => void | Promise<void>)[] = [];
  const aborters: ((agentIds: ReadonlySet<string>) => void)[] = [];
  const options = (concurrency: number) => ({ ...connection, concurrency, logger: resources.logger });

  const start: Record<Consuming, () => void> = {
    planner() {
      const stopping = new AbortController();
      const planner = createPlanner(resources, estimates);
      consumers.push(
        consume('plan', planner.perform, options(PLANNER_SLOTS)),
        consume('poll', (job) => poll(resources, job, stopping.signal), options(POLL_SLOTS)),
      );
      closers.push(planner.close, () => stopping.abort());
    },
    worker() {
      const worker = createWorker(resources, agents, estimates);
      consumers.push(consume('task', worker.perform, options(resources.settings.workerConcurrency)));
      closers.push(worker.close);
      aborters.push(worker.abortAgents);
    },
    judge() {
      const judge = createJudge(resources, agents);
      consumers.push(consume('judge', judge.perform, options(resources.settings.judgeConcurrency)));
      closers.push(judge.close);
    },
    effects() {
      const effects = createEffects(resources);
      consumers.push(consume('effect', effects.perform, options(EFFECT_SLOTS)));
      closers.push(effects.close);
      aborters.push(effects.abortAgents);
    },
  };
  for (const role of roles) start[role]();
  if (aborters.length > 0) {
    const stops = followStops({ ...connection, logger: resources.logger }, (agentIds) => {
      for (const abortAgents of aborters) abortAgents(agentIds);
    });
    closers.push(stops.close);
  }

  return {
    async stop() {
      const closing = consumers.map((consumer) => consumer.close());
      await Promise.all(closers.map((close) => close()));
      await Promise.all(closing);
    },
  };
}
