-- A total limit for agents, and the mark of campaigns that wait for money: which limit refused them and how much they asked
-- for. Campaigns paused by E1001 before this migration carry no mark: a person resumes them, as before.
ALTER TABLE "Agent"
  ADD COLUMN "budgetTotalMicroUsd" BIGINT,
  ADD CONSTRAINT "Agent_budgetTotal" CHECK ("budgetTotalMicroUsd" BETWEEN 0 AND 1000000000000);
ALTER TABLE "Campaign"
  ADD COLUMN "budgetHoldScopeId" UUID,
  ADD COLUMN "budgetHoldDay" DATE,
  ADD COLUMN "budgetHoldMicroUsd" BIGINT,
  ADD CONSTRAINT "Campaign_budgetHold" CHECK (("budgetHoldDay" IS NULL) = ("budgetHoldMicroUsd" IS NULL) AND "budgetHoldMicroUsd" >= 0);
CREATE FUNCTION "Campaign_hold_same_tenant"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM "Agent" WHERE id = NEW."budgetHoldScopeId" AND "tenantId" = NEW."tenantId")
    AND NOT EXISTS (SELECT FROM "Campaign" WHERE id = NEW."budgetHoldScopeId" AND "tenantId" = NEW."tenantId") THEN
    RAISE EXCEPTION 'Campaign.budgetHoldScopeId points to no row of its tenant' USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER same_tenant AFTER INSERT OR UPDATE OF "tenantId", "budgetHoldScopeId" ON "Campaign"
  FOR EACH ROW WHEN (NEW."budgetHoldScopeId" IS NOT NULL) EXECUTE FUNCTION "Campaign_hold_same_tenant"();
CREATE INDEX "Campaign_budgetHold_idx" ON "Campaign" ("budgetHoldScopeId") WHERE "budgetHoldScopeId" IS NOT NULL;

-- The limit of a budget account in micro-USD; NULL means none. 1970-01-01 is the account of the total.
CREATE OR REPLACE FUNCTION budget_limit(scope uuid, d date) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN d = DATE '1970-01-01'
    THEN coalesce((SELECT "budgetTotalMicroUsd" FROM "Agent" WHERE id = scope), (SELECT "budgetTotalMicroUsd" FROM "Campaign" WHERE id = scope))
    ELSE coalesce((SELECT "budgetDailyMicroUsd" FROM "Agent" WHERE id = scope), (SELECT "budgetDailyMicroUsd" FROM "Campaign" WHERE id = scope)) END
$$;

-- What a budget account can still grant, outstanding reservations counted; NULL where there is no limit.
CREATE FUNCTION budget_room(scope uuid, d date) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT budget_limit(scope, d) - coalesce((SELECT "spentMicroUsd" + "reservedMicroUsd" FROM "BudgetAccount" WHERE "scopeId" = scope AND day = d), 0)
$$;
