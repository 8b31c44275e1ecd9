-- What the database itself enforces: tenancy, ranges and states, immutability, the audit chain, and the wake-up of the relay.

-- Roles. The application sees one tenant; the relay (relay, reconciler, schedulers) sees all. Neither is a superuser or
-- may bypass row-level security: what the relay may see is a policy too.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'chimera_app') THEN CREATE ROLE chimera_app NOLOGIN NOSUPERUSER NOBYPASSRLS; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'chimera_relay') THEN CREATE ROLE chimera_relay NOLOGIN NOSUPERUSER NOBYPASSRLS; END IF;
END $$;
GRANT USAGE ON SCHEMA public TO chimera_app, chimera_relay;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO chimera_app, chimera_relay;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO chimera_app, chimera_relay;
DO $$ BEGIN
  IF to_regclass('_prisma_migrations') IS NOT NULL THEN REVOKE ALL ON "_prisma_migrations" FROM chimera_app, chimera_relay; END IF;
END $$;

-- Tenancy: no tenant set, no rows.
CREATE FUNCTION app_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT NULLIF(current_setting('app.current_tenant', true), '')::uuid $$;

DO $$ DECLARE t record; BEGIN
  FOR t IN
    SELECT c.relname, CASE WHEN c.relname = 'Tenant' THEN 'id' ELSE 'tenantId' END AS col
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
      AND (a.attname = 'tenantId' OR (c.relname = 'Tenant' AND a.attname = 'id'))
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t.relname);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t.relname);
    EXECUTE format('CREATE POLICY tenant_isolation ON %I TO chimera_app USING (%I = app_tenant()) WITH CHECK (%I = app_tenant())', t.relname, t.col, t.col);
    EXECUTE format('CREATE POLICY relay_all ON %I TO chimera_relay USING (true) WITH CHECK (true)', t.relname);
  END LOOP;
END $$;

-- Row-level security lets a condition use an index only where its operator is known to leak nothing. Equality of enums
-- compares two numbers, but PostgreSQL does not say so: without this no `status = ...` of the application finds its index.
-- It takes a superuser; on a server where nobody is one, lists by status are read through their other indexes, slower.
DO $$ BEGIN
  ALTER FUNCTION pg_catalog.enum_eq(anyenum, anyenum) LEAKPROOF;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'enum_eq could not be marked leakproof: lists filtered by status will be slower';
END $$;

-- Append-only tables: refused by grant for the roles, and by trigger for everybody.
REVOKE UPDATE, DELETE ON "AuditEntry", "Event" FROM chimera_app, chimera_relay;
REVOKE INSERT ON "Event" FROM chimera_app;
REVOKE ALL ON "EventHead" FROM chimera_app;
REVOKE UPDATE ON "Outbox" FROM chimera_app, chimera_relay;
REVOKE DELETE ON "Transaction", "Result", "SpendEntry" FROM chimera_app, chimera_relay;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- The one exception: purge_events, which deletes what has left the retention.
  IF TG_TABLE_NAME = 'Event' AND TG_OP = 'DELETE' AND current_setting('chimera.purging', true) = 'on' THEN RETURN OLD; END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "AuditEntry" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON "AuditEntry" EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "Event" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON "Event" EXECUTE FUNCTION refuse_change();
CREATE TRIGGER confirmed_is_final BEFORE UPDATE OR DELETE ON "Transaction" FOR EACH ROW WHEN (OLD.status = 'CONFIRMED') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER settled_is_final BEFORE UPDATE OR DELETE ON "SpendEntry" FOR EACH ROW WHEN (OLD.status <> 'RESERVED') EXECUTE FUNCTION refuse_change();

CREATE TRIGGER final_truncate BEFORE TRUNCATE ON "Transaction" EXECUTE FUNCTION refuse_change();
CREATE TRIGGER final_truncate BEFORE TRUNCATE ON "SpendEntry" EXECUTE FUNCTION refuse_change();

