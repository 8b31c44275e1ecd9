import type { Sql } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import type { DomainContext } from '../context.ts';
import { askAboutLateEffect } from './ask-about-effect.ts';

export interface ClaimedEffect extends Record<string, unknown> {
  id: string;
  taskId: string;
  agentId: string;
  campaignId: string | null;
  server: string;
  tool: string;
  payload: Record<string, unknown>;
  payloadDigest: string;
  idempotencyKey: string;
  attempt: number;
  outages: number;
  claimToken: string;
  sentAt: Date;
  createdAt: Date;
  traceId: string;
  /** The fault the last call met, or OUTCOME_UNKNOWN where a person had it sent again. */
  errorCode: string | null;
  errorMessage: string | null;
}

/** Said of an effect that a person has sent again although nobody knows what became of it: it is looked up first. */
export const OUTCOME_UNKNOWN = 'OUTCOME_UNKNOWN';

interface Ground extends Record<string, unknown> {
  active: boolean;
  campaignId: string | null;
  /** Its scheduled time is longer ago than the grace, and no person decided since. */
  late: boolean;
}

/** The agent's row stays share-locked: an emergency stop and this come one after the other. */
async function readGround(sql: Sql, effectId: string, graceSeconds: number): Promise<Ground | null> {
  const [ground] = await sql.query<Ground>(
    `SELECT a.status = 'ACTIVE' AS active, t."campaignId",
       t.status = 'APPLYING' AND e.status = 'PENDING' AND t."scheduledFor" < now() - make_interval(secs => $2) AND NOT EXISTS (
         SELECT 1 FROM "Review" r WHERE r."taskId" = t.id AND r.status IN ('APPROVED', 'EDITED') AND r."decidedAt" > t."scheduledFor") AS late
     FROM "Effect" e JOIN "Agent" a ON a.id = e."agentId" JOIN "Task" t ON t.id = e."taskId" WHERE e.id = $1 FOR SHARE OF a`,
    [effectId, graceSeconds],
  );
  return ground ?? null;
}

/**
 * Claims a due effect for sending: PENDING → SENT by compare-and-set, only while the agent and the campaign are ACTIVE (their
 * rows are share-locked, so that an emergency stop or a cancellation and this claim come one after the other) and the task
 * is APPLYING. One whose scheduled time is longer ago than the grace goes to a person instead.
 * Dies after the commit: the effect stays SENT with an unknown outcome; the reconciler looks it up and never sends blindly.
 * Runs twice: the second finds it not PENDING. Returns null when there is nothing to send now.
 */
export async function claimEffect(
  context: DomainContext,
  effectId: string,
  leaseSeconds: number,
): Promise<ClaimedEffect | null> {
  return context.db.transaction(async (sql) => {
    const ground = await readGround(sql, effectId, context.settings.scheduleGraceSeconds);
    if (!ground?.active) return null;
    const [campaign] = await sql.query<{ status: string }>('SELECT status FROM "Campaign" WHERE id = $1 FOR SHARE', [
      ground.campaignId,
    ]);
    if (campaign && campaign.status !== 'ACTIVE') return null;
    if (ground.late) {
      await askAboutLateEffect(sql, context, effectId);
      return null;
    }
    const [effect] = await sql.query<ClaimedEffect>(
      `UPDATE "Effect" e SET status = 'SENT', attempt = e.attempt + 1, "claimToken" = $2, "sentAt" = now(), "leaseExpiresAt" = now() + make_interval(secs => $3),
         "errorCode" = CASE WHEN e."errorCode" = $4 THEN $4 END, "errorMessage" = NULL
       FROM "Task" t WHERE e.id = $1 AND t.id = e."taskId" AND t.status = 'APPLYING' AND e.status = 'PENDING' AND (e."notBefore" IS NULL OR e."notBefore" <= now())
       RETURNING e.*, t."campaignId", t."traceId"`,
      [effectId, newId(), leaseSeconds, OUTCOME_UNKNOWN],
    );
    return effect ?? null;
  });
}

/**
 * Takes over a SENT effect whose executor went silent, to learn its outcome. Compare-and-set on the expired lease.
 * Not bound to the agent's status: learning what happened is always allowed.
 */
export async function claimUnknownEffect(
  context: DomainContext,
  effectId: string,
  leaseSeconds: number,
): Promise<ClaimedEffect | null> {
  const [effect] = await context.db.query<ClaimedEffect>(
    `UPDATE "Effect" e SET "claimToken" = $2, "leaseExpiresAt" = now() + make_interval(secs => $3)
     FROM "Task" t WHERE e.id = $1 AND t.id = e."taskId" AND e.status = 'SENT' AND e."leaseExpiresAt" < now() RETURNING e.*, t."campaignId", t."traceId"`,
    [effectId, newId(), leaseSeconds],
  );
  return effect ?? null;
}
