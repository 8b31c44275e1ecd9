/* eslint-disable */
import * as types from './graphql.ts';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query Agents($filter: AgentFilter, $first: Int, $after: String) {\n    agents(filter: $filter, first: $first, after: $after) {\n      totalCount\n      pageInfo { hasNextPage endCursor }\n      nodes {\n        id name bio niche region status statusReason walletAddress walletBalanceUsdc budgetDailyUsd spentTodayUsd\n        postsToday confidenceAvg24h hitlQueueDepth lastSeenAt version\n      }\n    }\n  }\n": typeof types.AgentsDocument,
    "\n  mutation CreateAgent($input: CreateAgentInput!) {\n    createAgent(input: $input) {\n      __typename\n      ... on CreateAgentSuccess { agent { id name status walletAddress version } }\n      ... on Error { code message retryable }\n      ... on ValidationError { fields { path message } }\n      ... on ForbiddenError { requires }\n    }\n  }\n": typeof types.CreateAgentDocument,
    "\n  mutation SetAgentStatus($input: SetAgentStatusInput!) {\n    setAgentStatus(input: $input) {\n      __typename\n      ... on SetAgentStatusSuccess { agent { id status statusReason version } }\n      ... on Error { code message retryable }\n    }\n  }\n": typeof types.SetAgentStatusDocument,
    "\n  mutation CreateCampaign($input: CreateCampaignInput!) {\n    createCampaign(input: $input) {\n      __typename\n      ... on CreateCampaignSuccess { campaign { id name status estimatedPosts stateVersion version } }\n      ... on Error { code message retryable }\n      ... on ValidationError { fields { path message } }\n    }\n  }\n": typeof types.CreateCampaignDocument,
    "\n  query Campaign($id: ID!) {\n    campaign(id: $id) {\n      id name goals status statusReason startsAt endsAt spentUsd budgetTotalUsd stateVersion version\n      agents { id name }\n      progress { total complete inFlight escalated failed }\n      plan { revision reason tasks { id type status priority agent { id name } dependsOn { id } } }\n    }\n  }\n": typeof types.CampaignDocument,
    "\n  subscription Campaigns($after: String) {\n    campaigns(after: $after) {\n      cursor kind at\n      campaign { id name status statusReason plan { revision } progress { total complete inFlight escalated failed } version }\n    }\n  }\n": typeof types.CampaignsDocument,
    "\n  query ReviewQueue($filter: ReviewFilter, $first: Int, $after: String) {\n    reviewQueue(filter: $filter, first: $first, after: $after) {\n      totalCount\n      pageInfo { hasNextPage endCursor }\n      nodes {\n        id status taskType content contentDigest mediaUrls reasons risk dueAt overdue version createdAt\n        agent { id name }\n        campaign { id name }\n        assignedTo { id name }\n        confidence { score raw modelProbability personaSimilarity contentSafety historicalSuccess }\n        checks { name score passed flags detail }\n        similar { id status content feedback }\n      }\n    }\n  }\n": typeof types.ReviewQueueDocument,
    "\n  mutation ApproveReview($input: DecideReviewInput!) {\n    approveReview(input: $input) {\n      __typename\n      ... on ApproveReviewSuccess { review { id status version decidedAt } }\n      ... on Error { code message retryable }\n      ... on ConflictError { currentVersion }\n    }\n  }\n": typeof types.ApproveReviewDocument,
    "\n  mutation RejectReview($input: DecideReviewInput!) {\n    rejectReview(input: $input) {\n      __typename\n      ... on RejectReviewSuccess { review { id status version decidedAt } }\n      ... on Error { code message retryable }\n      ... on ConflictError { currentVersion }\n    }\n  }\n": typeof types.RejectReviewDocument,
    "\n  mutation EditReview($input: EditReviewInput!) {\n    editReview(input: $input) {\n      __typename\n      ... on EditReviewSuccess { review { id status editedContent version decidedAt } }\n      ... on Error { code message retryable }\n      ... on ConflictError { currentVersion }\n      ... on ValidationError { fields { path message } }\n    }\n  }\n": typeof types.EditReviewDocument,
    "\n  subscription ReviewQueueChanges($filter: ReviewFilter, $after: String) {\n    reviewQueue(filter: $filter, after: $after) {\n      cursor kind at depth\n      review { id status risk taskType content confidence { score } agent { id name } dueAt version }\n    }\n  }\n": typeof types.ReviewQueueChangesDocument,
    "\n  subscription Confidence($agentId: ID, $after: String) {\n    confidence(agentId: $agentId, after: $after) {\n      cursor at verdict average24h\n      agent { id name }\n      task { id type }\n      confidence { score raw modelProbability personaSimilarity contentSafety historicalSuccess }\n    }\n  }\n": typeof types.ConfidenceDocument,
    "\n  subscription Tasks($campaignId: ID, $agentId: ID, $after: String) {\n    tasks(campaignId: $campaignId, agentId: $agentId, after: $after) {\n      cursor kind at\n      task { id type status attempt error { code message at } version }\n    }\n  }\n": typeof types.TasksDocument,
};
const documents: Documents = {
    "\n  query Agents($filter: AgentFilter, $first: Int, $after: String) {\n    agents(filter: $filter, first: $first, after: $after) {\n      totalCount\n      pageInfo { hasNextPage endCursor }\n      nodes {\n        id name bio niche region status statusReason walletAddress walletBalanceUsdc budgetDailyUsd spentTodayUsd\n        postsToday confidenceAvg24h hitlQueueDepth lastSeenAt version\n      }\n    }\n  }\n": types.AgentsDocument,
    "\n  mutation CreateAgent($input: CreateAgentInput!) {\n    createAgent(input: $input) {\n      __typename\n      ... on CreateAgentSuccess { agent { id name status walletAddress version } }\n      ... on Error { code message retryable }\n      ... on ValidationError { fields { path message } }\n      ... on ForbiddenError { requires }\n    }\n  }\n": types.CreateAgentDocument,
    "\n  mutation SetAgentStatus($input: SetAgentStatusInput!) {\n    setAgentStatus(input: $input) {\n      __typename\n      ... on SetAgentStatusSuccess { agent { id status statusReason version } }\n      ... on Error { code message retryable }\n    }\n  }\n": types.SetAgentStatusDocument,
    "\n  mutation CreateCampaign($input: CreateCampaignInput!) {\n    createCampaign(input: $input) {\n      __typename\n      ... on CreateCampaignSuccess { campaign { id name status estimatedPosts stateVersion version } }\n      ... on Error { code message retryable }\n      ... on ValidationError { fields { path message } }\n    }\n  }\n": types.CreateCampaignDocument,
    "\n  query Campaign($id: ID!) {\n    campaign(id: $id) {\n      id name goals status statusReason startsAt endsAt spentUsd budgetTotalUsd stateVersion version\n      agents { id name }\n      progress { total complete inFlight escalated failed }\n      plan { revision reason tasks { id type status priority agent { id name } dependsOn { id } } }\n    }\n  }\n": types.CampaignDocument,
    "\n  subscription Campaigns($after: String) {\n    campaigns(after: $after) {\n      cursor kind at\n      campaign { id name status statusReason plan { revision } progress { total complete inFlight escalated failed } version }\n    }\n  }\n": types.CampaignsDocument,
    "\n  query ReviewQueue($filter: ReviewFilter, $first: Int, $after: String) {\n    reviewQueue(filter: $filter, first: $first, after: $after) {\n      totalCount\n      pageInfo { hasNextPage endCursor }\n      nodes {\n        id status taskType content contentDigest mediaUrls reasons risk dueAt overdue version createdAt\n        agent { id name }\n        campaign { id name }\n        assignedTo { id name }\n        confidence { score raw modelProbability personaSimilarity contentSafety historicalSuccess }\n        checks { name score passed flags detail }\n        similar { id status content feedback }\n      }\n    }\n  }\n": types.ReviewQueueDocument,
    "\n  mutation ApproveReview($input: DecideReviewInput!) {\n    approveReview(input: $input) {\n      __typename\n      ... on ApproveReviewSuccess { review { id status version decidedAt } }\n      ... on Error { code message retryable }\n      ... on ConflictError { currentVersion }\n    }\n  }\n": types.ApproveReviewDocument,
    "\n  mutation RejectReview($input: DecideReviewInput!) {\n    rejectReview(input: $input) {\n      __typename\n      ... on RejectReviewSuccess { review { id status version decidedAt } }\n      ... on Error { code message retryable }\n      ... on ConflictError { currentVersion }\n    }\n  }\n": types.RejectReviewDocument,
    "\n  mutation EditReview($input: EditReviewInput!) {\n    editReview(input: $input) {\n      __typename\n      ... on EditReviewSuccess { review { id status editedContent version decidedAt } }\n      ... on Error { code message retryable }\n      ... on ConflictError { currentVersion }\n      ... on ValidationError { fields { path message } }\n    }\n  }\n": types.EditReviewDocument,
    "\n  subscription ReviewQueueChanges($filter: ReviewFilter, $after: String) {\n    reviewQueue(filter: $filter, after: $after) {\n      cursor kind at depth\n      review { id status risk taskType content confidence { score } agent { id name } dueAt version }\n    }\n  }\n": types.ReviewQueueChangesDocument,
    "\n  subscription Confidence($agentId: ID, $after: String) {\n    confidence(agentId: $agentId, after: $after) {\n      cursor at verdict average24h\n      agent { id name }\n      task { id type }\n      confidence { score raw modelProbability personaSimilarity contentSafety historicalSuccess }\n    }\n  }\n": types.ConfidenceDocument,
    "\n  subscription Tasks($campaignId: ID, $agentId: ID, $after: String) {\n    tasks(campaignId: $campaignId, agentId: $agentId, after: $after) {\n      cursor kind at\n      task { id type status attempt error { code message at } version }\n    }\n  }\n": types.TasksDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Agents($filter: AgentFilter, $first: Int, $after: String) {\n    agents(filter: $filter, first: $first, after: $after) {\n      totalCount\n      pageInfo { hasNextPage endCursor }\n      nodes {\n        id name bio niche region status statusReason walletAddress walletBalanceUsdc budgetDailyUsd spentTodayUsd\n        postsToday confidenceAvg24h hitlQueueDepth lastSeenAt version\n      }\n    }\n  }\n"): typeof import('./graphql.ts').AgentsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateAgent($input: CreateAgentInput!) {\n    createAgent(input: $input) {\n      __typename\n      ... on CreateAgentSuccess { agent { id name status walletAddress version } }\n      ... on Error { code message retryable }\n      ... on ValidationError { fields { path message } }\n      ... on ForbiddenError { requires }\n    }\n  }\n"): typeof import('./graphql.ts').CreateAgentDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetAgentStatus($input: SetAgentStatusInput!) {\n    setAgentStatus(input: $input) {\n      __typename\n      ... on SetAgentStatusSuccess { agent { id status statusReason version } }\n      ... on Error { code message retryable }\n    }\n  }\n"): typeof import('./graphql.ts').SetAgentStatusDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateCampaign($input: CreateCampaignInput!) {\n    createCampaign(input: $input) {\n      __typename\n      ... on CreateCampaignSuccess { campaign { id name status estimatedPosts stateVersion version } }\n      ... on Error { code message retryable }\n      ... on ValidationError { fields { path message } }\n    }\n  }\n"): typeof import('./graphql.ts').CreateCampaignDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Campaign($id: ID!) {\n    campaign(id: $id) {\n      id name goals status statusReason startsAt endsAt spentUsd budgetTotalUsd stateVersion version\n      agents { id name }\n      progress { total complete inFlight escalated failed }\n      plan { revision reason tasks { id type status priority agent { id name } dependsOn { id } } }\n    }\n  }\n"): typeof import('./graphql.ts').CampaignDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Campaigns($after: String) {\n    campaigns(after: $after) {\n      cursor kind at\n      campaign { id name status statusReason plan { revision } progress { total complete inFlight escalated failed } version }\n    }\n  }\n"): typeof import('./graphql.ts').CampaignsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ReviewQueue($filter: ReviewFilter, $first: Int, $after: String) {\n    reviewQueue(filter: $filter, first: $first, after: $after) {\n      totalCount\n      pageInfo { hasNextPage endCursor }\n      nodes {\n        id status taskType content contentDigest mediaUrls reasons risk dueAt overdue version createdAt\n        agent { id name }\n        campaign { id name }\n        assignedTo { id name }\n        confidence { score raw modelProbability personaSimilarity contentSafety historicalSuccess }\n        checks { name score passed flags detail }\n        similar { id status content feedback }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ReviewQueueDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ApproveReview($input: DecideReviewInput!) {\n    approveReview(input: $input) {\n      __typename\n      ... on ApproveReviewSuccess { review { id status version decidedAt } }\n      ... on Error { code message retryable }\n      ... on ConflictError { currentVersion }\n    }\n  }\n"): typeof import('./graphql.ts').ApproveReviewDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RejectReview($input: DecideReviewInput!) {\n    rejectReview(input: $input) {\n      __typename\n      ... on RejectReviewSuccess { review { id status version decidedAt } }\n      ... on Error { code message retryable }\n      ... on ConflictError { currentVersion }\n    }\n  }\n"): typeof import('./graphql.ts').RejectReviewDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation EditReview($input: EditReviewInput!) {\n    editReview(input: $input) {\n      __typename\n      ... on EditReviewSuccess { review { id status editedContent version decidedAt } }\n      ... on Error { code message retryable }\n      ... on ConflictError { currentVersion }\n      ... on ValidationError { fields { path message } }\n    }\n  }\n"): typeof import('./graphql.ts').EditReviewDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription ReviewQueueChanges($filter: ReviewFilter, $after: String) {\n    reviewQueue(filter: $filter, after: $after) {\n      cursor kind at depth\n      review { id status risk taskType content confidence { score } agent { id name } dueAt version }\n    }\n  }\n"): typeof import('./graphql.ts').ReviewQueueChangesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Confidence($agentId: ID, $after: String) {\n    confidence(agentId: $agentId, after: $after) {\n      cursor at verdict average24h\n      agent { id name }\n      task { id type }\n      confidence { score raw modelProbability personaSimilarity contentSafety historicalSuccess }\n    }\n  }\n"): typeof import('./graphql.ts').ConfidenceDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Tasks($campaignId: ID, $agentId: ID, $after: String) {\n    tasks(campaignId: $campaignId, agentId: $agentId, after: $after) {\n      cursor kind at\n      task { id type status attempt error { code message at } version }\n    }\n  }\n"): typeof import('./graphql.ts').TasksDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
