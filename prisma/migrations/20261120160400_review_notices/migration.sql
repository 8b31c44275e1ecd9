-- Notices of a review's due time, overdue reviews first in the queue, and claims of reviews that expire.
ALTER TABLE "Review"
  ADD COLUMN "noticeAt" TIMESTAMPTZ(3),
  ADD COLUMN "overdueOrder" INTEGER NOT NULL DEFAULT 1,
  ADD COLUMN "claimExpiresAt" TIMESTAMPTZ(3);

DROP INDEX "Review_tenantId_status_riskOrder_createdAt_id_idx";
CREATE INDEX "Review_tenantId_status_overdueOrder_riskOrder_createdAt_id_idx" ON "Review"("tenantId", "status", "overdueOrder", "riskOrder", "createdAt", "id");
-- The schedules' look: small partial indexes over what still waits.
CREATE INDEX "Review_notice_idx" ON "Review" ("noticeAt") WHERE status = 'PENDING' AND "noticeAt" IS NOT NULL;
CREATE INDEX "Review_claim_idx" ON "Review" ("claimExpiresAt") WHERE status = 'PENDING' AND "claimExpiresAt" IS NOT NULL;

-- Whoever writes a review, its first notice comes at two thirds of its time.
CREATE FUNCTION review_notice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."noticeAt" := NEW."createdAt" + (NEW."dueAt" - NEW."createdAt") * 2 / 3;
  RETURN NEW;
END $$;
CREATE TRIGGER review_notice BEFORE INSERT ON "Review" FOR EACH ROW EXECUTE FUNCTION review_notice();

-- What waits already. The owner of the tables sees no row of theirs while row-level security is forced on it.
ALTER TABLE "Review" NO FORCE ROW LEVEL SECURITY;
UPDATE "Review" SET "noticeAt" = "createdAt" + ("dueAt" - "createdAt") * 2 / 3,
  "claimExpiresAt" = CASE WHEN "assignedToId" IS NOT NULL THEN now() + interval '15 minutes' END
WHERE status = 'PENDING';
ALTER TABLE "Review" FORCE ROW LEVEL SECURITY;

ALTER TABLE "Review" ADD CONSTRAINT "Review_overdueOrder" CHECK ("overdueOrder" IN (0, 1));
