import { builder } from '../../schema/builder.ts';
import { ReviewQueueEvent } from '../../schema/change-events.ts';
import type { ReviewFilterInput } from '../../schema/filters.ts';
import { ReviewFilter } from '../../schema/filters.ts';
import type { DeliveredEvent, GraphContext } from '../../schema/graph-context.ts';
import type { RowOf } from '../../schema/load-rows.ts';
import { isOverdue } from '../../schema/review.ts';
import { interestIn, liveEvents, payloadOf, rowOfEvent } from '../live.ts';

/** The filter of the query, on a row at hand; agent and campaign are matched on the event already. */
function matches(context: GraphContext, row: RowOf<'Review'>, filter: ReviewFilterInput): boolean {
  if (filter.status && !filter.status.includes(row.status)) return false;
  if (filter.taskType && !filter.taskType.includes(row.taskType)) return false;
  if (filter.risk && !filter.risk.includes(row.risk)) return false;
  if (filter.reason != null && !row.reasons.includes(filter.reason)) return false;
  if (filter.confidenceBelow != null && !(row.confidence < filter.confidenceBelow)) return false;
  if (filter.overdue != null && isOverdue(row, context.clock.now()) !== filter.overdue) return false;
  return filter.mine == null || (row.assignedToId === context.actor.userId) === filter.mine;
}

/** Pending reviews of the tenant: one count for everybody who watches. */
const queueDepth = (context: GraphContext, delivered: DeliveredEvent): Promise<number> =>
  delivered.share('depth', () => context.db.prisma.review.count({ where: { status: 'PENDING' } }));

builder.subscriptionField('reviewQueue', (t) =>
  t.field({
    type: ReviewQueueEvent,
    description:
      'New escalations, claims, decisions, and notices of the due time. With filter.status, a review that leaves that status is no longer told of: leave it out to see it go.',
    args: { filter: t.arg({ type: ReviewFilter }), after: t.arg.string() },
    subscribe: (_root, { filter, after }, context) => {
      const wanted = filter ?? {};
      const interest = {
        topic: 'review',
        agentId: interestIn('Agent', wanted.agentId),
        campaignId: interestIn('Campaign', wanted.campaignId),
      } as const;
      return liveEvents(context, after, interest, async (delivered) => {
        const row = await rowOfEvent(context, delivered, 'Review', 'review');
        if (!row || !matches(context, row, wanted)) return null;
        return { event: delivered.event, cursor: delivered.cursor, row, depth: await queueDepth(context, delivered) };
      });
    },
    resolve: payloadOf,
  }),
);
