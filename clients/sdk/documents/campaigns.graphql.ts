import { graphql } from '../gql/gql.ts';

export const createCampaignMutation = graphql(/* GraphQL */ `
  mutation CreateCampaign($input: CreateCampaignInput!) {
    createCampaign(input: $input) {
      __typename
      ... on CreateCampaignSuccess { campaign { id name status estimatedPosts stateVersion version } }
      ... on Error { code message retryable }
      ... on ValidationError { fields { path message } }
    }
  }
`);

export const campaignQuery = graphql(/* GraphQL */ `
  query Campaign($id: ID!) {
    campaign(id: $id) {
      id name goals status statusReason startsAt endsAt spentUsd budgetTotalUsd stateVersion version
      agents { id name }
      progress { total complete inFlight escalated failed }
      plan { revision reason tasks { id type status priority agent { id name } dependsOn { id } } }
    }
  }
`);

export const campaignsSubscription = graphql(/* GraphQL */ `
  subscription Campaigns($after: String) {
    campaigns(after: $after) {
      cursor kind at
      campaign { id name status statusReason plan { revision } progress { total complete inFlight escalated failed } version }
    }
  }
`);