-- A row points to rows of its own tenant only. Foreign keys alone do not say so (their checks see every tenant), so each
-- table gets a trigger with one look-up a reference, a foreign key or not; it runs on INSERT and when a reference is set anew.
-- The logs (Outbox, Event) and Memory, which the memory server keeps by the agent's name for it, refer loosely.
DO $do$ DECLARE t record; BEGIN
  FOR t IN
    WITH reference AS (
      SELECT c.conrelid AS owner, a.attname, c.confrelid AS target FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] AND a.attname <> 'tenantId'
      WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
      UNION
      SELECT a.attrelid, a.attname, n.target::regclass FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
        JOIN (VALUES ('agentId', '"Agent"'), ('campaignId', '"Campaign"'), ('taskId', '"Task"')) AS n(attname, target) ON n.attname = a.attname
      WHERE c.relnamespace = 'public'::regnamespace AND c.relname NOT IN ('Outbox', 'Event', 'Memory')
    )
    SELECT r.owner::regclass AS "table", c.relname, string_agg(format('%I', r.attname), ', ') AS columns,
      string_agg(format('IF NEW.%1$I IS NOT NULL AND NOT EXISTS (SELECT FROM %2$s WHERE id = NEW.%1$I AND "tenantId" = NEW."tenantId") THEN '
        'RAISE EXCEPTION ''%%.%% points to no row of its tenant'', TG_TABLE_NAME, %1$L USING ERRCODE = ''foreign_key_violation''; END IF;',
        r.attname, r.target::regclass), ' ') AS checks
    FROM reference r JOIN pg_class c ON c.oid = r.owner GROUP BY r.owner, c.relname
  LOOP
    EXECUTE format('CREATE FUNCTION %I() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN %s RETURN NULL; END $f$', t.relname || '_same_tenant', t.checks);
    EXECUTE format('CREATE TRIGGER same_tenant AFTER INSERT OR UPDATE OF "tenantId", %s ON %s FOR EACH ROW EXECUTE FUNCTION %I()', t.columns, t."table", t.relname || '_same_tenant');
  END LOOP;
END $do$;
CREATE FUNCTION "BudgetAccount_same_tenant"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM "Agent" WHERE id = NEW."scopeId" AND "tenantId" = NEW."tenantId")
    AND NOT EXISTS (SELECT FROM "Campaign" WHERE id = NEW."scopeId" AND "tenantId" = NEW."tenantId") THEN
    RAISE EXCEPTION 'BudgetAccount.scopeId points to no row of its tenant' USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER same_tenant AFTER INSERT OR UPDATE OF "tenantId", "scopeId" ON "BudgetAccount" FOR EACH ROW EXECUTE FUNCTION "BudgetAccount_same_tenant"();

-- The audit chain: hash(n) = sha256(hash(n-1) || canonical JSON of the entry); one chain a tenant, serialised by the head row.
CREATE FUNCTION audit_digest(e "AuditEntry") RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT encode(sha256(convert_to(e."previousHash" || jsonb_build_object(
    'id', e.id, 'tenantId', e."tenantId", 'sequence', e.sequence, 'at', (extract(epoch FROM e.at) * 1000)::bigint,
    'actor', e.actor, 'action', e.action, 'subjectType', e."subjectType", 'subjectId', e."subjectId", 'data', e.data,
    'traceId', e."traceId", 'ip', e.ip, 'userAgent', e."userAgent")::text, 'UTF8')), 'hex')
$$;
CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE head record;
BEGIN
  SELECT sequence, hash INTO head FROM "AuditHead" WHERE "tenantId" = NEW."tenantId" FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO "AuditHead" ("tenantId", sequence, hash) VALUES (NEW."tenantId", 0, repeat('0', 64)) ON CONFLICT DO NOTHING;
    SELECT sequence, hash INTO head FROM "AuditHead" WHERE "tenantId" = NEW."tenantId" FOR UPDATE;
  END IF;
  NEW.sequence := head.sequence + 1;
  NEW."previousHash" := head.hash;
  NEW.hash := audit_digest(NEW);
  UPDATE "AuditHead" SET sequence = NEW.sequence, hash = NEW.hash WHERE "tenantId" = NEW."tenantId";
  RETURN NEW;
