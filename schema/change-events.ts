import type { EventData } from '../domain/events.ts';
import { builder } from './builder.ts';
import { ChangeKind, ReviewNotice, Verdict } from './enums.ts';
import type { DeliveredEvent } from './graph-context.ts';
import type { ConfidenceParts } from './judgement.ts';
import { Confidence } from './judgement.ts';
import type { RowOf } from './load-rows.ts';
import { AgentNode, CampaignNode, ReviewNode, TaskNode } from './nodes.ts';

const CURSOR = 'Opaque; `after: cursor` continues behind this event.';

/** An event with the row it is about, as it is now (not as it was then). */
export interface Change<Row> extends Pick<DeliveredEvent, 'event' | 'cursor'> {
  row: Row;
}

export const ReviewQueueEvent = builder
  .objectRef<Change<RowOf<'Review'>> & { depth: number }>('ReviewQueueEvent')
  .implement({
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: CURSOR }),
      kind: t.field({ type: ChangeKind, resolve: ({ event }) => event.kind }),
      at: t.field({ type: 'DateTime', resolve: ({ event }) => event.createdAt }),
      review: t.field({ type: ReviewNode, description: 'As it is now.', resolve: ({ row }) => row }),
      notice: t.field({
        type: ReviewNotice,
        nullable: true,
        description: 'Nothing of the review changed: only its time has come. Time never decides it.',
        resolve: ({ event }) => (event.data as EventData<'review'>).notice ?? null,
      }),
      depth: t.exposeInt('depth', { description: 'Pending reviews of the tenant, now.' }),
    }),
  });

export const TaskEvent = builder.objectRef<Change<RowOf<'Task'>>>('TaskEvent').implement({
  fields: (t) => ({
    cursor: t.exposeString('cursor', { description: CURSOR }),
    kind: t.field({ type: ChangeKind, resolve: ({ event }) => event.kind }),
    at: t.field({ type: 'DateTime', resolve: ({ event }) => event.createdAt }),
    task: t.field({ type: TaskNode, description: 'As it is now.', resolve: ({ row }) => row }),
  }),
});

export const AgentEvent = builder.objectRef<Change<RowOf<'Agent'>>>('AgentEvent').implement({
  fields: (t) => ({
    cursor: t.exposeString('cursor', { description: CURSOR }),
    kind: t.field({ type: ChangeKind, resolve: ({ event }) => event.kind }),
    at: t.field({ type: 'DateTime', resolve: ({ event }) => event.createdAt }),
    agent: t.field({ type: AgentNode, description: 'As it is now.', resolve: ({ row }) => row }),
  }),
});

export const CampaignEvent = builder.objectRef<Change<RowOf<'Campaign'>>>('CampaignEvent').implement({
  fields: (t) => ({
    cursor: t.exposeString('cursor', { description: CURSOR }),
    kind: t.field({ type: ChangeKind, resolve: ({ event }) => event.kind }),
    at: t.field({ type: 'DateTime', resolve: ({ event }) => event.createdAt }),
    campaign: t.field({ type: CampaignNode, description: 'As it is now.', resolve: ({ row }) => row }),
  }),
});

export interface Judgement extends Pick<DeliveredEvent, 'event' | 'cursor'> {
  task: RowOf<'Task'>;
  agent: RowOf<'Agent'>;
  confidence: ConfidenceParts;
  verdict: 'APPROVED' | 'ESCALATED' | 'REJECTED';
  average24h: number | null;
}

export const ConfidenceEvent = builder.objectRef<Judgement>('ConfidenceEvent').implement({
  description: 'A result was judged.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', { description: CURSOR }),
    at: t.field({ type: 'DateTime', resolve: ({ event }) => event.createdAt }),
    agent: t.field({ type: AgentNode, resolve: ({ agent }) => agent }),
    task: t.field({ type: TaskNode, resolve: ({ task }) => task }),
    confidence: t.field({ type: Confidence, resolve: ({ confidence }) => confidence }),
    verdict: t.expose('verdict', { type: Verdict }),
    average24h: t.exposeFloat('average24h', {
      nullable: true,
      description: "The agent's mean of the last 24 hours, 0..1.",
    }),
  }),
});
