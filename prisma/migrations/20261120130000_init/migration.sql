-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "Role" AS ENUM ('CONTENT_REVIEWER', 'CAMPAIGN_MANAGER', 'ADMINISTRATOR');

-- CreateEnum
CREATE TYPE "AgentStatus" AS ENUM ('ACTIVE', 'PAUSED', 'EMERGENCY_STOPPED', 'ERROR', 'ARCHIVED');

-- CreateEnum
CREATE TYPE "Platform" AS ENUM ('TWITTER', 'INSTAGRAM', 'THREADS', 'TIKTOK', 'YOUTUBE', 'MOLTBOOK');

-- CreateEnum
CREATE TYPE "CampaignStatus" AS ENUM ('DRAFT', 'ACTIVE', 'PAUSED', 'COMPLETED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "Priority" AS ENUM ('HIGH', 'MEDIUM', 'LOW');

-- CreateEnum
CREATE TYPE "PlanReason" AS ENUM ('INITIAL', 'TASK_FAILED', 'RESULT_REJECTED', 'STATE_CONFLICT', 'CONTEXT_CHANGED', 'BUDGET', 'HUMAN');

-- CreateEnum
CREATE TYPE "TaskType" AS ENUM ('ANALYZE_TREND', 'GENERATE_POST', 'GENERATE_IMAGE', 'GENERATE_VIDEO', 'POST_CONTENT', 'REPLY_COMMENT', 'EXECUTE_TRANSACTION');

-- CreateEnum
CREATE TYPE "TaskStatus" AS ENUM ('PENDING', 'QUEUED', 'IN_PROGRESS', 'IN_REVIEW', 'ESCALATED', 'APPLYING', 'COMPLETE', 'REJECTED', 'FAILED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "Verdict" AS ENUM ('APPROVED', 'ESCALATED', 'REJECTED');

-- CreateEnum
CREATE TYPE "ReviewStatus" AS ENUM ('PENDING', 'APPROVED', 'EDITED', 'REJECTED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "RiskLevel" AS ENUM ('LOW', 'MEDIUM', 'HIGH');

-- CreateEnum
CREATE TYPE "EffectStatus" AS ENUM ('PENDING', 'SENT', 'CONFIRMED', 'FAILED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "Disclosure" AS ENUM ('AUTOMATED', 'ASSISTED', 'NONE');

-- CreateEnum
CREATE TYPE "TransactionStatus" AS ENUM ('PENDING', 'CONFIRMED', 'FAILED');

-- CreateEnum
CREATE TYPE "Direction" AS ENUM ('INBOUND', 'OUTBOUND');

-- CreateEnum
CREATE TYPE "SpendCategory" AS ENUM ('MODEL', 'JUDGEMENT', 'MEDIA', 'PAYMENT');

-- CreateEnum
CREATE TYPE "SpendStatus" AS ENUM ('RESERVED', 'SETTLED', 'RELEASED');

-- CreateEnum
CREATE TYPE "Severity" AS ENUM ('INFO', 'WARNING', 'CRITICAL');

-- CreateEnum
CREATE TYPE "ChangeKind" AS ENUM ('CREATED', 'UPDATED', 'DELETED');

-- CreateTable
CREATE TABLE "Tenant" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "subscriptionTier" TEXT NOT NULL DEFAULT 'free',
    "approveThreshold" DOUBLE PRECISION NOT NULL DEFAULT 0.9,
    "escalateThreshold" DOUBLE PRECISION NOT NULL DEFAULT 0.7,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Tenant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "User" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT,
    "role" "Role" NOT NULL,
    "lastSeenAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Agent" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "bio" TEXT,
    "niche" TEXT,
    "region" TEXT,
    "soulMarkdown" TEXT NOT NULL,
    "backstory" TEXT NOT NULL,
    "voiceTraits" TEXT[],
    "coreBeliefs" TEXT[],
    "directives" TEXT[],
    "characterReferenceId" TEXT,
    "walletAddress" TEXT NOT NULL,
    "status" "AgentStatus" NOT NULL DEFAULT 'PAUSED',
    "statusReason" TEXT,
    "budgetDailyMicroUsd" BIGINT NOT NULL,
    "lastSeenAt" TIMESTAMPTZ(3),
    "mentionsPollDueAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "trendsPollDueAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Agent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SocialHandle" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "agentId" UUID NOT NULL,
    "platform" "Platform" NOT NULL,
    "username" TEXT NOT NULL,

    CONSTRAINT "SocialHandle_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Wallet" (
    "agentId" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "address" TEXT NOT NULL,
    "encryptedPrivateKey" BYTEA NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Wallet_pkey" PRIMARY KEY ("agentId")
);

-- CreateTable
CREATE TABLE "Campaign" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "goals" TEXT NOT NULL,
    "priority" "Priority" NOT NULL DEFAULT 'MEDIUM',
    "status" "CampaignStatus" NOT NULL DEFAULT 'DRAFT',
    "statusReason" TEXT,
    "startsAt" TIMESTAMPTZ(3) NOT NULL,
    "endsAt" TIMESTAMPTZ(3),
    "budgetDailyMicroUsd" BIGINT,
    "budgetTotalMicroUsd" BIGINT,
    "estimatedPosts" INTEGER NOT NULL DEFAULT 0,
    "planDueReason" "PlanReason",
    "planDueNote" TEXT,
    "planDueAt" TIMESTAMPTZ(3),
    "planLeaseExpiresAt" TIMESTAMPTZ(3),
    "planClaimToken" UUID,
    "planFailures" INTEGER NOT NULL DEFAULT 0,
    "planRevision" INTEGER NOT NULL DEFAULT 0,
    "stateVersion" INTEGER NOT NULL DEFAULT 1,
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Campaign_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CampaignAgent" (
    "tenantId" UUID NOT NULL,
    "campaignId" UUID NOT NULL,
    "agentId" UUID NOT NULL,

    CONSTRAINT "CampaignAgent_pkey" PRIMARY KEY ("campaignId","agentId")
);

-- CreateTable
CREATE TABLE "Plan" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "campaignId" UUID NOT NULL,
    "revision" INTEGER NOT NULL,
    "reason" "PlanReason" NOT NULL,
    "note" TEXT,
    "model" TEXT NOT NULL,
    "costMicroUsd" BIGINT NOT NULL DEFAULT 0,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Plan_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Task" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "agentId" UUID NOT NULL,
    "campaignId" UUID,
    "planId" UUID,
    "type" "TaskType" NOT NULL,
    "status" "TaskStatus" NOT NULL,
    "priority" INTEGER NOT NULL DEFAULT 5,
    "input" JSONB NOT NULL,
    "output" JSONB,
    "scheduledFor" TIMESTAMPTZ(3),
    "deadline" TIMESTAMPTZ(3),
    "notBefore" TIMESTAMPTZ(3),
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "maxAttempts" INTEGER NOT NULL DEFAULT 3,
    "timeoutSeconds" INTEGER NOT NULL DEFAULT 300,
    "assignedWorkerId" TEXT,
    "claimToken" UUID,
    "leaseExpiresAt" TIMESTAMPTZ(3),
    "stateVersion" INTEGER NOT NULL DEFAULT 1,
    "openDependencies" INTEGER NOT NULL DEFAULT 0,
    "tainted" BOOLEAN NOT NULL DEFAULT false,
    "feedback" TEXT,
    "approvedByUserId" UUID,
    "errorCode" TEXT,
    "errorMessage" TEXT,
    "errorAt" TIMESTAMPTZ(3),
    "traceId" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMPTZ(3),
    "completedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Task_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "TaskDependency" (
    "tenantId" UUID NOT NULL,
    "taskId" UUID NOT NULL,
    "dependsOnId" UUID NOT NULL,

    CONSTRAINT "TaskDependency_pkey" PRIMARY KEY ("taskId","dependsOnId")
);

-- CreateTable
CREATE TABLE "Result" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "taskId" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "output" JSONB,
    "reasoning" TEXT,
    "toolCalls" JSONB NOT NULL DEFAULT '[]',
    "model" TEXT,
    "tokens" INTEGER,
    "costMicroUsd" BIGINT NOT NULL DEFAULT 0,
    "executionMs" INTEGER NOT NULL,
    "workerId" TEXT NOT NULL,
    "errorCode" TEXT,
    "errorMessage" TEXT,
    "verdict" "Verdict",
    "confidence" DOUBLE PRECISION,
    "confidenceRaw" DOUBLE PRECISION,
    "modelProbability" DOUBLE PRECISION,
    "personaSimilarity" DOUBLE PRECISION,
    "contentSafety" DOUBLE PRECISION,
    "historicalSuccess" DOUBLE PRECISION,
    "checks" JSONB NOT NULL DEFAULT '[]',
    "assessment" JSONB,
    "judgedAt" TIMESTAMPTZ(3),
    "invalidatedReason" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Result_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Review" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "taskId" UUID NOT NULL,
    "resultId" UUID NOT NULL,
    "agentId" UUID NOT NULL,
    "campaignId" UUID,
    "taskType" "TaskType" NOT NULL,
    "status" "ReviewStatus" NOT NULL DEFAULT 'PENDING',
    "content" JSONB NOT NULL,
    "contentDigest" TEXT NOT NULL,
    "editedContent" JSONB,
    "mediaUrls" TEXT[],
    "confidence" DOUBLE PRECISION NOT NULL,
    "confidenceRaw" DOUBLE PRECISION NOT NULL,
    "modelProbability" DOUBLE PRECISION NOT NULL,
    "personaSimilarity" DOUBLE PRECISION NOT NULL,
    "contentSafety" DOUBLE PRECISION NOT NULL,
    "historicalSuccess" DOUBLE PRECISION NOT NULL,
    "checks" JSONB NOT NULL DEFAULT '[]',
    "reasons" TEXT[],
    "risk" "RiskLevel" NOT NULL,
    "riskOrder" INTEGER NOT NULL,
    "dueAt" TIMESTAMPTZ(3) NOT NULL,
    "assignedToId" UUID,
    "assignedAt" TIMESTAMPTZ(3),
    "decidedById" UUID,
    "feedback" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decidedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Review_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Effect" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "taskId" UUID NOT NULL,
    "agentId" UUID NOT NULL,
    "status" "EffectStatus" NOT NULL DEFAULT 'PENDING',
    "server" TEXT NOT NULL,
    "tool" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "payloadDigest" TEXT NOT NULL,
    "idempotencyKey" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "claimToken" UUID,
    "leaseExpiresAt" TIMESTAMPTZ(3),
    "notBefore" TIMESTAMPTZ(3),
    "externalId" TEXT,
    "errorCode" TEXT,
    "errorMessage" TEXT,
    "approvedBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sentAt" TIMESTAMPTZ(3),
    "confirmedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Effect_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Post" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "agentId" UUID NOT NULL,
    "taskId" UUID NOT NULL,
    "platform" "Platform" NOT NULL,
    "text" TEXT,
    "mediaUrls" TEXT[],
    "externalId" TEXT NOT NULL,
    "url" TEXT,
    "disclosure" "Disclosure" NOT NULL,
    "likes" INTEGER NOT NULL DEFAULT 0,
    "comments" INTEGER NOT NULL DEFAULT 0,
    "shares" INTEGER NOT NULL DEFAULT 0,
    "publishedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Post_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Mention" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "agentId" UUID NOT NULL,
    "platform" "Platform" NOT NULL,
    "externalId" TEXT NOT NULL,
    "author" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "suspicious" BOOLEAN NOT NULL DEFAULT false,
    "relevance" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "receivedAt" TIMESTAMPTZ(3) NOT NULL,
    "taskId" UUID,

    CONSTRAINT "Mention_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Trend" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "agentId" UUID NOT NULL,
    "digest" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "summary" TEXT NOT NULL,
    "url" TEXT,
    "source" TEXT NOT NULL,
    "relevance" DOUBLE PRECISION NOT NULL,
    "suspicious" BOOLEAN NOT NULL DEFAULT false,
    "publishedAt" TIMESTAMPTZ(3),
    "seenAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Trend_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Transaction" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "agentId" UUID NOT NULL,
    "taskId" UUID,
    "direction" "Direction" NOT NULL,
    "status" "TransactionStatus" NOT NULL DEFAULT 'PENDING',
    "network" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "amountBaseUnits" DECIMAL(78,0) NOT NULL,
    "amountMicroUsd" BIGINT NOT NULL,
    "fromAddress" TEXT NOT NULL,
    "toAddress" TEXT NOT NULL,
    "hash" TEXT,
    "blockNumber" BIGINT,
    "gasCostWei" DECIMAL(78,0),
    "purpose" TEXT NOT NULL,
    "approvedBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "confirmedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Transaction_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SpendEntry" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "agentId" UUID NOT NULL,
    "campaignId" UUID,
    "taskId" UUID,
    "attempt" INTEGER,
    "category" "SpendCategory" NOT NULL,
    "model" TEXT,
    "status" "SpendStatus" NOT NULL DEFAULT 'RESERVED',
    "reservedMicroUsd" BIGINT NOT NULL,
    "actualMicroUsd" BIGINT NOT NULL DEFAULT 0,
    "day" DATE NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "settledAt" TIMESTAMPTZ(3),

    CONSTRAINT "SpendEntry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "BudgetAccount" (
    "tenantId" UUID NOT NULL,
    "scopeId" UUID NOT NULL,
    "day" DATE NOT NULL,
    "reservedMicroUsd" BIGINT NOT NULL DEFAULT 0,
    "spentMicroUsd" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "BudgetAccount_pkey" PRIMARY KEY ("scopeId","day")
);

-- CreateTable
CREATE TABLE "Media" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "agentId" UUID NOT NULL,
    "taskId" UUID,
    "contentDigest" TEXT NOT NULL,
    "mimeType" TEXT NOT NULL,
    "width" INTEGER,
    "height" INTEGER,
    "bytes" INTEGER NOT NULL,
    "storageKey" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Media_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Memory" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "agentId" UUID NOT NULL,
    "collection" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "content" TEXT NOT NULL,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "importance" DOUBLE PRECISION NOT NULL DEFAULT 0.5,
    "embedding" DOUBLE PRECISION[],
    "embeddingModel" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "searchVector" tsvector,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Memory_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Alert" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "rule" TEXT NOT NULL,
    "severity" "Severity" NOT NULL,
    "message" TEXT NOT NULL,
    "agentId" UUID,
    "campaignId" UUID,
    "acknowledgedById" UUID,
    "acknowledgedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Alert_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AuditEntry" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "sequence" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "subjectType" TEXT,
    "subjectId" UUID,
    "data" JSONB NOT NULL DEFAULT '{}',
    "traceId" TEXT,
    "ip" TEXT,
    "userAgent" TEXT,
    "hash" TEXT NOT NULL,
    "previousHash" TEXT NOT NULL,

    CONSTRAINT "AuditEntry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AuditHead" (
    "tenantId" UUID NOT NULL,
    "sequence" BIGINT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "AuditHead_pkey" PRIMARY KEY ("tenantId")
);

-- CreateTable
CREATE TABLE "Outbox" (
    "id" BIGSERIAL NOT NULL,
    "tenantId" UUID NOT NULL,
    "topic" TEXT NOT NULL,
    "kind" "ChangeKind" NOT NULL,
    "subjectId" UUID NOT NULL,
    "agentId" UUID,
    "campaignId" UUID,
    "version" INTEGER NOT NULL,
    "data" JSONB NOT NULL,
    "traceId" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Event" (
    "position" BIGINT NOT NULL,
    "tenantId" UUID NOT NULL,
    "topic" TEXT NOT NULL,
    "kind" "ChangeKind" NOT NULL,
    "subjectId" UUID NOT NULL,
    "agentId" UUID,
    "campaignId" UUID,
    "version" INTEGER NOT NULL,
    "data" JSONB NOT NULL,
    "traceId" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Event_pkey" PRIMARY KEY ("position")
);

-- CreateTable
CREATE TABLE "EventHead" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "position" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "EventHead_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Tenant_name_key" ON "Tenant"("name");

-- CreateIndex
CREATE UNIQUE INDEX "User_tenantId_email_key" ON "User"("tenantId", "email");

-- CreateIndex
CREATE UNIQUE INDEX "Agent_walletAddress_key" ON "Agent"("walletAddress");

-- CreateIndex
CREATE INDEX "Agent_tenantId_status_createdAt_id_idx" ON "Agent"("tenantId", "status", "createdAt" DESC, "id");

-- CreateIndex
CREATE INDEX "Agent_tenantId_createdAt_id_idx" ON "Agent"("tenantId", "createdAt" DESC, "id");

-- CreateIndex
CREATE UNIQUE INDEX "SocialHandle_agentId_platform_key" ON "SocialHandle"("agentId", "platform");

-- CreateIndex
CREATE UNIQUE INDEX "Wallet_address_key" ON "Wallet"("address");

-- CreateIndex
CREATE INDEX "Campaign_tenantId_status_createdAt_id_idx" ON "Campaign"("tenantId", "status", "createdAt" DESC, "id");

-- CreateIndex
CREATE INDEX "Campaign_tenantId_createdAt_id_idx" ON "Campaign"("tenantId", "createdAt" DESC, "id");

-- CreateIndex
CREATE INDEX "CampaignAgent_agentId_campaignId_idx" ON "CampaignAgent"("agentId", "campaignId");

-- CreateIndex
CREATE UNIQUE INDEX "Plan_campaignId_revision_key" ON "Plan"("campaignId", "revision" DESC);

-- CreateIndex
CREATE INDEX "Task_tenantId_createdAt_id_idx" ON "Task"("tenantId", "createdAt" DESC, "id");

-- CreateIndex
CREATE INDEX "Task_tenantId_status_createdAt_id_idx" ON "Task"("tenantId", "status", "createdAt" DESC, "id");

-- CreateIndex
CREATE INDEX "Task_agentId_createdAt_id_idx" ON "Task"("agentId", "createdAt" DESC, "id");

-- CreateIndex
CREATE INDEX "Task_campaignId_status_createdAt_id_idx" ON "Task"("campaignId", "status", "createdAt" DESC, "id");

-- CreateIndex
CREATE INDEX "Task_planId_idx" ON "Task"("planId");

-- CreateIndex
CREATE INDEX "TaskDependency_dependsOnId_idx" ON "TaskDependency"("dependsOnId");

-- CreateIndex
CREATE INDEX "Result_tenantId_judgedAt_idx" ON "Result"("tenantId", "judgedAt" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "Result_taskId_attempt_key" ON "Result"("taskId", "attempt" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "Review_resultId_key" ON "Review"("resultId");

-- CreateIndex
CREATE INDEX "Review_tenantId_status_riskOrder_createdAt_id_idx" ON "Review"("tenantId", "status", "riskOrder", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Review_agentId_status_idx" ON "Review"("agentId", "status");

-- CreateIndex
CREATE INDEX "Review_taskId_createdAt_idx" ON "Review"("taskId", "createdAt" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "Effect_taskId_key" ON "Effect"("taskId");

-- CreateIndex
CREATE UNIQUE INDEX "Effect_idempotencyKey_key" ON "Effect"("idempotencyKey");

-- CreateIndex
CREATE INDEX "Effect_agentId_status_idx" ON "Effect"("agentId", "status");

-- CreateIndex
CREATE UNIQUE INDEX "Post_taskId_key" ON "Post"("taskId");

-- CreateIndex
CREATE INDEX "Post_agentId_publishedAt_id_idx" ON "Post"("agentId", "publishedAt" DESC, "id");

-- CreateIndex
CREATE UNIQUE INDEX "Post_tenantId_platform_externalId_key" ON "Post"("tenantId", "platform", "externalId");

-- CreateIndex
CREATE UNIQUE INDEX "Mention_taskId_key" ON "Mention"("taskId");

-- CreateIndex
CREATE INDEX "Mention_agentId_receivedAt_id_idx" ON "Mention"("agentId", "receivedAt" DESC, "id");

-- CreateIndex
CREATE UNIQUE INDEX "Mention_agentId_platform_externalId_key" ON "Mention"("agentId", "platform", "externalId");

-- CreateIndex
CREATE INDEX "Trend_agentId_seenAt_idx" ON "Trend"("agentId", "seenAt" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "Trend_agentId_digest_key" ON "Trend"("agentId", "digest");

-- CreateIndex
CREATE UNIQUE INDEX "Transaction_hash_key" ON "Transaction"("hash");

-- CreateIndex
CREATE INDEX "Transaction_tenantId_createdAt_id_idx" ON "Transaction"("tenantId", "createdAt" DESC, "id");

-- CreateIndex
CREATE INDEX "Transaction_agentId_createdAt_id_idx" ON "Transaction"("agentId", "createdAt" DESC, "id");

-- CreateIndex
CREATE INDEX "SpendEntry_agentId_day_idx" ON "SpendEntry"("agentId", "day");

-- CreateIndex
CREATE INDEX "SpendEntry_campaignId_day_idx" ON "SpendEntry"("campaignId", "day");

-- CreateIndex
CREATE INDEX "SpendEntry_taskId_idx" ON "SpendEntry"("taskId");

-- CreateIndex
CREATE INDEX "Media_agentId_createdAt_idx" ON "Media"("agentId", "createdAt" DESC);

-- CreateIndex
CREATE INDEX "Media_taskId_idx" ON "Media"("taskId");

-- CreateIndex
CREATE INDEX "Memory_searchVector_idx" ON "Memory" USING GIN ("searchVector");

-- CreateIndex
CREATE INDEX "Memory_agentId_collection_createdAt_idx" ON "Memory"("agentId", "collection", "createdAt" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "Memory_agentId_collection_digest_key" ON "Memory"("agentId", "collection", "digest");

-- CreateIndex
CREATE INDEX "Alert_tenantId_createdAt_id_idx" ON "Alert"("tenantId", "createdAt" DESC, "id");

-- CreateIndex
CREATE INDEX "AuditEntry_tenantId_at_id_idx" ON "AuditEntry"("tenantId", "at" DESC, "id");

-- CreateIndex
CREATE INDEX "AuditEntry_subjectId_at_idx" ON "AuditEntry"("subjectId", "at" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "AuditEntry_tenantId_sequence_key" ON "AuditEntry"("tenantId", "sequence");

-- CreateIndex
CREATE INDEX "Event_tenantId_position_idx" ON "Event"("tenantId", "position");

-- AddForeignKey
ALTER TABLE "User" ADD CONSTRAINT "User_tenantId_fkey" FOREIGN KEY ("tenantId") REFERENCES "Tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "SocialHandle" ADD CONSTRAINT "SocialHandle_agentId_fkey" FOREIGN KEY ("agentId") REFERENCES "Agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Wallet" ADD CONSTRAINT "Wallet_agentId_fkey" FOREIGN KEY ("agentId") REFERENCES "Agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CampaignAgent" ADD CONSTRAINT "CampaignAgent_campaignId_fkey" FOREIGN KEY ("campaignId") REFERENCES "Campaign"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CampaignAgent" ADD CONSTRAINT "CampaignAgent_agentId_fkey" FOREIGN KEY ("agentId") REFERENCES "Agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Plan" ADD CONSTRAINT "Plan_campaignId_fkey" FOREIGN KEY ("campaignId") REFERENCES "Campaign"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Task" ADD CONSTRAINT "Task_agentId_fkey" FOREIGN KEY ("agentId") REFERENCES "Agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Task" ADD CONSTRAINT "Task_campaignId_fkey" FOREIGN KEY ("campaignId") REFERENCES "Campaign"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Task" ADD CONSTRAINT "Task_planId_fkey" FOREIGN KEY ("planId") REFERENCES "Plan"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TaskDependency" ADD CONSTRAINT "TaskDependency_taskId_fkey" FOREIGN KEY ("taskId") REFERENCES "Task"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TaskDependency" ADD CONSTRAINT "TaskDependency_dependsOnId_fkey" FOREIGN KEY ("dependsOnId") REFERENCES "Task"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Result" ADD CONSTRAINT "Result_taskId_fkey" FOREIGN KEY ("taskId") REFERENCES "Task"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Review" ADD CONSTRAINT "Review_taskId_fkey" FOREIGN KEY ("taskId") REFERENCES "Task"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Review" ADD CONSTRAINT "Review_resultId_fkey" FOREIGN KEY ("resultId") REFERENCES "Result"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Review" ADD CONSTRAINT "Review_agentId_fkey" FOREIGN KEY ("agentId") REFERENCES "Agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Review" ADD CONSTRAINT "Review_campaignId_fkey" FOREIGN KEY ("campaignId") REFERENCES "Campaign"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Review" ADD CONSTRAINT "Review_assignedToId_fkey" FOREIGN KEY ("assignedToId") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Review" ADD CONSTRAINT "Review_decidedById_fkey" FOREIGN KEY ("decidedById") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Effect" ADD CONSTRAINT "Effect_taskId_fkey" FOREIGN KEY ("taskId") REFERENCES "Task"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Post" ADD CONSTRAINT "Post_agentId_fkey" FOREIGN KEY ("agentId") REFERENCES "Agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Post" ADD CONSTRAINT "Post_taskId_fkey" FOREIGN KEY ("taskId") REFERENCES "Task"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Mention" ADD CONSTRAINT "Mention_agentId_fkey" FOREIGN KEY ("agentId") REFERENCES "Agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Mention" ADD CONSTRAINT "Mention_taskId_fkey" FOREIGN KEY ("taskId") REFERENCES "Task"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Transaction" ADD CONSTRAINT "Transaction_agentId_fkey" FOREIGN KEY ("agentId") REFERENCES "Agent"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Transaction" ADD CONSTRAINT "Transaction_taskId_fkey" FOREIGN KEY ("taskId") REFERENCES "Task"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Alert" ADD CONSTRAINT "Alert_agentId_fkey" FOREIGN KEY ("agentId") REFERENCES "Agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Alert" ADD CONSTRAINT "Alert_campaignId_fkey" FOREIGN KEY ("campaignId") REFERENCES "Campaign"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Alert" ADD CONSTRAINT "Alert_acknowledgedById_fkey" FOREIGN KEY ("acknowledgedById") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE;


