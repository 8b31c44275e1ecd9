import { builder } from './builder.ts';
import { AgentStatus, CampaignStatus, Platform, Priority } from './enums.ts';

const BUDGET_RAISED = 'A higher one resumes what was paused for it (E1001).';
const EXPECTED_VERSION = 'The `version` that was read; ConflictError when it has moved.';

export const SocialHandleInput = builder.inputType('SocialHandleInput', {
  fields: (t) => ({
    platform: t.field({ type: Platform, required: true }),
    username: t.string({ required: true, description: 'With or without the @.' }),
  }),
});

export const CreateAgentInput = builder.inputType('CreateAgentInput', {
  description: 'Give soulMarkdown, or backstory, voiceTraits and coreBeliefs.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'At most 100 characters.' }),
    bio: t.string({ description: 'At most 500 characters.' }),
    niche: t.string(),
    region: t.string(),
    soulMarkdown: t.string({ description: 'A SOUL.md, as text or base64.' }),
    backstory: t.string(),
    voiceTraits: t.stringList(),
    coreBeliefs: t.stringList(),
    directives: t.stringList(),
    socialHandles: t.field({ type: [SocialHandleInput], description: 'One a platform.' }),
    characterReferenceId: t.string(),
    budgetDailyUsd: t.field({ type: 'Decimal', required: true }),
    budgetTotalUsd: t.field({ type: 'Decimal', description: 'For all time; no limit where it is left out.' }),
    activate: t.boolean({ defaultValue: false, description: 'ACTIVE at once; PAUSED otherwise.' }),
  }),
});

export const UpdateAgentInput = builder.inputType('UpdateAgentInput', {
  description: 'What is left out stays.',
  fields: (t) => ({
    id: t.id({ required: true }),
    expectedVersion: t.int({ required: true, description: EXPECTED_VERSION }),
    name: t.string(),
    bio: t.string(),
    niche: t.string(),
    region: t.string(),
    soulMarkdown: t.string({ description: "A new persona; the agent's campaigns are planned anew." }),
    socialHandles: t.field({ type: [SocialHandleInput], description: 'Replaces all.' }),
    budgetDailyUsd: t.field({ type: 'Decimal', description: BUDGET_RAISED }),
    budgetTotalUsd: t.field({ type: 'Decimal', description: `null takes the limit away. ${BUDGET_RAISED}` }),
  }),
});

export const SetAgentStatusInput = builder.inputType('SetAgentStatusInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    status: t.field({ type: AgentStatus, required: true, description: 'Not ERROR: the platform sets it.' }),
    reason: t.string({ description: 'Shown as statusReason and audited.' }),
  }),
});

export const EmergencyStopInput = builder.inputType('EmergencyStopInput', {
  fields: (t) => ({
    agentId: t.id({ description: 'Without it every agent of the tenant is stopped.' }),
    reason: t.string({ required: true, description: 'Shown as statusReason, alerted and audited.' }),
  }),
});

export const CreateCampaignInput = builder.inputType('CreateCampaignInput', {
  fields: (t) => ({
    agentIds: t.idList({ required: true }),
    name: t.string({ required: true }),
    description: t.string(),
    goals: t.string({
      required: true,
      description: 'In natural language: what to reach, how often to post, what to avoid.',
    }),
    startsAt: t.field({ type: 'DateTime', description: 'Now where it is left out.' }),
    endsAt: t.field({ type: 'DateTime', description: 'Or durationDays, not both; open-ended where neither is given.' }),
    durationDays: t.int(),
    priority: t.field({ type: Priority, defaultValue: 'MEDIUM' }),
    budgetDailyUsd: t.field({ type: 'Decimal' }),
    budgetTotalUsd: t.field({ type: 'Decimal' }),
    activate: t.boolean({ defaultValue: true, description: 'Planned at once; a DRAFT otherwise.' }),
  }),
});

export const UpdateCampaignInput = builder.inputType('UpdateCampaignInput', {
  description: 'What is left out stays.',
  fields: (t) => ({
    id: t.id({ required: true }),
    expectedVersion: t.int({ required: true, description: EXPECTED_VERSION }),
    name: t.string(),
    goals: t.string({ description: 'Changed goals cancel what is not finished and are planned anew.' }),
    endsAt: t.field({ type: 'DateTime', description: 'null leaves it open-ended.' }),
    priority: t.field({ type: Priority }),
    budgetDailyUsd: t.field({ type: 'Decimal', description: `null takes the limit away. ${BUDGET_RAISED}` }),
    budgetTotalUsd: t.field({ type: 'Decimal', description: `null takes the limit away. ${BUDGET_RAISED}` }),
  }),
});

export const SetCampaignStatusInput = builder.inputType('SetCampaignStatusInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    status: t.field({ type: CampaignStatus, required: true }),
    reason: t.string({ description: 'Shown as statusReason and audited.' }),
  }),
});

export const ReplanCampaignInput = builder.inputType('ReplanCampaignInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    note: t.string({ required: true, description: 'What the Planner should do differently.' }),
  }),
});

export const ReviewIdInput = builder.inputType('ReviewIdInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    expectedVersion: t.int({ required: true, description: EXPECTED_VERSION }),
  }),
});

export const DecideReviewInput = builder.inputType('DecideReviewInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    expectedVersion: t.int({ required: true, description: EXPECTED_VERSION }),
    feedback: t.string({
      description: 'Why: the Planner reads it when it replaces a rejected task, and the audit log keeps it.',
    }),
  }),
});

export const EditReviewInput = builder.inputType('EditReviewInput', {
  description: 'Approves the edited content.',
  fields: (t) => ({
    id: t.id({ required: true }),
    expectedVersion: t.int({ required: true, description: EXPECTED_VERSION }),
    content: t.field({
      type: 'JSON',
      required: true,
      description: 'The whole content, as the task type defines its output.',
    }),
    feedback: t.string(),
  }),
});
