import { z } from 'zod';
import { openWorld } from '../world.ts';
import { consumeBound } from './run-bound.ts';
import { startRoles } from './swarm-run.ts';

const orderSchema = z.object({
  kind: z.enum(['ours', 'bound']),
  slots: z.number().int(),
  leaseSeconds: z.number().int().optional(),
  address: z.object({ databaseUrl: z.string(), redisUrl: z.string(), prefix: z.string(), directory: z.string() }),
});
export type MemberOrder = z.infer<typeof orderSchema>;

/** What a member tells its parent. `retried`: commits that lost a race, since its start. */
export type MemberMessage = { ready: true } | { committed: number; retried: number };

const REPORT_EVERY_MS = 50;

/** One worker process: takes tasks and judges results (or consumes the bound's two queues) until its parent hangs up. */
async function main(): Promise<void> {
  const order = orderSchema.parse(JSON.parse(process.argv[2] ?? ''));
  const committed = new Set<string>();
  const onCommit = (id: string) => void committed.add(id);
  const tell = (message: MemberMessage) => void process.send?.(message);
  let retried = () => 0;
  let stop: () => Promise<void>;
  if (order.kind === 'ours') {
    const world = await openWorld(order.address, { leaseSeconds: order.leaseSeconds });
    const roles = startRoles(world, { worker: true, judge: true, relay: false }, onCommit, order.slots);
    retried = () => roles.counters?.retried ?? 0;
    stop = async () => {
      await roles.stop();
      await world.close();
    };
  } else stop = (await consumeBound(order.address, onCommit, order.slots)).close;
  const reporting = setInterval(() => tell({ committed: committed.size, retried: retried() }), REPORT_EVERY_MS);
  process.once('disconnect', () => {
    clearInterval(reporting);
    void stop().then(() => process.exit(0));
  });
  tell({ ready: true });
}

await main();
