import type { NewEvent } from '../events.ts';

export type AgentStatus = 'ACTIVE' | 'PAUSED' | 'EMERGENCY_STOPPED' | 'ERROR' | 'ARCHIVED';

/** The columns of an agent that its rules read. */
export interface AgentRow extends Record<string, unknown> {
  id: string;
  name: string;
  status: AgentStatus;
  version: number;
  budgetDailyMicroUsd: number;
  budgetTotalMicroUsd: number | null;
  soulMarkdown: string;
}

export const agentEvent = (
  agent: Pick<AgentRow, 'id' | 'name' | 'status' | 'version'>,
  kind: NewEvent['kind'],
): NewEvent<'agent'> => ({
  topic: 'agent',
  kind,
  subjectId: agent.id,
  agentId: agent.id,
  version: agent.version,
  data: { name: agent.name, status: agent.status },
});
