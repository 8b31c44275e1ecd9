import { builder } from './builder.ts';

// The types themselves; their fields stand in the file of their name.
const byId = { id: { field: 'id' } } as const;

export const TenantNode = builder.prismaNode('Tenant', {
  ...byId,
  description: 'An account. Everything a token can see belongs to its tenant.',
});
export const UserNode = builder.prismaNode('User', byId);
export const AgentNode = builder.prismaNode('Agent', {
  ...byId,
  description: 'An autonomous influencer: a persona with a wallet, a budget and social handles.',
});
export const CampaignNode = builder.prismaNode('Campaign', {
  ...byId,
  description: 'Goals in natural language, pursued by one or more agents within dates and budgets.',
});
export const PlanNode = builder.prismaNode('Plan', {
  ...byId,
  description: "One revision of a campaign's graph of tasks.",
});
export const TaskNode = builder.prismaNode('Task', {
  ...byId,
  description: 'One step of a plan, run by a worker, decided by the Judge or a person.',
});
export const ResultNode = builder.prismaNode('Result', {
  ...byId,
  description: 'What one attempt of a task brought, and how it was judged.',
});
export const ReviewNode = builder.prismaNode('Review', {
  ...byId,
  description: 'A result that a person decides. Nothing is ever approved by time.',
});
export const PostNode = builder.prismaNode('Post', { ...byId, description: 'Something published.' });
export const MentionNode = builder.prismaNode('Mention', {
  ...byId,
  description: 'Somebody addressed the agent on a platform.',
});
export const TransactionNode = builder.prismaNode('Transaction', {
  ...byId,
  description: 'A movement of money on chain; immutable once CONFIRMED.',
});
