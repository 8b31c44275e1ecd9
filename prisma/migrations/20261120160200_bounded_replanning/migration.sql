-- Re-planning is bounded: a campaign that cannot succeed ends FAILED.
ALTER TYPE "CampaignStatus" ADD VALUE 'FAILED';

ALTER TABLE "Campaign"
  ADD COLUMN "planRequest" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "planRequestReason" "PlanReason",
  ADD COLUMN "planRepairs" INTEGER NOT NULL DEFAULT 0;

-- A paused campaign reaches its end too; one without an end is complete when everything planned is done.
DROP INDEX "Campaign_endsAt_idx";
CREATE INDEX "Campaign_endsAt_idx" ON "Campaign" ("endsAt") WHERE status IN ('ACTIVE', 'PAUSED');
CREATE INDEX "Campaign_openEnded_idx" ON "Campaign" (id) WHERE status = 'ACTIVE' AND "endsAt" IS NULL AND "planDueReason" IS NULL;
