import { z } from 'zod';

const ids = { taskId: z.string(), resultId: z.string() };

/** One typed map from topic to snapshot. A snapshot is small: readers load the row itself, under their own tenant. */
export const EVENT_TOPICS = {
  agent: z.object({ name: z.string(), status: z.string() }),
  campaign: z.object({
    name: z.string(),
    status: z.string(),
    stateVersion: z.number(),
    planDueReason: z.string().nullable(),
    planDueAt: z.string().nullable(),
  }),
  plan: z.object({ campaignId: z.string(), revision: z.number(), reason: z.string(), taskCount: z.number() }),
  task: z.object({
    type: z.string(),
    status: z.string(),
    attempt: z.number(),
    priority: z.number(),
    notBefore: z.string().nullable(),
    errorCode: z.string().nullable().optional(),
    errorMessage: z.string().nullable().optional(),
  }),
  /** A result was judged; subject is the task. */
  confidence: z.object({ ...ids, score: z.number(), verdict: z.string() }),
  review: z.object({
    taskId: z.string(),
    status: z.string(),
    risk: z.string(),
    taskType: z.string(),
    /** Nothing of it changed: only its time has come. */
    notice: z.enum(['DUE_SOON', 'OVERDUE']).optional(),
  }),
  effect: z.object({ taskId: z.string(), status: z.string(), attempt: z.number(), notBefore: z.string().nullable() }),
  post: z.object({ taskId: z.string(), platform: z.string(), externalId: z.string(), url: z.string().nullable() }),
  transaction: z.object({ status: z.string() }),
  alert: z.object({ rule: z.string(), severity: z.string(), message: z.string() }),
} as const;

export type EventTopic = keyof typeof EVENT_TOPICS;
export type EventData<T extends EventTopic> = z.infer<(typeof EVENT_TOPICS)[T]>;
export type ChangeKind = 'CREATED' | 'UPDATED' | 'DELETED';

/** What a rule records in the transaction of its change. */
export interface NewEvent<T extends EventTopic = EventTopic> {
  topic: T;
  kind: ChangeKind;
  subjectId: string;
  agentId?: string | null;
  campaignId?: string | null;
  /** The subject's version after the change. */
  version: number;
  data: EventData<T>;
}

/** A committed event with its place in the order of commits. */
export interface PositionedEvent<T extends EventTopic = EventTopic> {
  position: number;
  tenantId: string;
  topic: T;
  kind: ChangeKind;
  subjectId: string;
  agentId: string | null;
  campaignId: string | null;
  version: number;
  data: EventData<T>;
  traceId: string;
  createdAt: Date;
}

/** Redis channel that says "there are newer events" of a tenant; the events themselves are read from PostgreSQL. */
export const eventChannel = (prefix: string, tenantId: string): string => `${prefix}:events:${tenantId}`;