END $$;
CREATE TRIGGER audit_chain BEFORE INSERT ON "AuditEntry" FOR EACH ROW EXECUTE FUNCTION audit_chain();
-- The head moves with the chain only, never by a statement of its own.
CREATE TRIGGER moved_by_chain BEFORE INSERT OR UPDATE OR DELETE ON "AuditHead" FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER moved_by_chain_truncate BEFORE TRUNCATE ON "AuditHead" EXECUTE FUNCTION refuse_change();

-- The relay listens; equal notifications of one transaction are one.
CREATE FUNCTION wake_relay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_notify('chimera_outbox', ''); RETURN NULL; END $$;
CREATE TRIGGER wake_relay AFTER INSERT ON "Outbox" FOR EACH STATEMENT EXECUTE FUNCTION wake_relay();
INSERT INTO "EventHead" (id, position) VALUES (1, 0);

-- Ranges and states.
ALTER TABLE "Tenant"
  ADD CONSTRAINT "Tenant_thresholds" CHECK ("escalateThreshold" >= 0 AND "escalateThreshold" <= "approveThreshold" AND "approveThreshold" <= 1);
ALTER TABLE "Agent"
  ADD CONSTRAINT "Agent_name" CHECK (length(name) BETWEEN 1 AND 100),
  ADD CONSTRAINT "Agent_bio" CHECK (length(bio) <= 500),
  ADD CONSTRAINT "Agent_budget" CHECK ("budgetDailyMicroUsd" BETWEEN 0 AND 1000000000000),
  ADD CONSTRAINT "Agent_wallet" CHECK ("walletAddress" ~ '^0x[0-9a-fA-F]{40}$'),
  ADD CONSTRAINT "Agent_version" CHECK (version >= 1);
ALTER TABLE "Campaign"
  ADD CONSTRAINT "Campaign_name" CHECK (length(name) BETWEEN 1 AND 200),
  ADD CONSTRAINT "Campaign_goals" CHECK (length(goals) BETWEEN 1 AND 10000),
  ADD CONSTRAINT "Campaign_dates" CHECK ("endsAt" IS NULL OR "endsAt" > "startsAt"),
  ADD CONSTRAINT "Campaign_budget" CHECK (("budgetDailyMicroUsd" IS NULL OR "budgetDailyMicroUsd" BETWEEN 0 AND 1000000000000)
    AND ("budgetTotalMicroUsd" IS NULL OR "budgetTotalMicroUsd" BETWEEN 0 AND 1000000000000)),
  ADD CONSTRAINT "Campaign_versions" CHECK (version >= 1 AND "stateVersion" >= 1 AND "planRevision" >= 0),
  ADD CONSTRAINT "Campaign_planDue" CHECK (("planDueReason" IS NULL) = ("planDueAt" IS NULL));
ALTER TABLE "Plan"
  ADD CONSTRAINT "Plan_revision" CHECK (revision >= 1 AND "costMicroUsd" >= 0);
ALTER TABLE "Task"
  ADD CONSTRAINT "Task_priority" CHECK (priority BETWEEN 1 AND 10),
  ADD CONSTRAINT "Task_attempts" CHECK (attempt >= 0 AND "maxAttempts" BETWEEN 1 AND 20 AND "timeoutSeconds" BETWEEN 1 AND 3600),
  ADD CONSTRAINT "Task_openDependencies" CHECK ("openDependencies" >= 0),
  ADD CONSTRAINT "Task_queued" CHECK (status <> 'QUEUED' OR "openDependencies" = 0),
  ADD CONSTRAINT "Task_claim" CHECK ((status = 'IN_PROGRESS') = ("claimToken" IS NOT NULL) AND (status = 'IN_PROGRESS') = ("leaseExpiresAt" IS NOT NULL)),
  ADD CONSTRAINT "Task_complete" CHECK (status <> 'COMPLETE' OR (output IS NOT NULL AND "completedAt" IS NOT NULL)),
  ADD CONSTRAINT "Task_applying" CHECK (status <> 'APPLYING' OR output IS NOT NULL),
  ADD CONSTRAINT "Task_failed" CHECK (status <> 'FAILED' OR "errorCode" IS NOT NULL);
ALTER TABLE "TaskDependency"
  ADD CONSTRAINT "TaskDependency_self" CHECK ("taskId" <> "dependsOnId");
