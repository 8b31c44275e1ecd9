import { z } from 'zod';
import type { Sql } from '../../platform/database.ts';
import { requirePermission } from '../access.ts';
import { raiseAlert } from '../alert/raise-alert.ts';
import type { AuditRecord } from '../audit/record-audit.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { DomainContext } from '../context.ts';
import { InvalidStateError, NotFoundError } from '../errors.ts';
import { recordEvents } from '../outbox.ts';
import { idSchema, parseInput, textSchema } from '../parse-input.ts';
import { cancelTasks } from '../task/cancel-tasks.ts';
import { statesBefore } from '../task/task-lifecycle.ts';
import type { AgentRow, AgentStatus } from './agent-row.ts';
import { agentEvent } from './agent-row.ts';

export const emergencyStopInput = z.object({ agentId: idSchema.nullish(), reason: textSchema(1, 500) });

export interface EmergencyStop {
  /** The agents that this stopped; one that was stopped before is not among them. */
  agentIds: string[];
  /** Tasks that this ended, the aborted ones and other agents' dependents included. */
  cancelledTasks: number;
  /** Of these, the ones of which an attempt was running. */
  abortedTasks: number;
}

/**
 * Stops one agent, or every agent of the tenant, in one transaction of a few statements, however many there are: status,
 * open tasks with their reviews and unsent effects cancelled, one alert, events, audit. What an effect executor claimed
 * before may still arrive; nothing is claimed afterwards, because a claim locks the agent's row. Running attempts are
 * told by a hint of the relay. Runs twice: the second stops nobody. Left by an administrator only (setAgentStatus).
 * Errors: ValidationError, NotFoundError, InvalidStateError (archived), ForbiddenError (write:agents).
 */
export async function emergencyStop(context: DomainContext, rawInput: unknown): Promise<EmergencyStop> {
  requirePermission(context, 'write:agents');
  const input = parseInput(emergencyStopInput, rawInput);
  return context.db.transaction((sql) =>
    stopAgents(sql, context, { agentId: input.agentId ?? null, reason: input.reason }),
  );
}

/** The stop in the caller's transaction; no agentId: every agent of the tenant. */
export async function stopAgents(
  sql: Sql,
  context: DomainContext,
  stop: { agentId: string | null; reason: string | null },
): Promise<EmergencyStop> {
  const from = await lockAgents(sql, context, stop.agentId);
  const agentIds = [...from.keys()];
  const agents = await sql.query<AgentRow>(
    `UPDATE "Agent" SET status = 'EMERGENCY_STOPPED', "statusReason" = $2, version = version + 1, "updatedAt" = now() WHERE id = ANY($1::uuid[]) RETURNING *`,
    [agentIds, stop.reason],
  );
  // Reviews before tasks, as a person's decision locks them; and in the order of ids: others hold several tasks too.
  await sql.query(
    `SELECT id FROM "Review" WHERE "agentId" = ANY($1::uuid[]) AND status = 'PENDING' ORDER BY id FOR NO KEY UPDATE`,
    [agentIds],
  );
  const open = await sql.query<{ id: string; status: string }>(
    `SELECT t.id, t.status FROM "Task" t WHERE t."agentId" = ANY($1::uuid[]) AND t.status = ANY($2::"TaskStatus"[]) ORDER BY t.id FOR NO KEY UPDATE`,
    [agentIds, statesBefore('CANCELLED')],
  );
  const followed = await cancelTasks(sql, 't.id = ANY($1::uuid[])', [open.map((task) => task.id)], {
    code: 'INVALID_STATE',
    message: 'The agent is EMERGENCY_STOPPED.',
  });
  const stopped: EmergencyStop = {
    agentIds,
    cancelledTasks: followed.filter((event) => event.topic === 'task').length,
    abortedTasks: open.filter((task) => task.status === 'IN_PROGRESS').length,
  };
  const alerts = agents.length > 0 ? await alertStop(sql, context, agents, stop) : [];
  await recordEvents(sql, context.tenantId, context.traceId, [
    ...agents.map((agent) => agentEvent(agent, 'UPDATED')),
    ...followed,
    ...alerts,
  ]);
  const counts = { cancelledTasks: stopped.cancelledTasks, abortedTasks: stopped.abortedTasks };
  await recordAudit(sql, context, [
    ...agents.map(
      (agent): AuditRecord => ({
        action: 'agent.emergency_stopped',
        subjectType: 'Agent',
        subjectId: agent.id,
        data: { from: from.get(agent.id), reason: stop.reason, ...(stop.agentId ? counts : {}) },
      }),
    ),
    ...(stop.agentId
      ? []
      : [
          {
            action: 'tenant.emergency_stopped',
            subjectType: 'Tenant',
            subjectId: context.tenantId,
            data: { reason: stop.reason, agents: agents.length, ...counts },
          },
        ]),
  ]);
  return stopped;
}

/** The agents to stop with what they were, locked against effect claims; inserts that only refer to them go on. */
async function lockAgents(
  sql: Sql,
  context: DomainContext,
  agentId: string | null,
): Promise<ReadonlyMap<string, AgentStatus>> {
  const agents = await sql.query<{ id: string; status: AgentStatus }>(
    `SELECT id, status FROM "Agent" WHERE "tenantId" = $1 AND ($2::uuid IS NULL OR id = $2) ORDER BY id FOR NO KEY UPDATE`,
    [context.tenantId, agentId],
  );
  if (agentId !== null) {
    const [agent] = agents;
    if (!agent) throw new NotFoundError('agent', agentId);
    if (agent.status === 'ARCHIVED')
      throw new InvalidStateError('An agent that is ARCHIVED cannot become EMERGENCY_STOPPED.', agent.status);
  }
  return new Map(
    agents
      .filter(({ status }) => status !== 'EMERGENCY_STOPPED' && status !== 'ARCHIVED')
      .map(({ id, status }) => [id, status]),
  );
}

/** The alert names people by their address: an id says nothing to whoever reads it. */
async function nameActor(sql: Sql, { actor }: DomainContext): Promise<string> {
  const [user] = actor.userId
    ? await sql.query<{ email: string }>('SELECT email FROM "User" WHERE id = $1', [actor.userId])
    : [];
  return user?.email ?? actor.name;
}

const alertStop = async (
  sql: Sql,
  context: DomainContext,
  agents: readonly AgentRow[],
  stop: { agentId: string | null; reason: string | null },
) =>
  raiseAlert(sql, context.tenantId, {
    rule: 'EMERGENCY_STOP',
    severity: 'CRITICAL',
    message: `${stop.agentId ? agents[0]?.name : `All agents (${agents.length})`} stopped by ${await nameActor(sql, context)}${stop.reason ? `: ${stop.reason}` : ''}. An administrator sets ${stop.agentId ? 'it' : 'them'} ACTIVE or PAUSED again.`,
    agentId: stop.agentId,
    everyTime: true,
  });
