import type { Sql } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import type { NewEvent } from '../events.ts';

export interface AlertRequest {
  /** What was broken, e.g. E1001; equal unacknowledged alerts of a subject are raised once. */
  rule: string;
  severity: 'INFO' | 'WARNING' | 'CRITICAL';
  message: string;
  agentId?: string | null;
  campaignId?: string | null;
  /** Raised also while an equal one is open: for what a person did. */
  everyTime?: boolean;
}

/** Raises an alert in the caller's transaction and returns its event, or none when an equal one is still open. */
export async function raiseAlert(sql: Sql, tenantId: string, alert: AlertRequest): Promise<NewEvent<'alert'>[]> {
  const [row] = await sql.query<{ id: string }>(
    `INSERT INTO "Alert" (id, "tenantId", rule, severity, message, "agentId", "campaignId")
     SELECT $1, $2, $3, $4::"Severity", $5, $6, $7
     WHERE $8 OR NOT EXISTS (SELECT 1 FROM "Alert" a WHERE a."tenantId" = $2 AND a.rule = $3 AND a."acknowledgedAt" IS NULL AND a."agentId" IS NOT DISTINCT FROM $6::uuid
       AND a."campaignId" IS NOT DISTINCT FROM $7::uuid AND a."createdAt" > now() - interval '1 hour')
     RETURNING id`,
    [
      newId(),
      tenantId,
      alert.rule,
      alert.severity,
      alert.message.slice(0, 2000),
      alert.agentId ?? null,
      alert.campaignId ?? null,
      alert.everyTime ?? false,
    ],
  );
  if (!row) return [];
  return [
    {
      topic: 'alert',
      kind: 'CREATED',
      subjectId: row.id,
      agentId: alert.agentId,
      campaignId: alert.campaignId,
      version: 1,
      data: { rule: alert.rule, severity: alert.severity, message: alert.message.slice(0, 2000) },
    },
  ];
}
