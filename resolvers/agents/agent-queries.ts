import { builder } from '../../schema/builder.ts';
import { AgentConnection, pageArguments } from '../../schema/connections.ts';
import { AgentFilter, agentConditions } from '../../schema/filters.ts';
import { rowIdOf } from '../../schema/global-id.ts';
import { keysetConnection } from '../../schema/keyset-connection.ts';
import { AgentNode } from '../../schema/nodes.ts';

builder.queryFields((t) => ({
  agent: t.prismaField({
    type: AgentNode,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, context) =>
      context.db.prisma.agent.findUnique({ ...query, where: { id: rowIdOf('Agent', id) } }),
  }),
  agents: t.field({
    type: AgentConnection,
    description: 'Newest first.',
    args: { filter: t.arg({ type: AgentFilter }), ...pageArguments(t.arg) },
    resolve: (_root, args, context, info) =>
      keysetConnection(context, info, context.tenantId, args, {
        type: 'Agent',
        from: '"Agent" c WHERE c."tenantId" = p.id',
        keys: [{ column: '"createdAt"', kind: 'time' }],
        direction: 'DESC',
        conditions: agentConditions(args.filter),
      }),
  }),
}));
