import { GraphQLError } from 'graphql';
import type { EventTopic } from '../domain/events.ts';
import { rowIdOf } from '../schema/global-id.ts';
import type { DeliveredEvent, EventInterest, GraphContext, Lagged } from '../schema/graph-context.ts';
import type { RowOf } from '../schema/load-rows.ts';

export type LiveType = 'Agent' | 'Campaign' | 'Task' | 'Review';
type Finder = { findMany(query: { where: { id: { in: string[] } } }): Promise<{ id: string }[]> };

/** What a subscription field yields: payloads, and last, where it does not end well, the error to answer with. */
export type Live<Payload> = Payload | { endedBy: unknown };

/**
 * The stream of one subscription field: events of interest turned into payloads one by one; what `toPayload` answers with
 * null (not entitled by the filter, or the row is gone meanwhile) is left out.
 */
export async function liveEvents<Payload extends object>(
  context: GraphContext,
  after: string | null | undefined,
  interest: EventInterest,
  toPayload: (delivered: DeliveredEvent) => Promise<Payload | null>,
): Promise<AsyncIterableIterator<Live<Payload>>> {
  const source = await context.events.subscribe(context.tenantId, after ?? null, interest);
  const live: AsyncIterableIterator<Live<Payload>> = {
    async next() {
      try {
        for (;;) {
          const { value, done } = await source.next();
          if (done) return { value: undefined, done: true };
          if ('laggedAt' in value) return { value: { endedBy: laggedError(value) }, done: false };
          const payload = await toPayload(value);
          if (payload) return { value: payload, done: false };
        }
      } catch (error) {
        await source.return?.();
        return { value: { endedBy: error }, done: false };
      }
    },
    // A generator would hold this back until the next event; the source ends at once.
    async return() {
      await source.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => live,
  };
  return live;
}

/** The payload; throws the error that the stream ends with. */
export function payloadOf<Payload extends object>(live: Live<Payload>): Payload {
  if ('endedBy' in live) throw live.endedBy;
  return live;
}

const laggedError = (lagged: Lagged): GraphQLError =>
  new GraphQLError(
    'This subscriber reads too slowly and was dropped. Subscribe again with `after: extensions.cursor`; nothing is lost.',
    {
      extensions: { code: 'LAGGED', retryable: true, cursor: lagged.laggedAt },
    },
  );

/** The row an event is about, as it is now; one load for all subscribers of the event. */
export async function rowOfEvent<T extends LiveType>(
  context: GraphContext,
  delivered: DeliveredEvent,
  type: T,
  topic: EventTopic,
): Promise<RowOf<T> | undefined> {
  const rows = await delivered.share(`rows of ${type}`, (events) => {
    const ids = events.filter((event) => event.topic === topic).map((event) => event.subjectId);
    return findById(context, type, ids);
  });
  return rows.get(delivered.event.subjectId) as RowOf<T> | undefined;
}

export async function findById(
  context: GraphContext,
  type: LiveType,
  ids: readonly string[],
): Promise<Map<string, { id: string }>> {
  const { agent, campaign, task, review } = context.db.prisma;
  const finder = { Agent: agent, Campaign: campaign, Task: task, Review: review }[type] as unknown as Finder;
  const rows = await finder.findMany({ where: { id: { in: [...new Set(ids)] } } });
  return new Map(rows.map((row) => [row.id, row]));
}

/** A global id argument as an event's column holds it; absent where it was not given. */
export const interestIn = (type: 'Agent' | 'Campaign', globalId: string | null | undefined): string | null =>
  globalId == null ? null : rowIdOf(type, globalId);
