/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type AgentFilter = {
  /** Part of the name or the niche; case does not matter. */
  search?: string | null | undefined;
  status?: Array<AgentStatus> | null | undefined;
};

export type AgentStatus =
  /** Plans, works and posts. */
  | 'ACTIVE'
  /** Final; kept for the record. */
  | 'ARCHIVED'
  /** Everything was cancelled; left by an administrator only. */
  | 'EMERGENCY_STOPPED'
  /** A platform refused its credentials; a person has to look. */
  | 'ERROR'
  /** Nothing new starts; resumed by setting ACTIVE. */
  | 'PAUSED';

export type CampaignStatus =
  /** Planned and worked on. */
  | 'ACTIVE'
  /** Final; what was not finished is cancelled. */
  | 'CANCELLED'
  /** Final. */
  | 'COMPLETED'
  /** Not planned yet. */
  | 'DRAFT'
  /** It could not succeed as it stands (statusReason says why); set ACTIVE or re-planned by a person. */
  | 'FAILED'
  /** Nothing new starts; resumed by setting ACTIVE, which plans anew. */
  | 'PAUSED';

export type ChangeKind =
  | 'CREATED'
  | 'DELETED'
  | 'UPDATED';

export type CheckName =
  | 'BRAND'
  | 'BUDGET'
  | 'INJECTION'
  | 'PERSONA'
  | 'SAFETY'
  | 'TECHNICAL';

/** Give soulMarkdown, or backstory, voiceTraits and coreBeliefs. */
export type CreateAgentInput = {
  /** ACTIVE at once; PAUSED otherwise. */
  activate?: boolean | null | undefined;
  backstory?: string | null | undefined;
  /** At most 500 characters. */
  bio?: string | null | undefined;
  budgetDailyUsd: string;
  /** For all time; no limit where it is left out. */
  budgetTotalUsd?: string | null | undefined;
  characterReferenceId?: string | null | undefined;
  coreBeliefs?: Array<string> | null | undefined;
  directives?: Array<string> | null | undefined;
  /** At most 100 characters. */
  name: string;
  niche?: string | null | undefined;
  region?: string | null | undefined;
  /** One a platform. */
  socialHandles?: Array<SocialHandleInput> | null | undefined;
  /** A SOUL.md, as text or base64. */
  soulMarkdown?: string | null | undefined;
  voiceTraits?: Array<string> | null | undefined;
};

export type CreateCampaignInput = {
  /** Planned at once; a DRAFT otherwise. */
  activate?: boolean | null | undefined;
  agentIds: Array<string | number>;
  budgetDailyUsd?: string | null | undefined;
  budgetTotalUsd?: string | null | undefined;
  description?: string | null | undefined;
  durationDays?: number | null | undefined;
  /** Or durationDays, not both; open-ended where neither is given. */
  endsAt?: string | null | undefined;
  /** In natural language: what to reach, how often to post, what to avoid. */
  goals: string;
  name: string;
  priority?: Priority | null | undefined;
  /** Now where it is left out. */
  startsAt?: string | null | undefined;
};

export type DecideReviewInput = {
  /** The `version` that was read; ConflictError when it has moved. */
  expectedVersion: number;
  /** Why: the Planner reads it when it replaces a rejected task, and the audit log keeps it. */
  feedback?: string | null | undefined;
  id: string | number;
};

/** Approves the edited content. */
export type EditReviewInput = {
  /** The whole content, as the task type defines its output. */
  content: unknown;
  /** The `version` that was read; ConflictError when it has moved. */
  expectedVersion: number;
  feedback?: string | null | undefined;
  id: string | number;
};

/** Codes of errors in unions, of failed tasks and of `errors[].extensions.code`. INTERNAL: unexpected, look it up by its trace id. */
export type ErrorCode =
  /** E1001 */
  | 'BUDGET_EXCEEDED'
  | 'CONFLICT'
  /** E1006 */
  | 'CONTENT_SAFETY'
  | 'CURSOR_EXPIRED'
  /** E2002 */
  | 'DATABASE_UNAVAILABLE'
  | 'FORBIDDEN'
  | 'IDEMPOTENCY'
  /** E1005 */
  | 'INSUFFICIENT_FUNDS'
  | 'INTERNAL'
  | 'INVALID_STATE'
  | 'LAGGED'
  /** E1002 */
  | 'MCP_UNAVAILABLE'
  | 'NOT_FOUND'
  /** E1003 */
  | 'PROMPT_INJECTION'
  | 'RATE_LIMITED'
  /** E1004 */
  | 'STATE_VERSION_CONFLICT'
  | 'UNAUTHENTICATED'
  | 'VALIDATION'
  /** E2001 */
  | 'WORKER_TIMEOUT';

