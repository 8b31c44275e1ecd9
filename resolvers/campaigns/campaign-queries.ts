import { builder } from '../../schema/builder.ts';
import { CampaignConnection, pageArguments } from '../../schema/connections.ts';
import { CampaignFilter, campaignConditions } from '../../schema/filters.ts';
import { rowIdOf } from '../../schema/global-id.ts';
import { keysetConnection } from '../../schema/keyset-connection.ts';
import { CampaignNode } from '../../schema/nodes.ts';

builder.queryFields((t) => ({
  campaign: t.prismaField({
    type: CampaignNode,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, context) =>
      context.db.prisma.campaign.findUnique({ ...query, where: { id: rowIdOf('Campaign', id) } }),
  }),
  campaigns: t.field({
    type: CampaignConnection,
    description: 'Newest first.',
    args: { filter: t.arg({ type: CampaignFilter }), ...pageArguments(t.arg) },
    resolve: (_root, args, context, info) =>
      keysetConnection(context, info, context.tenantId, args, {
        type: 'Campaign',
        from: '"Campaign" c WHERE c."tenantId" = p.id',
        keys: [{ column: '"createdAt"', kind: 'time' }],
        direction: 'DESC',
        conditions: campaignConditions(args.filter),
      }),
  }),
}));
