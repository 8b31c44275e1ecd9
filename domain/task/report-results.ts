import type { Sql } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import { storableJson } from '../../platform/storable.ts';
import type { DomainContext } from '../context.ts';
import type { Settlement } from '../money/reserve.ts';
import { settle } from '../money/reserve.ts';
import { recordEvents } from '../outbox.ts';
import type { TaskChange } from './cancel-tasks.ts';
import { TASK_CHANGE_COLUMNS, taskEvent } from './cancel-tasks.ts';

export interface ToolCallRecord {
  server: string;
  tool: string;
  durationMs: number;
  ok: boolean;
  error: string | null;
}

/** What a Worker brings back from one attempt. */
export interface AttemptReport {
  taskId: string;
  attempt: number;
  claimToken: string;
  workerId: string;
  output: unknown;
  reasoning: string | null;
  toolCalls: ToolCallRecord[];
  model: string | null;
  tokens: number | null;
  /** The model's own probability that its output is right, 0..1. */
  modelProbability: number;
  executionMs: number;
  settlements: Settlement[];
}

export const costOf = (settlements: readonly Settlement[]): number =>
  settlements.reduce((sum, settlement) => sum + Math.round(settlement.actualMicroUsd), 0);

/**
 * Stores results and moves their tasks IN_REVIEW, in one transaction. A report whose claim was lost (lease over, task
 * cancelled, fenced by a newer claim) is kept for the record, marked invalid, and moves nothing: outcome false.
 * What was spent is settled either way. Dies before the commit: the lease runs out. Runs twice: the claim is gone, and the
 * result of an attempt is unique.
 */
export async function reportResults(context: DomainContext, reports: readonly AttemptReport[]): Promise<boolean[]> {
  return context.db.transaction(async (sql) => {
    const moved = await sql.query<TaskChange>(
      `UPDATE "Task" t SET status = 'IN_REVIEW', "claimToken" = NULL, "leaseExpiresAt" = NULL, version = t.version + 1
       FROM unnest($1::uuid[], $2::uuid[]) AS x(id, token) WHERE t.id = ANY($1::uuid[]) AND t.id = x.id AND t."claimToken" = x.token AND t.status = 'IN_PROGRESS' RETURNING ${TASK_CHANGE_COLUMNS}`,
      [reports.map((report) => report.taskId), reports.map((report) => report.claimToken)],
    );
    const accepted = new Set(moved.map((task) => task.id));
    await insertResults(
      sql,
      context.tenantId,
      reports.map((report) => ({
        ...report,
        invalidatedReason: accepted.has(report.taskId) ? null : 'the claim was lost before the report',
      })),
    );
    await recordEvents(
      sql,
      context.tenantId,
      context.traceId,
      moved.map((task) => taskEvent(task)),
    );
    // Last: it locks the budget rows that every claim and verdict of the agent waits for.
    await settle(
      sql,
      context.tenantId,
      reports.flatMap((report) => report.settlements),
      context.clock.now(),
    );
    return reports.map((report) => accepted.has(report.taskId));
  });
}

/** The result of an attempt is unique; one that was taken back from a silent Worker still learns what it had cost. */
export async function insertResults(
  sql: Sql,
  tenantId: string,
  results: readonly (Omit<AttemptReport, 'claimToken' | 'modelProbability'> & {
    modelProbability: number | null;
    invalidatedReason: string | null;
    errorCode?: string;
    errorMessage?: string;
  })[],
): Promise<void> {
  const rows = results.map((result) => ({
    id: newId(),
    taskId: result.taskId,
    attempt: result.attempt,
    output: result.output ?? null,
    reasoning: result.reasoning,
    toolCalls: result.toolCalls,
    model: result.model,
    tokens: result.tokens,
    costMicroUsd: costOf(result.settlements),
    executionMs: Math.round(result.executionMs),
    workerId: result.workerId,
    modelProbability: result.modelProbability,
    invalidatedReason: result.invalidatedReason,
    errorCode: result.errorCode ?? null,
    errorMessage: result.errorMessage?.slice(0, 2000) ?? null,
  }));
  await sql.query(
    `INSERT INTO "Result" (id, "tenantId", "taskId", attempt, output, reasoning, "toolCalls", model, tokens, "costMicroUsd", "executionMs", "workerId", "modelProbability",
       "invalidatedReason", "errorCode", "errorMessage")
     SELECT r.id, $1::uuid, r."taskId", r.attempt, r.output, r.reasoning, r."toolCalls", r.model, r.tokens, r."costMicroUsd", r."executionMs", r."workerId", r."modelProbability",
       r."invalidatedReason", r."errorCode", r."errorMessage"
     FROM jsonb_to_recordset($2::jsonb) AS r(id uuid, "taskId" uuid, attempt int, output jsonb, reasoning text, "toolCalls" jsonb, model text, tokens int, "costMicroUsd" bigint,
       "executionMs" int, "workerId" text, "modelProbability" float8, "invalidatedReason" text, "errorCode" text, "errorMessage" text)
     ON CONFLICT ("taskId", attempt) DO UPDATE SET "costMicroUsd" = excluded."costMicroUsd" WHERE "Result"."costMicroUsd" = 0 AND excluded."costMicroUsd" > 0`,
    [tenantId, storableJson(rows)],
  );
}
