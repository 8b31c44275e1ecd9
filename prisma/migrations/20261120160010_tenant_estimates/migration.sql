-- Statistics soon: until the first ANALYZE the planner takes the row-level security condition on "tenantId" for selective and
-- reads whole tenant indexes. The default (10 % of the rows, at least 50) is too late for tables that grow a hundredfold in
-- their first minute, and too rare for them once they are large.
DO $do$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY ARRAY['Task', 'Result', 'SpendEntry', 'AuditEntry', 'Event', 'Review', 'Effect', 'Post', 'Memory', 'TaskDependency'] LOOP
    EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_threshold = 200, autovacuum_analyze_scale_factor = 0.02)', t);
  END LOOP;
END $do$;

-- The tenant is looked up once a statement, and behind a subquery: the planner would otherwise fold it and, for a tenant
-- that came after the last ANALYZE, expect no rows, and read a whole tenant index where a key was given. Not knowing the
-- value it expects an average tenant.
DO $do$ DECLARE p record; BEGIN
  FOR p IN SELECT polrelid::regclass AS "table", a.attname AS col FROM pg_policy
    JOIN pg_class c ON c.oid = polrelid
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = CASE WHEN c.relname = 'Tenant' THEN 'id' ELSE 'tenantId' END
    WHERE polname = 'tenant_isolation' AND c.relnamespace = 'public'::regnamespace
  LOOP
    EXECUTE format('ALTER POLICY tenant_isolation ON %s USING (%I = (SELECT app_tenant())) WITH CHECK (%I = (SELECT app_tenant()))', p."table", p.col, p.col);
  END LOOP;
END $do$;
