import { builder } from '../../schema/builder.ts';
import { pageArguments, ReviewConnection } from '../../schema/connections.ts';
import { ReviewFilter, reviewConditions } from '../../schema/filters.ts';
import { rowIdOf } from '../../schema/global-id.ts';
import { keysetConnection } from '../../schema/keyset-connection.ts';
import { ReviewNode } from '../../schema/nodes.ts';

builder.queryFields((t) => ({
  review: t.prismaField({
    type: ReviewNode,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, context) =>
      context.db.prisma.review.findUnique({ ...query, where: { id: rowIdOf('Review', id) } }),
  }),
  reviewQueue: t.field({
    type: ReviewConnection,
    description:
      'What waits for a person: overdue first, then highest risk, then oldest. Other statuses through the filter.',
    args: { filter: t.arg({ type: ReviewFilter }), ...pageArguments(t.arg) },
    resolve: (_root, args, context, info) =>
      keysetConnection(context, info, context.tenantId, args, {
        type: 'Review',
        from: '"Review" c WHERE c."tenantId" = p.id',
        keys: [
          { column: '"overdueOrder"', kind: 'integer' },
          { column: '"riskOrder"', kind: 'integer' },
          { column: '"createdAt"', kind: 'time' },
        ],
        direction: 'ASC',
        conditions: reviewConditions(args.filter ?? {}, { userId: context.actor.userId, now: context.clock.now() }),
      }),
  }),
}));
