-- The rule that a row points to rows of its own tenant only, checked for all inserted rows of a statement at once: one
-- look-up a reference and statement instead of one a row. What an UPDATE sets anew is still checked row by row (PostgreSQL
-- gives a trigger with a column list no transition table), and only when it names such a column.
-- A scalar subquery, because it is always answered by the primary key; an anti-join may read the whole table.
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
      string_agg(format('IF EXISTS (SELECT FROM inserted n WHERE n.%1$I IS NOT NULL AND (SELECT r."tenantId" FROM %2$s r WHERE r.id = n.%1$I) IS DISTINCT FROM n."tenantId") THEN '
        'RAISE EXCEPTION ''%%.%% points to no row of its tenant'', TG_TABLE_NAME, %1$L USING ERRCODE = ''foreign_key_violation''; END IF;',
        r.attname, r.target::regclass), ' ') AS checks
    FROM reference r JOIN pg_class c ON c.oid = r.owner
    WHERE EXISTS (SELECT FROM pg_trigger WHERE tgrelid = r.owner AND tgname = 'same_tenant')
    GROUP BY r.owner, c.relname
  LOOP
    EXECUTE format('CREATE FUNCTION %I() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN %s RETURN NULL; END $f$', t.relname || '_inserted_same_tenant', t.checks);
    EXECUTE format('DROP TRIGGER same_tenant ON %s', t."table");
    EXECUTE format('CREATE TRIGGER same_tenant AFTER UPDATE OF "tenantId", %s ON %s FOR EACH ROW EXECUTE FUNCTION %I()', t.columns, t."table", t.relname || '_same_tenant');
    EXECUTE format('CREATE TRIGGER inserted_same_tenant AFTER INSERT ON %s REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION %I()', t."table", t.relname || '_inserted_same_tenant');
  END LOOP;
END $do$;