/** Why a plan revision was made. */
export type PlanReason =
  | 'BUDGET'
  | 'CONTEXT_CHANGED'
  | 'HUMAN'
  | 'INITIAL'
  | 'RESULT_REJECTED'
  | 'STATE_CONFLICT'
  | 'TASK_FAILED';

export type Platform =
  | 'INSTAGRAM'
  | 'MOLTBOOK'
  | 'THREADS'
  | 'TIKTOK'
  | 'TWITTER'
  | 'YOUTUBE';

export type Priority =
  | 'HIGH'
  | 'LOW'
  | 'MEDIUM';

/** All that is given must hold. In the query, status is [PENDING] where it is not given; in the subscription, every status. */
export type ReviewFilter = {
  agentId?: string | number | null | undefined;
  campaignId?: string | number | null | undefined;
  /** 0..1, exclusive. */
  confidenceBelow?: number | null | undefined;
  /** Assigned to the viewer. */
  mine?: boolean | null | undefined;
  /** Pending and past dueAt. */
  overdue?: boolean | null | undefined;
  /** One of its reasons, exactly. */
  reason?: string | null | undefined;
  risk?: Array<RiskLevel> | null | undefined;
  status?: Array<ReviewStatus> | null | undefined;
  taskType?: Array<TaskType> | null | undefined;
};

export type ReviewStatus =
  /** Leaves as it is. */
  | 'APPROVED'
  /** Nobody needs to decide any more: its task ended meanwhile. */
  | 'CANCELLED'
  /** Leaves as the reviewer edited it. */
  | 'EDITED'
  /** In the queue. */
  | 'PENDING'
  /** Does not leave; the Planner reads the feedback. */
  | 'REJECTED';

export type RiskLevel =
  | 'HIGH'
  | 'LOW'
  | 'MEDIUM';

export type SetAgentStatusInput = {
  id: string | number;
  /** Shown as statusReason and audited. */
  reason?: string | null | undefined;
  /** Not ERROR: the platform sets it. */
  status: AgentStatus;
};

export type SocialHandleInput = {
  platform: Platform;
  /** With or without the @. */
  username: string;
};

export type TaskStatus =
  /** Approved; the call to the outside is under way. */
  | 'APPLYING'
  /** No longer wanted. */
  | 'CANCELLED'
  /** Done; dependents may start. */
  | 'COMPLETE'
  /** Its result waits for a person. */
  | 'ESCALATED'
  /** No attempt is left, or none can help. */
  | 'FAILED'
  /** A worker runs an attempt. */
  | 'IN_PROGRESS'
  /** Its result is before the Judge. */
  | 'IN_REVIEW'
  /** Waits for the tasks it depends on. */
  | 'PENDING'
  /** May start as soon as a worker is free and its time has come. */
  | 'QUEUED'
  /** Its result was rejected; a new plan decides what follows. */
  | 'REJECTED';

export type TaskType =
  | 'ANALYZE_TREND'
  | 'EXECUTE_TRANSACTION'
  | 'GENERATE_IMAGE'
  | 'GENERATE_POST'
  | 'GENERATE_VIDEO'
  | 'POST_CONTENT'
  | 'REPLY_COMMENT';

export type Verdict =
  | 'APPROVED'
  | 'ESCALATED'
  | 'REJECTED';

export type AgentsQueryVariables = Exact<{
  filter?: AgentFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type AgentsQuery = { agents: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ id: string, name: string, bio: string | null, niche: string | null, region: string | null, status: AgentStatus, statusReason: string | null, walletAddress: string, walletBalanceUsdc: string, budgetDailyUsd: string, spentTodayUsd: string, postsToday: number, confidenceAvg24h: number | null, hitlQueueDepth: number, lastSeenAt: string | null, version: number }> } };

export type CreateAgentMutationVariables = Exact<{
  input: CreateAgentInput;
}>;


export type CreateAgentMutation = { createAgent:
    | { __typename: 'CreateAgentSuccess', agent: { id: string, name: string, status: AgentStatus, walletAddress: string, version: number } }
    | { __typename: 'ForbiddenError', code: ErrorCode, message: string, retryable: boolean, requires: string }
    | { __typename: 'ValidationError', code: ErrorCode, message: string, retryable: boolean, fields: Array<{ path: Array<string>, message: string }> }
   };

export type SetAgentStatusMutationVariables = Exact<{
  input: SetAgentStatusInput;
}>;


