import { z } from 'zod';
import type { Sql } from '../../platform/database.ts';
import { requirePermission } from '../access.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { campaignEvent, requestPlan } from '../campaign/campaign-row.ts';
import type { PlanReason } from '../campaign/plan-bounds.ts';
import type { DomainContext } from '../context.ts';
import { InvalidStateError, NotFoundError } from '../errors.ts';
import type { NewEvent } from '../events.ts';
import { recordEvents } from '../outbox.ts';
import { idSchema, parseInput, textSchema } from '../parse-input.ts';
import { cancelTasks } from '../task/cancel-tasks.ts';
import { wakeWork } from '../task/wake-work.ts';
import type { AgentRow, AgentStatus } from './agent-row.ts';
import { agentEvent } from './agent-row.ts';
import { stopAgents } from './emergency-stop.ts';

/**
 * All transitions of an agent. EMERGENCY_STOPPED is left by an administrator only; ARCHIVED is final.
 * ERROR is set by the platform (a platform refused its credentials) and cleared by a person.
 */
export const AGENT_TRANSITIONS: Record<AgentStatus, readonly AgentStatus[]> = {
  ACTIVE: ['PAUSED', 'EMERGENCY_STOPPED', 'ERROR', 'ARCHIVED'],
  PAUSED: ['ACTIVE', 'EMERGENCY_STOPPED', 'ERROR', 'ARCHIVED'],
  ERROR: ['ACTIVE', 'PAUSED', 'EMERGENCY_STOPPED', 'ARCHIVED'],
  EMERGENCY_STOPPED: ['ACTIVE', 'PAUSED', 'ARCHIVED'],
  ARCHIVED: [],
};

export const setAgentStatusInput = z.object({
  id: idSchema,
  status: z.enum(['ACTIVE', 'PAUSED', 'EMERGENCY_STOPPED', 'ARCHIVED'], {
    error: 'must be ACTIVE, PAUSED, EMERGENCY_STOPPED or ARCHIVED; ERROR is set by the platform only',
  }),
  reason: textSchema(0, 500).nullish(),
});

/** What a changed agent status does to its tasks: archived, they are cancelled; active again, they are woken. */
async function followStatus(sql: Sql, agentId: string, status: AgentStatus): Promise<NewEvent[]> {
  if (status === 'ARCHIVED') {
    return cancelTasks(sql, 't."agentId" = $1', [agentId], {
      code: 'INVALID_STATE',
      message: `The agent is ${status}.`,
    });
  }
  if (status !== 'ACTIVE') return [];
  return wakeWork(sql, 'agentId', agentId);
}

/**
 * The agent's active campaigns are owed a plan: when an emergency stop, which cancelled its work, is lifted, and when it is
 * archived: its other agents take the lost work over, and a campaign that has none ends.
 */
async function replanCampaignsOf(
  sql: Sql,
  agentId: string,
  request: { reason: PlanReason; note: string },
): Promise<NewEvent[]> {
  const campaigns = await sql.query<{ id: string }>(
    `SELECT c.id FROM "Campaign" c JOIN "CampaignAgent" a ON a."campaignId" = c.id WHERE a."agentId" = $1 AND c.status = 'ACTIVE' ORDER BY c.id`,
    [agentId],
  );
  const events: NewEvent[] = [];
  for (const { id } of campaigns) {
    const campaign = await requestPlan(sql, id, request);
    if (campaign) events.push(campaignEvent(campaign, 'UPDATED'));
  }
  return events;
}

function planOwedBy(agent: AgentRow, status: AgentStatus): { reason: PlanReason; note: string } | null {
  if (status === 'ARCHIVED') return { reason: 'TASK_FAILED', note: `The agent ${agent.name} was archived.` };
  return agent.status === 'EMERGENCY_STOPPED'
    ? { reason: 'HUMAN', note: 'The emergency stop of an agent was lifted.' }
    : null;
}

/** Moves an agent in the transaction of the caller. Throws NotFoundError, InvalidStateError; the same status again changes nothing. */
export async function moveAgent(
  sql: Sql,
  context: DomainContext,
  move: { id: string; status: Exclude<AgentStatus, 'EMERGENCY_STOPPED'>; reason: string | null },
): Promise<void> {
  const [agent] = await sql.query<AgentRow>('SELECT * FROM "Agent" WHERE id = $1 FOR NO KEY UPDATE', [move.id]);
  if (!agent) throw new NotFoundError('agent', move.id);
  if (agent.status === move.status) return;
  if (!AGENT_TRANSITIONS[agent.status].includes(move.status))
    throw new InvalidStateError(`An agent that is ${agent.status} cannot become ${move.status}.`, agent.status);
  const [changed] = await sql.query<AgentRow>(
    'UPDATE "Agent" SET status = $2::"AgentStatus", "statusReason" = $3, version = version + 1, "updatedAt" = now() WHERE id = $1 RETURNING *',
    [move.id, move.status, move.reason],
  );
  if (!changed) throw new NotFoundError('agent', move.id);
  const followed = await followStatus(sql, move.id, move.status);
  const request = planOwedBy(agent, move.status);
  const replanned = request ? await replanCampaignsOf(sql, move.id, request) : [];
  const events = [agentEvent(changed, 'UPDATED'), ...followed, ...replanned];
  await recordEvents(sql, context.tenantId, context.traceId, events);
  await recordAudit(sql, context, [
    {
      action: `agent.${move.status.toLowerCase()}`,
      subjectType: 'Agent',
      subjectId: move.id,
      data: { from: agent.status, reason: move.reason },
    },
  ]);
}

/** Errors: ValidationError, NotFoundError, InvalidStateError, ForbiddenError (write:campaigns to pause and resume, write:agents for the rest). */
export async function setAgentStatus(context: DomainContext, rawInput: unknown): Promise<{ id: string }> {
  const input = parseInput(setAgentStatusInput, rawInput);
  requirePermission(
    context,
    input.status === 'ACTIVE' || input.status === 'PAUSED' ? 'write:campaigns' : 'write:agents',
  );
  await context.db.transaction(async (sql) => {
    const { id, status } = input;
    const reason = input.reason || null;
    if (status === 'EMERGENCY_STOPPED') return void (await stopAgents(sql, context, { agentId: id, reason }));
    const [agent] = await sql.query<{ status: AgentStatus }>(
      'SELECT status FROM "Agent" WHERE id = $1 FOR NO KEY UPDATE',
      [id],
    );
    if (agent?.status === 'EMERGENCY_STOPPED') requirePermission(context, 'admin:*');
    await moveAgent(sql, context, { id, status, reason });
  });
  return { id: input.id };
}
