import type { Sql } from '../../platform/database.ts';
import type { AgentStatus } from '../agent/agent-row.ts';
import { AGENT_TRANSITIONS, moveAgent } from '../agent/set-agent-status.ts';
import { raiseAlert } from '../alert/raise-alert.ts';
import type { DomainContext } from '../context.ts';
import type { ErrorCode } from '../errors.ts';
import type { NewEvent } from '../events.ts';
import type { Fault } from './fault.ts';

interface Affected {
  agentId: string;
  campaignId: string | null;
}

/** The agent stops in ERROR with an alert, where it may; the caller's transaction holds its row. Twice is harmless. */
export async function pauseAgentForFault(
  sql: Sql,
  context: DomainContext,
  { agentId, campaignId }: Affected,
  fault: Pick<Fault, 'name' | 'message'>,
  consequence: string,
): Promise<NewEvent[]> {
  const [agent] = await sql.query<{ status: AgentStatus }>('SELECT status FROM "Agent" WHERE id = $1', [agentId]);
  if (agent && AGENT_TRANSITIONS[agent.status].includes('ERROR'))
    await moveAgent(sql, context, { id: agentId, status: 'ERROR', reason: fault.message.slice(0, 500) });
  return raiseAlert(sql, context.tenantId, {
    rule: fault.name,
    severity: 'CRITICAL',
    message: `${fault.message} ${consequence}; set the agent ACTIVE to go on.`,
    agentId,
    campaignId,
  });
}

const ALERTS: Partial<Record<ErrorCode | 'INTERNAL', { rule: string; severity: 'WARNING' | 'CRITICAL' }>> = {
  MCP_UNAVAILABLE: { rule: 'E1002', severity: 'WARNING' },
  PROMPT_INJECTION: { rule: 'E1003', severity: 'CRITICAL' },
  CONTENT_SAFETY: { rule: 'E1006', severity: 'WARNING' },
};

/** The log of the incident beside the question to a person. */
export async function raiseFaultAlert(
  sql: Sql,
  context: Pick<DomainContext, 'tenantId'>,
  { agentId, campaignId }: Affected,
  fault: Pick<Fault, 'code' | 'message'>,
): Promise<NewEvent[]> {
  const alert = ALERTS[fault.code];
  if (!alert) return [];
  return raiseAlert(sql, context.tenantId, {
    ...alert,
    message: `${fault.message} A person is asked.`,
    agentId,
    campaignId,
  });
}
