import { PERMISSIONS } from '../domain/access.ts';
import { builder } from './builder.ts';
import { Role } from './enums.ts';
import { TenantNode, UserNode } from './nodes.ts';

builder.prismaObjectFields(UserNode, (t) => ({
  email: t.exposeString('email'),
  name: t.exposeString('name', { nullable: true }),
  role: t.expose('role', { type: Role }),
  lastSeenAt: t.expose('lastSeenAt', { type: 'DateTime', nullable: true }),
}));

export const Viewer = builder.objectRef<{ userId: string }>('Viewer').implement({
  description: 'Whose token this is.',
  fields: (t) => ({
    user: t.prismaField({
      type: UserNode,
      resolve: (query, { userId }, _args, context) =>
        context.db.prisma.user.findUniqueOrThrow({ ...query, where: { id: userId } }),
    }),
    permissions: t.stringList({
      description: `What this token may do: those of the user's role, narrowed by the token. Of: ${PERMISSIONS.join(', ')}.`,
      resolve: (_viewer, _args, context) => [...context.actor.permissions],
    }),
    tenant: t.prismaField({
      type: TenantNode,
      resolve: (query, _viewer, _args, context) =>
        context.db.prisma.tenant.findUniqueOrThrow({ ...query, where: { id: context.tenantId } }),
    }),
  }),
});
