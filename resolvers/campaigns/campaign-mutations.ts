import { createCampaign } from '../../domain/campaign/create-campaign.ts';
import { replanCampaign } from '../../domain/campaign/replan-campaign.ts';
import { setCampaignStatus } from '../../domain/campaign/set-campaign-status.ts';
import { updateCampaign } from '../../domain/campaign/update-campaign.ts';
import {
  ConflictError,
  ForbiddenError,
  InvalidStateError,
  NotFoundError,
  ValidationError,
} from '../../domain/errors.ts';
import { builder } from '../../schema/builder.ts';
import {
  CreateCampaignInput,
  ReplanCampaignInput,
  SetCampaignStatusInput,
  UpdateCampaignInput,
} from '../../schema/inputs.ts';
import { campaignSuccess } from '../../schema/successes.ts';
import { requireRowId } from '../row-id.ts';

const CreateCampaignSuccess = campaignSuccess('CreateCampaignSuccess');
const UpdateCampaignSuccess = campaignSuccess('UpdateCampaignSuccess');
const SetCampaignStatusSuccess = campaignSuccess('SetCampaignStatusSuccess');
const ReplanCampaignSuccess = campaignSuccess('ReplanCampaignSuccess');

builder.mutationFields((t) => ({
  createCampaign: t.errorUnionField({
    types: [CreateCampaignSuccess, ValidationError, NotFoundError, ForbiddenError, InvalidStateError],
    description:
      'Answers at once with an estimate; the plan follows within seconds (subscribe to `campaigns`). Needs write:campaigns.',
    args: { input: t.arg({ type: CreateCampaignInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const agentIds = input.agentIds.map((id) => requireRowId('Agent', id));
      return {
        __typename: 'CreateCampaignSuccess' as const,
        ...(await createCampaign(context, { ...input, agentIds })),
      };
    },
  }),
  updateCampaign: t.errorUnionField({
    types: [UpdateCampaignSuccess, ValidationError, NotFoundError, ForbiddenError, ConflictError, InvalidStateError],
    description: 'Needs write:campaigns.',
    args: { input: t.arg({ type: UpdateCampaignInput, required: true }) },
    resolve: async (_root, { input }, context) => ({
      __typename: 'UpdateCampaignSuccess' as const,
      ...(await updateCampaign(context, { ...input, id: requireRowId('Campaign', input.id) })),
    }),
  }),
  setCampaignStatus: t.errorUnionField({
    types: [SetCampaignStatusSuccess, ValidationError, NotFoundError, ForbiddenError, InvalidStateError],
    description: 'Needs write:campaigns.',
    args: { input: t.arg({ type: SetCampaignStatusInput, required: true }) },
    resolve: async (_root, { input }, context) => ({
      __typename: 'SetCampaignStatusSuccess' as const,
      ...(await setCampaignStatus(context, { ...input, id: requireRowId('Campaign', input.id) })),
    }),
  }),
  replanCampaign: t.errorUnionField({
    types: [ReplanCampaignSuccess, ValidationError, NotFoundError, ForbiddenError, InvalidStateError],
    description: 'Asks for a new plan revision; it follows. Needs write:campaigns.',
    args: { input: t.arg({ type: ReplanCampaignInput, required: true }) },
    resolve: async (_root, { input }, context) => ({
      __typename: 'ReplanCampaignSuccess' as const,
      ...(await replanCampaign(context, { ...input, id: requireRowId('Campaign', input.id) })),
    }),
  }),
}));
