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
