-- The audit chain in one pass over a statement's rows: the head is read once and written once, not once a row (each version
-- of the head row made within a transaction stays in the way until it ends). Between the rows the chain's end is carried in a
-- setting of the transaction. Whoever tampers with that setting breaks only its own statement: the check at the end compares
-- numbers and links of all inserted rows with the head. Hashes are unchanged.
CREATE OR REPLACE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  setting text := 'chimera.audit_' || replace(NEW."tenantId"::text, '-', '_');
  carried text := current_setting(setting, true);
  head record;
BEGIN
  IF carried IS NULL OR carried = '' THEN
    SELECT sequence, hash INTO head FROM "AuditHead" WHERE "tenantId" = NEW."tenantId" FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO "AuditHead" ("tenantId", sequence, hash) VALUES (NEW."tenantId", 0, repeat('0', 64)) ON CONFLICT DO NOTHING;
      SELECT sequence, hash INTO head FROM "AuditHead" WHERE "tenantId" = NEW."tenantId" FOR UPDATE;
    END IF;
    NEW.sequence := head.sequence + 1;
    NEW."previousHash" := head.hash;
  ELSE
    NEW.sequence := split_part(carried, ' ', 1)::bigint + 1;
    NEW."previousHash" := split_part(carried, ' ', 2);
  END IF;
  NEW.hash := audit_digest(NEW);
  PERFORM set_config(setting, NEW.sequence || ' ' || NEW.hash, true);
  RETURN NEW;
END $$;
CREATE FUNCTION audit_head() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE chain record;
BEGIN
  FOR chain IN
    SELECT i."tenantId", max(i.sequence) AS sequence, (array_agg(i.hash ORDER BY i.sequence DESC))[1] AS hash,
      h.sequence + count(*) = max(i.sequence) AND bool_and(i."previousHash" = i.expected) AS links
    FROM (SELECT "tenantId", sequence, hash, "previousHash", lag(hash) OVER (PARTITION BY "tenantId" ORDER BY sequence) AS before FROM inserted) s
    JOIN "AuditHead" h ON h."tenantId" = s."tenantId"
    CROSS JOIN LATERAL (SELECT s.*, coalesce(s.before, h.hash) AS expected) i
    GROUP BY i."tenantId", h.sequence
  LOOP
    IF NOT chain.links THEN
      RAISE EXCEPTION 'the audit entries do not continue the chain of their tenant' USING ERRCODE = 'check_violation';
    END IF;
    UPDATE "AuditHead" SET sequence = chain.sequence, hash = chain.hash WHERE "tenantId" = chain."tenantId";
    PERFORM set_config('chimera.audit_' || replace(chain."tenantId"::text, '-', '_'), '', true);
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER audit_head AFTER INSERT ON "AuditEntry" REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION audit_head();
