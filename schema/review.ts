import { builder } from './builder.ts';
import { ReviewStatus, RiskLevel, TaskType } from './enums.ts';
import { Check, Confidence, checksOf } from './judgement.ts';
import { loadBatched } from './load-batch.ts';
import { loadRow } from './load-rows.ts';
import { ReviewNode } from './nodes.ts';
import { loadSimilarReviews } from './similar-reviews.ts';

const MAX_SIMILAR = 10;

/** Pending and past its time. Nothing happens to it but that it is shown so: time never decides. */
export const isOverdue = (review: { status: string; dueAt: Date }, now: Date): boolean =>
  review.status === 'PENDING' && review.dueAt < now;

builder.prismaObjectFields(ReviewNode, (t) => ({
  status: t.expose('status', { type: ReviewStatus }),
  task: t.relation('task'),
  agent: t.relation('agent'),
  campaign: t.relation('campaign', { nullable: true }),
  taskType: t.expose('taskType', { type: TaskType }),
  content: t.field({
    type: 'JSON',
    description:
      'What would leave, as the task type defines its output. Where an attempt failed: its number, input and error.',
    resolve: (review) => review.content,
  }),
  contentDigest: t.exposeString('contentDigest', {
    description: 'sha-256 (hex) of the canonical JSON (RFC 8785) of `content`: what an approval is bound to.',
  }),
  editedContent: t.field({
    type: 'JSON',
    nullable: true,
    description: 'What leaves instead, once EDITED.',
    resolve: (review) => review.editedContent,
  }),
  mediaUrls: t.expose('mediaUrls', { type: ['URL'] }),
  confidence: t.field({ type: Confidence, resolve: (review) => review }),
  checks: t.field({ type: [Check], resolve: (review) => checksOf(review.checks) }),
  reasons: t.exposeStringList('reasons', {
    description: 'Why a person was asked and, after a fault, what each decision does.',
  }),
  risk: t.expose('risk', { type: RiskLevel }),
  dueAt: t.expose('dueAt', { type: 'DateTime' }),
  overdue: t.boolean({
    description: 'Pending and past dueAt.',
    resolve: (review, _args, context) => isOverdue(review, context.clock.now()),
  }),
  assignedTo: t.relation('assignedTo', { nullable: true, description: 'Who claimed it.' }),
  decidedBy: t.relation('decidedBy', { nullable: true }),
  similar: t.field({
    type: [ReviewNode],
    description: `Past decisions on similar content of the same agent and task type, most similar first; at most ${MAX_SIMILAR}.`,
    args: { limit: t.arg.int({ defaultValue: 3 }) },
    resolve: async (review, { limit }, context, info) => {
      const count = Math.min(Math.max(limit ?? 3, 0), MAX_SIMILAR);
      const ids =
        (await loadBatched(context, info, 'similar', review.id, (reviewIds) =>
          loadSimilarReviews(context, reviewIds, count),
        )) ?? [];
      const rows = await Promise.all(ids.map((id) => loadRow(context, info, 'Review', id)));
      return rows.filter((row) => row !== undefined);
    },
  }),
  feedback: t.exposeString('feedback', { nullable: true }),
  version: t.exposeInt('version', { description: 'What `expectedVersion` of a claim or decision is compared with.' }),
  createdAt: t.expose('createdAt', { type: 'DateTime' }),
  decidedAt: t.expose('decidedAt', { type: 'DateTime', nullable: true }),
}));
