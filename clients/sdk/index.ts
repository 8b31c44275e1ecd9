export * from './client.ts';
export * from './documents/agents.graphql.ts';
export * from './documents/campaigns.graphql.ts';
export * from './documents/reviews.graphql.ts';
export * from './documents/tasks.graphql.ts';
export { graphql } from './gql/gql.ts';
