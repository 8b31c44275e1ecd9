/** BullMQ's largest priority number. */
const MAX_PRIORITY = 2 ** 21 - 1;
/** Where the numbers are lowered: half of the range is left for what waits. */
const HIGH = 2 ** 20;

/** The order of turns in one queue: which priority number (1 first) a flow's next job gets. */
export interface TurnOrder {
  /**
   * Takes note of how far the queue is: the number of the job that is next, or null when none waits. Returns by how much all
   * waiting numbers have to be lowered before the next is given, mostly 0.
   */
  advance(head: number | null): number;
  next(tenantId: string, flow: string): number;
  /** What `next` would answer, without taking the turn. */
  peek(tenantId: string, flow: string): number;
}

/**
 * Self-clocked fair queueing (Golestani 1994) on two levels. A job's number is its flow's last one, or the queue's clock if
 * the flow has nothing waiting, plus the number of its tenant's flows with jobs waiting. So a tenant's numbers grow by one a
 * job, whatever its flows, and a job of a flow that has none waiting is preceded by about one of each other flow.
 */
export function createTurnOrder(): TurnOrder {
  let clock = 0;
  /** Tenant → flow → number of the last job, where it is beyond the clock. */
  const tenants = new Map<string, Map<string, number>>();

  function forget(): void {
    for (const [tenantId, flows] of tenants) {
      for (const [flow, last] of flows) if (last <= clock) flows.delete(flow);
      if (flows.size === 0) tenants.delete(tenantId);
    }
  }
  function lower(by: number): void {
    clock -= by;
    for (const flows of tenants.values()) for (const [flow, last] of flows) flows.set(flow, last - by);
  }
  function peek(tenantId: string, flow: string): number {
    const flows = tenants.get(tenantId);
    const last = flows?.get(flow);
    const waiting = (flows?.size ?? 0) + (last === undefined ? 1 : 0);
    return Math.min(MAX_PRIORITY, (last ?? clock) + waiting);
  }

  return {
    advance(head) {
      // An empty queue, or one that was emptied behind our back, starts anew.
      if (head === null || head < clock) tenants.clear();
      clock = head ?? 0;
      forget();
      if (clock < HIGH) return 0;
      const surplus = clock - 1;
      lower(surplus);
      return surplus;
    },
    peek,
    next(tenantId, flow) {
      const number = peek(tenantId, flow);
      const flows = tenants.get(tenantId) ?? new Map<string, number>();
      tenants.set(tenantId, flows.set(flow, number));
      return number;
    },
  };
}
