import { createAgent } from '../../domain/agent/create-agent.ts';
import { emergencyStop } from '../../domain/agent/emergency-stop.ts';
import { setAgentStatus } from '../../domain/agent/set-agent-status.ts';
import { updateAgent } from '../../domain/agent/update-agent.ts';
import {
  ConflictError,
  ForbiddenError,
  InvalidStateError,
  NotFoundError,
  ValidationError,
} from '../../domain/errors.ts';
import { builder } from '../../schema/builder.ts';
import { CreateAgentInput, EmergencyStopInput, SetAgentStatusInput, UpdateAgentInput } from '../../schema/inputs.ts';
import { agentSuccess, EmergencyStopSuccess } from '../../schema/successes.ts';
import { requireRowId } from '../row-id.ts';

const CreateAgentSuccess = agentSuccess('CreateAgentSuccess');
const UpdateAgentSuccess = agentSuccess('UpdateAgentSuccess');
const SetAgentStatusSuccess = agentSuccess('SetAgentStatusSuccess');

builder.mutationFields((t) => ({
  createAgent: t.errorUnionField({
    types: [CreateAgentSuccess, ValidationError, ForbiddenError],
    description: 'Creates an agent with its wallet. Needs write:agents.',
    args: { input: t.arg({ type: CreateAgentInput, required: true }) },
    resolve: async (_root, { input }, context) => ({
      __typename: 'CreateAgentSuccess' as const,
      ...(await createAgent(context, input)),
    }),
  }),
  updateAgent: t.errorUnionField({
    types: [UpdateAgentSuccess, ValidationError, NotFoundError, ForbiddenError, ConflictError, InvalidStateError],
    description: 'Needs write:agents; write:campaigns for the budget alone.',
    args: { input: t.arg({ type: UpdateAgentInput, required: true }) },
    resolve: async (_root, { input }, context) => ({
      __typename: 'UpdateAgentSuccess' as const,
      ...(await updateAgent(context, { ...input, id: requireRowId('Agent', input.id) })),
    }),
  }),
  setAgentStatus: t.errorUnionField({
    types: [SetAgentStatusSuccess, ValidationError, NotFoundError, ForbiddenError, InvalidStateError],
    description: 'Pausing and resuming needs write:campaigns, everything else write:agents.',
    args: { input: t.arg({ type: SetAgentStatusInput, required: true }) },
    resolve: async (_root, { input }, context) => ({
      __typename: 'SetAgentStatusSuccess' as const,
      ...(await setAgentStatus(context, { ...input, id: requireRowId('Agent', input.id) })),
    }),
  }),
  emergencyStop: t.errorUnionField({
    types: [EmergencyStopSuccess, ValidationError, NotFoundError, ForbiddenError, InvalidStateError],
    description:
      'Stops an agent, or all of them: everything of theirs is cancelled, and after the answer nothing new is sent. An administrator ends it with setAgentStatus. Needs write:agents.',
    args: { input: t.arg({ type: EmergencyStopInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const agentId = input.agentId == null ? null : requireRowId('Agent', input.agentId);
      return {
        __typename: 'EmergencyStopSuccess' as const,
        ...(await emergencyStop(context, { ...input, agentId })),
      };
    },
  }),
}));
