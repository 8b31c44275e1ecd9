import { graphql } from '../gql/gql.ts';

export const reviewQueueQuery = graphql(/* GraphQL */ `
  query ReviewQueue($filter: ReviewFilter, $first: Int, $after: String) {
    reviewQueue(filter: $filter, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        id status taskType content contentDigest mediaUrls reasons risk dueAt overdue version createdAt
        agent { id name }
        campaign { id name }
        assignedTo { id name }
        confidence { score raw modelProbability personaSimilarity contentSafety historicalSuccess }
        checks { name score passed flags detail }
        similar { id status content feedback }
      }
    }
  }
`);

export const approveReviewMutation = graphql(/* GraphQL */ `
  mutation ApproveReview($input: DecideReviewInput!) {
    approveReview(input: $input) {
      __typename
      ... on ApproveReviewSuccess { review { id status version decidedAt } }
      ... on Error { code message retryable }
      ... on ConflictError { currentVersion }
    }
  }
`);

export const rejectReviewMutation = graphql(/* GraphQL */ `
  mutation RejectReview($input: DecideReviewInput!) {
    rejectReview(input: $input) {
      __typename
      ... on RejectReviewSuccess { review { id status version decidedAt } }
      ... on Error { code message retryable }
      ... on ConflictError { currentVersion }
    }
  }
`);

export const editReviewMutation = graphql(/* GraphQL */ `
  mutation EditReview($input: EditReviewInput!) {
    editReview(input: $input) {
      __typename
      ... on EditReviewSuccess { review { id status editedContent version decidedAt } }
      ... on Error { code message retryable }
      ... on ConflictError { currentVersion }
      ... on ValidationError { fields { path message } }
    }
  }
`);

export const reviewQueueSubscription = graphql(/* GraphQL */ `
  subscription ReviewQueueChanges($filter: ReviewFilter, $after: String) {
    reviewQueue(filter: $filter, after: $after) {
      cursor kind at depth
      review { id status risk taskType content confidence { score } agent { id name } dueAt version }
    }
  }
`);

export const confidenceSubscription = graphql(/* GraphQL */ `
  subscription Confidence($agentId: ID, $after: String) {
    confidence(agentId: $agentId, after: $after) {
      cursor at verdict average24h
      agent { id name }
      task { id type }
      confidence { score raw modelProbability personaSimilarity contentSafety historicalSuccess }
    }
  }
`);
