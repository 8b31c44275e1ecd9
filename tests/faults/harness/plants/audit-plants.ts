import type { Plants } from './plants.ts';
import { copy, one, sql } from './plants.ts';

/** The audit chain verifies. */
export const auditPlants: Plants = {
  'an entry that was changed': {
    says: 'broken links',
    plant: sql(`UPDATE "AuditEntry" SET actor = 'nobody' WHERE sequence = 2`),
  },
  'an entry and its hash changed': {
    says: 'broken links',
    plant: sql(
      `UPDATE "AuditEntry" SET actor = 'nobody' WHERE sequence = 2`,
      'UPDATE "AuditEntry" e SET hash = audit_digest(e) WHERE sequence = 2',
    ),
  },
  'an entry that was removed': { says: 'broken links', plant: sql('DELETE FROM "AuditEntry" WHERE sequence = 2') },
  'the first removed': { says: 'broken links', plant: sql('DELETE FROM "AuditEntry" WHERE sequence = 1') },
  'the last removed': {
    says: 'wrong heads',
    plant: sql(
      'DELETE FROM "AuditEntry" e USING "AuditHead" h WHERE (h."tenantId", h.sequence) = (e."tenantId", e.sequence)',
    ),
  },
  'a head that was changed': { says: 'wrong heads', plant: sql(`UPDATE "AuditHead" SET hash = repeat('1', 64)`) },
  'a lost head': { says: 'wrong heads', plant: sql('DELETE FROM "AuditHead"') },
  'a publication entered twice': {
    says: 'without exactly one entry',
    plant: sql(
      'SET LOCAL session_replication_role = origin',
      copy('AuditEntry', `action = 'effect.confirmed'`, `'id', gen_random_uuid()`),
    ),
  },
  'a publication that was never entered, in a chain that is sound': {
    says: 'without exactly one entry',
    plant: sql(`DO $$ DECLARE t uuid; e "AuditEntry"; n int := 0; last text := repeat('0', 64); BEGIN
      DELETE FROM "AuditEntry" WHERE id = ${one('AuditEntry', `action = 'effect.confirmed'`)} RETURNING "tenantId" INTO t;
      FOR e IN SELECT * FROM "AuditEntry" WHERE "tenantId" = t ORDER BY sequence LOOP
        n := n + 1; e.sequence := n; e."previousHash" := last; last := audit_digest(e);
        UPDATE "AuditEntry" SET sequence = n, "previousHash" = e."previousHash", hash = last WHERE id = e.id;
      END LOOP;
      UPDATE "AuditHead" SET sequence = n, hash = last WHERE "tenantId" = t; END $$`),
  },
};