export type SetAgentStatusMutation = { setAgentStatus:
    | { __typename: 'ForbiddenError', code: ErrorCode, message: string, retryable: boolean }
    | { __typename: 'InvalidStateError', code: ErrorCode, message: string, retryable: boolean }
    | { __typename: 'NotFoundError', code: ErrorCode, message: string, retryable: boolean }
    | { __typename: 'SetAgentStatusSuccess', agent: { id: string, status: AgentStatus, statusReason: string | null, version: number } }
    | { __typename: 'ValidationError', code: ErrorCode, message: string, retryable: boolean }
   };

export type CreateCampaignMutationVariables = Exact<{
  input: CreateCampaignInput;
}>;


export type CreateCampaignMutation = { createCampaign:
    | { __typename: 'CreateCampaignSuccess', campaign: { id: string, name: string, status: CampaignStatus, estimatedPosts: number, stateVersion: number, version: number } }
    | { __typename: 'ForbiddenError', code: ErrorCode, message: string, retryable: boolean }
    | { __typename: 'InvalidStateError', code: ErrorCode, message: string, retryable: boolean }
    | { __typename: 'NotFoundError', code: ErrorCode, message: string, retryable: boolean }
    | { __typename: 'ValidationError', code: ErrorCode, message: string, retryable: boolean, fields: Array<{ path: Array<string>, message: string }> }
   };

export type CampaignQueryVariables = Exact<{
  id: string | number;
}>;


export type CampaignQuery = { campaign: { id: string, name: string, goals: string, status: CampaignStatus, statusReason: string | null, startsAt: string, endsAt: string | null, spentUsd: string, budgetTotalUsd: string | null, stateVersion: number, version: number, agents: Array<{ id: string, name: string }>, progress: { total: number, complete: number, inFlight: number, escalated: number, failed: number }, plan: { revision: number, reason: PlanReason, tasks: Array<{ id: string, type: TaskType, status: TaskStatus, priority: number, agent: { id: string, name: string }, dependsOn: Array<{ id: string }> }> } | null } | null };

export type CampaignsSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type CampaignsSubscription = { campaigns: { cursor: string, kind: ChangeKind, at: string, campaign: { id: string, name: string, status: CampaignStatus, statusReason: string | null, version: number, plan: { revision: number } | null, progress: { total: number, complete: number, inFlight: number, escalated: number, failed: number } } } };

export type ReviewQueueQueryVariables = Exact<{
  filter?: ReviewFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type ReviewQueueQuery = { reviewQueue: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ id: string, status: ReviewStatus, taskType: TaskType, content: unknown, contentDigest: string, mediaUrls: Array<string>, reasons: Array<string>, risk: RiskLevel, dueAt: string, overdue: boolean, version: number, createdAt: string, agent: { id: string, name: string }, campaign: { id: string, name: string } | null, assignedTo: { id: string, name: string | null } | null, confidence: { score: number, raw: number, modelProbability: number, personaSimilarity: number, contentSafety: number, historicalSuccess: number }, checks: Array<{ name: CheckName, score: number, passed: boolean, flags: Array<string>, detail: string | null }>, similar: Array<{ id: string, status: ReviewStatus, content: unknown, feedback: string | null }> }> } };

export type ApproveReviewMutationVariables = Exact<{
  input: DecideReviewInput;
}>;


export type ApproveReviewMutation = { approveReview:
    | { __typename: 'ApproveReviewSuccess', review: { id: string, status: ReviewStatus, version: number, decidedAt: string | null } }
    | { __typename: 'ConflictError', code: ErrorCode, message: string, retryable: boolean, currentVersion: number }
    | { __typename: 'ForbiddenError', code: ErrorCode, message: string, retryable: boolean }
    | { __typename: 'InvalidStateError', code: ErrorCode, message: string, retryable: boolean }
    | { __typename: 'NotFoundError', code: ErrorCode, message: string, retryable: boolean }
    | { __typename: 'ValidationError', code: ErrorCode, message: string, retryable: boolean }
   };

export type RejectReviewMutationVariables = Exact<{
  input: DecideReviewInput;
}>;


export type RejectReviewMutation = { rejectReview:
    | { __typename: 'ConflictError', code: ErrorCode, message: string, retryable: boolean, currentVersion: number }
    | { __typename: 'ForbiddenError', code: ErrorCode, message: string, retryable: boolean }
    | { __typename: 'InvalidStateError', code: ErrorCode, message: string, retryable: boolean }
    | { __typename: 'NotFoundError', code: ErrorCode, message: string, retryable: boolean }
    | { __typename: 'RejectReviewSuccess', review: { id: string, status: ReviewStatus, version: number, decidedAt: string | null } }
    | { __typename: 'ValidationError', code: ErrorCode, message: string, retryable: boolean }
   };

