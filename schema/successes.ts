import type { EmergencyStop } from '../domain/agent/emergency-stop.ts';
import { builder } from './builder.ts';
import { AgentNode, CampaignNode, ReviewNode } from './nodes.ts';

/** What a mutation did: the row's id, re-read with the client's own selection. */
export interface Changed {
  id: string;
}

export const agentSuccess = <Name extends `${string}Success`>(name: Name) =>
  builder.objectRef<Changed>(name).implement({
    fields: (t) => ({
      agent: t.prismaField({
        type: AgentNode,
        resolve: (query, { id }, _args, context) =>
          context.db.prisma.agent.findUniqueOrThrow({ ...query, where: { id } }),
      }),
    }),
  });

export const EmergencyStopSuccess = builder.objectRef<EmergencyStop>('EmergencyStopSuccess').implement({
  fields: (t) => ({
    agents: t.prismaField({
      type: [AgentNode],
      description: 'Those that this stopped; one that was stopped before is not among them.',
      resolve: (query, { agentIds }, _args, context) =>
        context.db.prisma.agent.findMany({ ...query, where: { id: { in: agentIds } }, orderBy: { id: 'asc' } }),
    }),
    cancelledTasks: t.exposeInt('cancelledTasks', {
      description: "Tasks that this ended, the aborted ones and other agents' dependents included.",
    }),
    abortedTasks: t.exposeInt('abortedTasks', { description: 'Of these, the ones of which an attempt was running.' }),
  }),
});

export const campaignSuccess = <Name extends `${string}Success`>(name: Name) =>
  builder.objectRef<Changed>(name).implement({
    fields: (t) => ({
      campaign: t.prismaField({
        type: CampaignNode,
        resolve: (query, { id }, _args, context) =>
          context.db.prisma.campaign.findUniqueOrThrow({ ...query, where: { id } }),
      }),
    }),
  });

export const reviewSuccess = <Name extends `${string}Success`>(name: Name) =>
  builder.objectRef<Changed>(name).implement({
    fields: (t) => ({
      review: t.prismaField({
        type: ReviewNode,
        resolve: (query, { id }, _args, context) =>
          context.db.prisma.review.findUniqueOrThrow({ ...query, where: { id } }),
      }),
    }),
  });
