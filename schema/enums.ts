import { ERROR_CODES } from '../domain/errors.ts';
import * as tables from '../prisma/generated/client/enums.ts';
import { builder } from './builder.ts';

export const Role = builder.enumType('Role', {
  values: {
    CONTENT_REVIEWER: { description: 'Decides reviews.' },
    CAMPAIGN_MANAGER: { description: 'Also runs campaigns, pauses agents, sets budgets and goals.' },
    ADMINISTRATOR: { description: 'Also creates and stops agents, changes personas, sees everything.' },
  } as const,
});
export const AgentStatus = builder.enumType('AgentStatus', {
  values: {
    ACTIVE: { description: 'Plans, works and posts.' },
    PAUSED: { description: 'Nothing new starts; resumed by setting ACTIVE.' },
    EMERGENCY_STOPPED: { description: 'Everything was cancelled; left by an administrator only.' },
    ERROR: { description: 'A platform refused its credentials; a person has to look.' },
    ARCHIVED: { description: 'Final; kept for the record.' },
  } as const,
});
export const Platform = builder.enumType(tables.Platform, { name: 'Platform' });
export const Period = builder.enumType('Period', { values: ['LAST_24_HOURS', 'LAST_7_DAYS', 'LAST_30_DAYS'] as const });
export const CampaignStatus = builder.enumType('CampaignStatus', {
  values: {
    DRAFT: { description: 'Not planned yet.' },
    ACTIVE: { description: 'Planned and worked on.' },
    PAUSED: { description: 'Nothing new starts; resumed by setting ACTIVE, which plans anew.' },
    COMPLETED: { description: 'Final.' },
    CANCELLED: { description: 'Final; what was not finished is cancelled.' },
    FAILED: {
      description: 'It could not succeed as it stands (statusReason says why); set ACTIVE or re-planned by a person.',
    },
  } as const,
});
export const Priority = builder.enumType(tables.Priority, { name: 'Priority' });
export const PlanReason = builder.enumType(tables.PlanReason, {
  name: 'PlanReason',
  description: 'Why a plan revision was made.',
});
export const TaskType = builder.enumType(tables.TaskType, { name: 'TaskType' });
export const TaskStatus = builder.enumType('TaskStatus', {
  values: {
    PENDING: { description: 'Waits for the tasks it depends on.' },
    QUEUED: { description: 'May start as soon as a worker is free and its time has come.' },
    IN_PROGRESS: { description: 'A worker runs an attempt.' },
    IN_REVIEW: { description: 'Its result is before the Judge.' },
    ESCALATED: { description: 'Its result waits for a person.' },
    APPLYING: { description: 'Approved; the call to the outside is under way.' },
    COMPLETE: { description: 'Done; dependents may start.' },
    REJECTED: { description: 'Its result was rejected; a new plan decides what follows.' },
    FAILED: { description: 'No attempt is left, or none can help.' },
    CANCELLED: { description: 'No longer wanted.' },
  } as const,
});
export const Verdict = builder.enumType(tables.Verdict, { name: 'Verdict' });
export const ReviewStatus = builder.enumType('ReviewStatus', {
  values: {
    PENDING: { description: 'In the queue.' },
    APPROVED: { description: 'Leaves as it is.' },
    EDITED: { description: 'Leaves as the reviewer edited it.' },
    REJECTED: { description: 'Does not leave; the Planner reads the feedback.' },
    CANCELLED: { description: 'Nobody needs to decide any more: its task ended meanwhile.' },
  } as const,
});
export const ReviewNotice = builder.enumType('ReviewNotice', {
  values: {
    DUE_SOON: { description: 'Two thirds of its time have passed.' },
    OVERDUE: { description: 'Past dueAt: it comes first in the queue now.' },
  } as const,
});
export const RiskLevel = builder.enumType(tables.RiskLevel, { name: 'RiskLevel' });
export const Disclosure = builder.enumType('Disclosure', {
  description: 'What a published post says about who wrote it.',
  values: {
    AUTOMATED: { description: 'Written by an AI.' },
    ASSISTED: { description: 'Written by an AI, edited by a person.' },
    NONE: {},
  } as const,
});
export const TransactionStatus = builder.enumType(tables.TransactionStatus, { name: 'TransactionStatus' });
export const Direction = builder.enumType(tables.Direction, { name: 'Direction', description: 'Seen from the agent.' });
export const ChangeKind = builder.enumType(tables.ChangeKind, { name: 'ChangeKind' });
export const CheckName = builder.enumType('CheckName', {
  values: ['PERSONA', 'SAFETY', 'BRAND', 'TECHNICAL', 'BUDGET', 'INJECTION'] as const,
});

/** The domain's codes, and the one for what nobody expected. */
const ERROR_NUMBERS: Partial<Record<string, string>> = {
  BUDGET_EXCEEDED: 'E1001',
  MCP_UNAVAILABLE: 'E1002',
  PROMPT_INJECTION: 'E1003',
  STATE_VERSION_CONFLICT: 'E1004',
  INSUFFICIENT_FUNDS: 'E1005',
  CONTENT_SAFETY: 'E1006',
  WORKER_TIMEOUT: 'E2001',
  DATABASE_UNAVAILABLE: 'E2002',
};
const graphErrorCodes = [...ERROR_CODES, 'INTERNAL'] as const;
export type GraphErrorCode = (typeof graphErrorCodes)[number];
export const isErrorCode = (code: string): code is GraphErrorCode =>
  (graphErrorCodes as readonly string[]).includes(code);
export const ErrorCode = builder.enumType('ErrorCode', {
  description:
    'Codes of errors in unions, of failed tasks and of `errors[].extensions.code`. INTERNAL: unexpected, look it up by its trace id.',
  values: Object.fromEntries(
    graphErrorCodes.map((code) => [code, ERROR_NUMBERS[code] ? { description: ERROR_NUMBERS[code] } : {}]),
  ) as Record<GraphErrorCode, { description?: string }>,
});