export type EditReviewMutationVariables = Exact<{
  input: EditReviewInput;
}>;


export type EditReviewMutation = { editReview:
    | { __typename: 'ConflictError', code: ErrorCode, message: string, retryable: boolean, currentVersion: number }
    | { __typename: 'EditReviewSuccess', review: { id: string, status: ReviewStatus, editedContent: unknown, version: number, decidedAt: string | null } }
    | { __typename: 'ForbiddenError', code: ErrorCode, message: string, retryable: boolean }
    | { __typename: 'InvalidStateError', code: ErrorCode, message: string, retryable: boolean }
    | { __typename: 'NotFoundError', code: ErrorCode, message: string, retryable: boolean }
    | { __typename: 'ValidationError', code: ErrorCode, message: string, retryable: boolean, fields: Array<{ path: Array<string>, message: string }> }
   };

export type ReviewQueueChangesSubscriptionVariables = Exact<{
  filter?: ReviewFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type ReviewQueueChangesSubscription = { reviewQueue: { cursor: string, kind: ChangeKind, at: string, depth: number, review: { id: string, status: ReviewStatus, risk: RiskLevel, taskType: TaskType, content: unknown, dueAt: string, version: number, confidence: { score: number }, agent: { id: string, name: string } } } };

export type ConfidenceSubscriptionVariables = Exact<{
  agentId?: string | number | null | undefined;
  after?: string | null | undefined;
}>;


export type ConfidenceSubscription = { confidence: { cursor: string, at: string, verdict: Verdict, average24h: number | null, agent: { id: string, name: string }, task: { id: string, type: TaskType }, confidence: { score: number, raw: number, modelProbability: number, personaSimilarity: number, contentSafety: number, historicalSuccess: number } } };

export type TasksSubscriptionVariables = Exact<{
  campaignId?: string | number | null | undefined;
  agentId?: string | number | null | undefined;
  after?: string | null | undefined;
}>;


export type TasksSubscription = { tasks: { cursor: string, kind: ChangeKind, at: string, task: { id: string, type: TaskType, status: TaskStatus, attempt: number, version: number, error: { code: ErrorCode, message: string, at: string } | null } } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const AgentsDocument = new TypedDocumentString(`
    query Agents($filter: AgentFilter, $first: Int, $after: String) {
  agents(filter: $filter, first: $first, after: $after) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    nodes {
      id
      name
      bio
      niche
      region
      status
      statusReason
      walletAddress
      walletBalanceUsdc
      budgetDailyUsd
      spentTodayUsd
      postsToday
      confidenceAvg24h
      hitlQueueDepth
      lastSeenAt
      version
    }
  }
}
    `) as unknown as TypedDocumentString<AgentsQuery, AgentsQueryVariables>;
export const CreateAgentDocument = new TypedDocumentString(`
    mutation CreateAgent($input: CreateAgentInput!) {
  createAgent(input: $input) {
    __typename
    ... on CreateAgentSuccess {
      agent {
        id
        name
        status
        walletAddress
        version
      }
    }
    ... on Error {
      code
      message
      retryable
    }
    ... on ValidationError {
      fields {
        path
        message
      }
    }
    ... on ForbiddenError {
      requires
    }
  }
}
    `) as unknown as TypedDocumentString<CreateAgentMutation, CreateAgentMutationVariables>;
export const SetAgentStatusDocument = new TypedDocumentString(`
    mutation SetAgentStatus($input: SetAgentStatusInput!) {
  setAgentStatus(input: $input) {
    __typename
    ... on SetAgentStatusSuccess {
      agent {
        id
        status
        statusReason
        version
      }
    }
    ... on Error {
      code
      message
      retryable
    }
  }
}
    `) as unknown as TypedDocumentString<SetAgentStatusMutation, SetAgentStatusMutationVariables>;
export const CreateCampaignDocument = new TypedDocumentString(`
    mutation CreateCampaign($input: CreateCampaignInput!) {
  createCampaign(input: $input) {
    __typename
    ... on CreateCampaignSuccess {
      campaign {
        id
        name
        status
        estimatedPosts
        stateVersion
        version
      }
    }
    ... on Error {
      code
      message
      retryable
    }
    ... on ValidationError {
      fields {
        path
        message
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CreateCampaignMutation, CreateCampaignMutationVariables>;
export const CampaignDocument = new TypedDocumentString(`
    query Campaign($id: ID!) {
  campaign(id: $id) {
    id
    name
    goals
    status
    statusReason
    startsAt
    endsAt
    spentUsd
    budgetTotalUsd
    stateVersion
    version
    agents {
      id
      name
    }
    progress {
      total
      complete
      inFlight
      escalated
      failed
    }
    plan {
      revision
      reason
      tasks {
        id
        type
        status
        priority
        agent {
          id
          name
        }
        dependsOn {
          id
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CampaignQuery, CampaignQueryVariables>;
export const CampaignsDocument = new TypedDocumentString(`
    subscription Campaigns($after: String) {
  campaigns(after: $after) {
    cursor
    kind
    at
    campaign {
      id
      name
      status
      statusReason
      plan {
        revision
      }
      progress {
        total
        complete
        inFlight
        escalated
        failed
      }
      version
    }
  }
}
    `) as unknown as TypedDocumentString<CampaignsSubscription, CampaignsSubscriptionVariables>;
export const ReviewQueueDocument = new TypedDocumentString(`
    query ReviewQueue($filter: ReviewFilter, $first: Int, $after: String) {
  reviewQueue(filter: $filter, first: $first, after: $after) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    nodes {
      id
      status
      taskType
      content
      contentDigest
      mediaUrls
      reasons
      risk
      dueAt
      overdue
      version
      createdAt
      agent {
        id
        name
      }
      campaign {
        id
        name
      }
      assignedTo {
        id
        name
      }
      confidence {
        score
        raw
        modelProbability
        personaSimilarity
        contentSafety
        historicalSuccess
      }
      checks {
        name
        score
        passed
        flags
        detail
      }
      similar {
        id
        status
        content
        feedback
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ReviewQueueQuery, ReviewQueueQueryVariables>;
export const ApproveReviewDocument = new TypedDocumentString(`
    mutation ApproveReview($input: DecideReviewInput!) {
  approveReview(input: $input) {
    __typename
    ... on ApproveReviewSuccess {
      review {
        id
        status
        version
        decidedAt
      }
    }
    ... on Error {
      code
      message
      retryable
    }
    ... on ConflictError {
      currentVersion
    }
  }
}
    `) as unknown as TypedDocumentString<ApproveReviewMutation, ApproveReviewMutationVariables>;
export const RejectReviewDocument = new TypedDocumentString(`
    mutation RejectReview($input: DecideReviewInput!) {
  rejectReview(input: $input) {
    __typename
    ... on RejectReviewSuccess {
      review {
        id
        status
        version
        decidedAt
      }
    }
    ... on Error {
      code
      message
      retryable
    }
    ... on ConflictError {
      currentVersion
    }
  }
}
    `) as unknown as TypedDocumentString<RejectReviewMutation, RejectReviewMutationVariables>;
export const EditReviewDocument = new TypedDocumentString(`
    mutation EditReview($input: EditReviewInput!) {
  editReview(input: $input) {
    __typename
    ... on EditReviewSuccess {
      review {
        id
        status
        editedContent
        version
        decidedAt
      }
    }
    ... on Error {
      code
      message
      retryable
    }
    ... on ConflictError {
      currentVersion
    }
    ... on ValidationError {
      fields {
        path
        message
      }
    }
  }
}
    `) as unknown as TypedDocumentString<EditReviewMutation, EditReviewMutationVariables>;
export const ReviewQueueChangesDocument = new TypedDocumentString(`
    subscription ReviewQueueChanges($filter: ReviewFilter, $after: String) {
  reviewQueue(filter: $filter, after: $after) {
    cursor
    kind
    at
    depth
    review {
      id
      status
      risk
      taskType
      content
      confidence {
        score
      }
      agent {
        id
        name
      }
      dueAt
      version
    }
  }
}
    `) as unknown as TypedDocumentString<ReviewQueueChangesSubscription, ReviewQueueChangesSubscriptionVariables>;
export const ConfidenceDocument = new TypedDocumentString(`
    subscription Confidence($agentId: ID, $after: String) {
  confidence(agentId: $agentId, after: $after) {
    cursor
    at
    verdict
    average24h
    agent {
      id
      name
    }
    task {
      id
      type
    }
    confidence {
      score
      raw
      modelProbability
      personaSimilarity
      contentSafety
      historicalSuccess
    }
  }
}
    `) as unknown as TypedDocumentString<ConfidenceSubscription, ConfidenceSubscriptionVariables>;
export const TasksDocument = new TypedDocumentString(`
    subscription Tasks($campaignId: ID, $agentId: ID, $after: String) {
  tasks(campaignId: $campaignId, agentId: $agentId, after: $after) {
    cursor
    kind
    at
    task {
      id
      type
      status
      attempt
      error {
        code
        message
        at
      }
      version
    }
  }
}
    `) as unknown as TypedDocumentString<TasksSubscription, TasksSubscriptionVariables>;