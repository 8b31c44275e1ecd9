import { graphql } from '../gql/gql.ts';

export const agentsQuery = graphql(/* GraphQL */ `
  query Agents($filter: AgentFilter, $first: Int, $after: String) {
    agents(filter: $filter, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        id name bio niche region status statusReason walletAddress walletBalanceUsdc budgetDailyUsd spentTodayUsd
        postsToday confidenceAvg24h hitlQueueDepth lastSeenAt version
      }
    }
  }
`);

export const createAgentMutation = graphql(/* GraphQL */ `
  mutation CreateAgent($input: CreateAgentInput!) {
    createAgent(input: $input) {
      __typename
      ... on CreateAgentSuccess { agent { id name status walletAddress version } }
      ... on Error { code message retryable }
      ... on ValidationError { fields { path message } }
      ... on ForbiddenError { requires }
    }
  }
`);

export const setAgentStatusMutation = graphql(/* GraphQL */ `
  mutation SetAgentStatus($input: SetAgentStatusInput!) {
    setAgentStatus(input: $input) {
      __typename
      ... on SetAgentStatusSuccess { agent { id status statusReason version } }
      ... on Error { code message retryable }
    }
  }
`);
