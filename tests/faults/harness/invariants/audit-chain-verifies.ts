import type { World } from '../world.ts';
import type { Violations } from './violations.ts';
import { say } from './violations.ts';

/** Every hash covers its entry and the one before, the head is the last, and each publication was entered once. */
export async function auditChainVerifies({ services }: World): Promise<Violations> {
  const broken = await services.sql(
    `SELECT "tenantId", sequence FROM (SELECT e.*, lag(hash, 1, repeat('0', 64)) OVER w AS before, row_number() OVER w AS expected FROM "AuditEntry" e WINDOW w AS (PARTITION BY "tenantId" ORDER BY sequence)) chain
       JOIN LATERAL (SELECT audit_digest(e) AS digest FROM "AuditEntry" e WHERE e.id = chain.id) d ON true WHERE digest <> hash OR before <> "previousHash" OR expected <> sequence`,
  );
  const heads = await services.sql(
    `SELECT coalesce(h."tenantId", e."tenantId") AS "tenantId" FROM "AuditHead" h FULL JOIN (SELECT DISTINCT ON ("tenantId") "tenantId", sequence, hash FROM "AuditEntry" ORDER BY "tenantId", sequence DESC) e ON e."tenantId" = h."tenantId"
     WHERE (h.sequence, h.hash) IS DISTINCT FROM (e.sequence, e.hash)`,
  );
  const unaudited = await services.sql(
    `SELECT e.id FROM "Effect" e WHERE e.status = 'CONFIRMED' AND (SELECT count(*) FROM "AuditEntry" a WHERE a.action = 'effect.confirmed' AND a."subjectId" = e.id) <> 1`,
  );
  return [
    ...say(broken, 'broken links'),
    ...say(heads, 'wrong heads'),
    ...say(unaudited, 'publications without exactly one entry'),
  ];
}
