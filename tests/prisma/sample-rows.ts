import { randomBytes } from 'node:crypto';
import { newId, newTraceId } from '../../platform/ids.ts';

export type Columns = Record<string, unknown>;

/** Rows of one tenant that others refer to; the `spare` ones have nothing hanging on them yet. */
export interface Ground {
  tenantId: string;
  userId: string;
  agentId: string;
  spareAgentId: string;
  campaignId: string;
  planId: string;
  taskId: string;
  spareTaskId: string;
  otherTaskId: string;
  resultId: string;
  spareResultId: string;
}

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
const later = (): Date => new Date(Date.now() + 60_000);
const score = {
  confidence: 0.8,
  confidenceRaw: 0.8,
  modelProbability: 0.8,
  personaSimilarity: 0.8,
  contentSafety: 0.8,
  historicalSuccess: 0.8,
};

/** A valid new row of each table, on the ground of its tenant. A table without a sample fails the tests that read the catalogue. */
export const SAMPLES: Record<string, (ground: Ground) => Columns> = {
  Tenant: () => ({ id: newId(), name: `tenant ${hex(6)}` }),
  User: ({ tenantId }) => ({ id: newId(), tenantId, email: `${hex(6)}@example.com`, role: 'CONTENT_REVIEWER' }),
  Agent: ({ tenantId }) => ({
    id: newId(),
    tenantId,
    name: 'Mira',
    soulMarkdown: '# Mira',
    backstory: 'By the sea.',
    voiceTraits: ['warm'],
    coreBeliefs: ['Look twice.'],
    directives: [],
    walletAddress: `0x${hex(20)}`,
    budgetDailyMicroUsd: 1_000_000,
  }),
  SocialHandle: ({ tenantId, spareAgentId }) => ({
    id: newId(),
    tenantId,
    agentId: spareAgentId,
    platform: 'TWITTER',
    username: 'mira',
  }),
  Wallet: ({ tenantId, spareAgentId }) => ({
    tenantId,
    agentId: spareAgentId,
    address: `0x${hex(20)}`,
    encryptedPrivateKey: Buffer.from('sealed'),
  }),
  Campaign: ({ tenantId }) => ({ id: newId(), tenantId, name: 'Fog week', goals: '3 posts', startsAt: new Date() }),
  CampaignAgent: ({ tenantId, campaignId, spareAgentId }) => ({ tenantId, campaignId, agentId: spareAgentId }),
  Plan: ({ tenantId, campaignId }) => ({
    id: newId(),
    tenantId,
    campaignId,
    revision: 1 + randomBytes(3).readUIntBE(0, 3),
    reason: 'INITIAL',
    model: 'offline',
  }),
  Task: ({ tenantId, agentId, campaignId, planId }) => ({
    id: newId(),
    tenantId,
    agentId,
    campaignId,
    planId,
    type: 'GENERATE_POST',
    status: 'QUEUED',
    input: {},
    traceId: newTraceId(),
  }),
  TaskDependency: ({ tenantId, spareTaskId, otherTaskId }) => ({
    tenantId,
    taskId: spareTaskId,
    dependsOnId: otherTaskId,
  }),
  Result: ({ tenantId, taskId }) => ({
    id: newId(),
    tenantId,
    taskId,
    attempt: 1 + randomBytes(3).readUIntBE(0, 3),
    executionMs: 1,
    workerId: 'worker-1',
  }),
  Review: ({ tenantId, taskId, spareResultId, agentId, campaignId }) => ({
    id: newId(),
    tenantId,
    taskId,
    resultId: spareResultId,
    agentId,
    campaignId,
    taskType: 'GENERATE_POST',
    content: {},
    contentDigest: hex(32),
    mediaUrls: [],
    ...score,
    reasons: [],
    risk: 'HIGH',
    riskOrder: 0,
    dueAt: later(),
  }),
  Effect: ({ tenantId, spareTaskId, agentId }) => ({
    id: newId(),
    tenantId,
    taskId: spareTaskId,
    agentId,
    server: 'twitter',
    tool: 'post_tweet',
    payload: {},
    payloadDigest: hex(32),
    idempotencyKey: hex(8),
    approvedBy: 'judge',
  }),
  Post: ({ tenantId, agentId, spareTaskId }) => ({
    id: newId(),
    tenantId,
    agentId,
    taskId: spareTaskId,
    platform: 'TWITTER',
    mediaUrls: [],
    externalId: hex(8),
    disclosure: 'AUTOMATED',
    publishedAt: new Date(),
  }),
  Mention: ({ tenantId, agentId, spareTaskId }) => ({
    id: newId(),
    tenantId,
    agentId,
    taskId: spareTaskId,
    platform: 'TWITTER',
    externalId: hex(8),
    author: 'reader',
    text: 'Where?',
    receivedAt: new Date(),
  }),
  Trend: ({ tenantId, agentId }) => ({
    id: newId(),
    tenantId,
    agentId,
    digest: hex(32),
    topic: 'fog',
    summary: 'Fog.',
    source: 'feed',
    relevance: 0.5,
  }),
  Transaction: ({ tenantId, agentId, taskId }) => ({
    id: newId(),
    tenantId,
    agentId,
    taskId,
    direction: 'INBOUND',
    network: 'base',
    token: 'USDC',
    amountBaseUnits: '1',
    amountMicroUsd: 1,
    fromAddress: '0xfrom',
    toAddress: '0xto',
    purpose: 'test',
    approvedBy: 'judge',
  }),
  SpendEntry: ({ tenantId, agentId }) => ({
    id: newId(),
    tenantId,
    agentId,
    category: 'MODEL',
    reservedMicroUsd: 5,
    day: '2030-01-01',
    expiresAt: later(),
  }),
  BudgetAccount: ({ tenantId, spareAgentId }) => ({ tenantId, scopeId: spareAgentId, day: '2030-01-01' }),
  Media: ({ tenantId, agentId }) => ({
    id: newId(),
    tenantId,
    agentId,
    contentDigest: hex(32),
    mimeType: 'image/png',
    bytes: 1,
    storageKey: 'key',
    url: 'http://127.0.0.1/key',
  }),
  Memory: ({ tenantId, agentId }) => ({
    id: newId(),
    tenantId,
    agentId,
    collection: 'AgentMemory',
    type: 'note',
    content: 'fog',
    embedding: [1],
    embeddingModel: 'local',
    digest: hex(32),
  }),
  Alert: ({ tenantId, agentId, campaignId, userId }) => ({
    id: newId(),
    tenantId,
    rule: 'TEST',
    severity: 'INFO',
    message: 'test',
    agentId,
    campaignId,
    acknowledgedById: userId,
    acknowledgedAt: new Date(),
  }),
  AuditEntry: ({ tenantId }) => ({
    id: newId(),
    tenantId,
    sequence: 0,
    actor: 'system:test',
    action: 'test.done',
    hash: '',
    previousHash: '',
  }),
  AuditHead: ({ tenantId }) => ({ tenantId, sequence: 0, hash: '0'.repeat(64) }),
  Outbox: ({ tenantId, agentId }) => ({
    tenantId,
    topic: 'agent',
    kind: 'UPDATED',
    subjectId: agentId,
    version: 1,
    data: {},
    traceId: newTraceId(),
  }),
  Event: ({ tenantId, agentId }) => ({
    position: randomBytes(5).readUIntBE(0, 5),
    tenantId,
    topic: 'agent',
    kind: 'UPDATED',
    subjectId: agentId,
    version: 1,
    data: {},
    traceId: newTraceId(),
    createdAt: new Date(),
  }),
};