ALTER TABLE "Result"
  ADD CONSTRAINT "Result_attempt" CHECK (attempt >= 1 AND "executionMs" >= 0 AND "costMicroUsd" >= 0),
  ADD CONSTRAINT "Result_confidence" CHECK (confidence BETWEEN 0 AND 1 AND "confidenceRaw" BETWEEN 0 AND 1 AND "modelProbability" BETWEEN 0 AND 1
    AND "personaSimilarity" BETWEEN 0 AND 1 AND "contentSafety" BETWEEN 0 AND 1 AND "historicalSuccess" BETWEEN 0 AND 1),
  ADD CONSTRAINT "Result_verdict" CHECK ((verdict IS NULL) = ("judgedAt" IS NULL) AND (verdict IS NULL OR confidence IS NOT NULL));
ALTER TABLE "Review"
  ADD CONSTRAINT "Review_digest" CHECK ("contentDigest" ~ '^[0-9a-f]{64}$'),
  ADD CONSTRAINT "Review_confidence" CHECK (confidence BETWEEN 0 AND 1),
  ADD CONSTRAINT "Review_decided" CHECK ((status IN ('APPROVED', 'EDITED', 'REJECTED')) = ("decidedById" IS NOT NULL) AND (status = 'PENDING') = ("decidedAt" IS NULL)),
  ADD CONSTRAINT "Review_edited" CHECK ((status = 'EDITED') = ("editedContent" IS NOT NULL)),
  ADD CONSTRAINT "Review_riskOrder" CHECK ("riskOrder" = CASE risk WHEN 'HIGH' THEN 0 WHEN 'MEDIUM' THEN 1 ELSE 2 END);
ALTER TABLE "Effect"
  ADD CONSTRAINT "Effect_digest" CHECK ("payloadDigest" ~ '^[0-9a-f]{64}$'),
  ADD CONSTRAINT "Effect_sent" CHECK (status <> 'SENT' OR ("sentAt" IS NOT NULL AND "claimToken" IS NOT NULL AND "leaseExpiresAt" IS NOT NULL)),
  ADD CONSTRAINT "Effect_confirmed" CHECK ((status = 'CONFIRMED') = ("confirmedAt" IS NOT NULL) AND (status <> 'CONFIRMED' OR "externalId" IS NOT NULL));
ALTER TABLE "Post" ADD CONSTRAINT "Post_counts" CHECK (likes >= 0 AND comments >= 0 AND shares >= 0);
ALTER TABLE "Mention" ADD CONSTRAINT "Mention_relevance" CHECK (relevance BETWEEN 0 AND 1);
ALTER TABLE "Trend" ADD CONSTRAINT "Trend_relevance" CHECK (relevance BETWEEN 0 AND 1);
ALTER TABLE "Transaction"
  ADD CONSTRAINT "Transaction_amount" CHECK ("amountBaseUnits" > 0 AND "amountMicroUsd" >= 0),
  ADD CONSTRAINT "Transaction_confirmed" CHECK ((status = 'CONFIRMED') = ("confirmedAt" IS NOT NULL) AND (status <> 'CONFIRMED' OR hash IS NOT NULL));
ALTER TABLE "SpendEntry"
  ADD CONSTRAINT "SpendEntry_amounts" CHECK ("reservedMicroUsd" >= 0 AND "actualMicroUsd" >= 0),
  ADD CONSTRAINT "SpendEntry_settled" CHECK ((status = 'RESERVED') = ("settledAt" IS NULL) AND (status = 'SETTLED' OR "actualMicroUsd" = 0));
ALTER TABLE "BudgetAccount" ADD CONSTRAINT "BudgetAccount_amounts" CHECK ("reservedMicroUsd" >= 0 AND "spentMicroUsd" >= 0);
ALTER TABLE "Memory" ADD CONSTRAINT "Memory_importance" CHECK (importance BETWEEN 0 AND 1);
ALTER TABLE "Memory"
  DROP COLUMN "searchVector",
  ADD COLUMN "searchVector" tsvector GENERATED ALWAYS AS (to_tsvector('simple', content)) STORED;
CREATE INDEX "Memory_searchVector_idx" ON "Memory" USING gin ("searchVector");

