import { builder } from '../../schema/builder.ts';
import { pageArguments, TaskConnection } from '../../schema/connections.ts';
import { TaskFilter, taskConditions } from '../../schema/filters.ts';
import { rowIdOf } from '../../schema/global-id.ts';
import { keysetConnection } from '../../schema/keyset-connection.ts';
import { TaskNode } from '../../schema/nodes.ts';

builder.queryFields((t) => ({
  task: t.prismaField({
    type: TaskNode,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, context) =>
      context.db.prisma.task.findUnique({ ...query, where: { id: rowIdOf('Task', id) } }),
  }),
  tasks: t.field({
    type: TaskConnection,
    description: 'Newest first.',
    args: { filter: t.arg({ type: TaskFilter }), ...pageArguments(t.arg) },
    resolve: (_root, args, context, info) =>
      keysetConnection(context, info, context.tenantId, args, {
        type: 'Task',
        from: '"Task" c WHERE c."tenantId" = p.id',
        keys: [{ column: '"createdAt"', kind: 'time' }],
        direction: 'DESC',
        conditions: taskConditions(args.filter),
      }),
  }),
}));
