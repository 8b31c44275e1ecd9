import { graphql } from '../gql/gql.ts';

export const tasksSubscription = graphql(/* GraphQL */ `
  subscription Tasks($campaignId: ID, $agentId: ID, $after: String) {
    tasks(campaignId: $campaignId, agentId: $agentId, after: $after) {
      cursor kind at
      task { id type status attempt error { code message at } version }
    }
  }
`);