-- What is due, for the reconciler and the schedulers: small partial indexes over live work only.
CREATE INDEX "Task_queued_idx" ON "Task" ("notBefore") WHERE status = 'QUEUED';
CREATE INDEX "Task_lease_idx" ON "Task" ("leaseExpiresAt") WHERE status = 'IN_PROGRESS';
CREATE INDEX "Task_inReview_idx" ON "Task" ("createdAt") WHERE status = 'IN_REVIEW';
CREATE INDEX "Campaign_planDue_idx" ON "Campaign" ("planDueAt") WHERE "planDueReason" IS NOT NULL;
CREATE INDEX "Campaign_endsAt_idx" ON "Campaign" ("endsAt") WHERE status = 'ACTIVE';
CREATE INDEX "Effect_open_idx" ON "Effect" ("leaseExpiresAt") WHERE status IN ('PENDING', 'SENT');
CREATE INDEX "SpendEntry_reserved_idx" ON "SpendEntry" ("expiresAt") WHERE status = 'RESERVED';
CREATE INDEX "Agent_poll_idx" ON "Agent" ("mentionsPollDueAt", "trendsPollDueAt") WHERE status = 'ACTIVE';

-- The limit of a budget account in micro-USD; NULL means none. 1970-01-01 is the account of the total.
CREATE FUNCTION budget_limit(scope uuid, d date) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN d = DATE '1970-01-01' THEN (SELECT "budgetTotalMicroUsd" FROM "Campaign" WHERE id = scope)
    ELSE coalesce((SELECT "budgetDailyMicroUsd" FROM "Agent" WHERE id = scope), (SELECT "budgetDailyMicroUsd" FROM "Campaign" WHERE id = scope)) END
$$;

-- The lifecycle of a task (domain/task/task-lifecycle.ts): whatever writes, no illegal transition is stored.
CREATE FUNCTION task_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT (CASE OLD.status
    WHEN 'PENDING' THEN NEW.status IN ('QUEUED', 'CANCELLED')
    WHEN 'QUEUED' THEN NEW.status IN ('IN_PROGRESS', 'CANCELLED')
    WHEN 'IN_PROGRESS' THEN NEW.status IN ('IN_REVIEW', 'QUEUED', 'FAILED', 'CANCELLED')
    WHEN 'IN_REVIEW' THEN NEW.status IN ('COMPLETE', 'APPLYING', 'ESCALATED', 'QUEUED', 'REJECTED', 'CANCELLED')
    WHEN 'ESCALATED' THEN NEW.status IN ('COMPLETE', 'APPLYING', 'REJECTED', 'CANCELLED')
    WHEN 'APPLYING' THEN NEW.status IN ('COMPLETE', 'FAILED', 'CANCELLED')
    ELSE false
  END) THEN
    RAISE EXCEPTION 'a task that is % cannot become %', OLD.status, NEW.status USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER task_transition BEFORE UPDATE OF status ON "Task" FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION task_transition();

-- Retention of the event log, in batches. It runs as the owner, because no role may delete events; an hour is always kept.
CREATE FUNCTION purge_events(older_than timestamptz) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE purged bigint;
BEGIN
  PERFORM set_config('chimera.purging', 'on', true);
  DELETE FROM "Event" WHERE position IN (
    SELECT position FROM (SELECT position, "createdAt" FROM "Event" ORDER BY position LIMIT 10000) AS oldest
    WHERE "createdAt" < least(older_than, now() - interval '1 hour')
  );
  GET DIAGNOSTICS purged = ROW_COUNT;
  PERFORM set_config('chimera.purging', 'off', true);
  RETURN purged;
END $$;
REVOKE ALL ON FUNCTION purge_events(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION purge_events(timestamptz) TO chimera_relay;
DO $$ BEGIN EXECUTE format('CREATE POLICY retention ON "Event" TO %I USING (true)', current_user); END $$;

-- The Worker's look at an agent's last drafts.
CREATE INDEX "Task_drafts_idx" ON "Task" ("agentId", "createdAt" DESC, id DESC) WHERE type = 'GENERATE_POST' AND status IN ('COMPLETE', 'ESCALATED');
