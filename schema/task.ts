import { builder } from './builder.ts';
import type { GraphErrorCode } from './enums.ts';
import { ErrorCode, isErrorCode, TaskStatus, TaskType } from './enums.ts';
import { loadLatest } from './latest-rows.ts';
import { loadBatched } from './load-batch.ts';
import { loadRow } from './load-rows.ts';
import { ResultNode, ReviewNode, TaskNode } from './nodes.ts';

const TaskFailure = builder.objectRef<{ code: GraphErrorCode; message: string; at: Date }>('TaskFailure').implement({
  description: 'Why the last attempt, or the task, failed.',
  fields: (t) => ({
    code: t.expose('code', { type: ErrorCode }),
    message: t.exposeString('message'),
    at: t.expose('at', { type: 'DateTime' }),
  }),
});

builder.prismaObjectFields(TaskNode, (t) => ({
  agent: t.relation('agent'),
  campaign: t.relation('campaign', { nullable: true }),
  type: t.expose('type', { type: TaskType }),
  status: t.expose('status', { type: TaskStatus }),
  priority: t.exposeInt('priority', { description: '1..10, 10 is the most urgent.' }),
  input: t.field({ type: 'JSON', description: 'As the task type defines it.', resolve: (task) => task.input }),
  dependsOn: t.field({
    type: [TaskNode],
    description: 'Has to be COMPLETE first.',
    select: (_args, _context, nested) => ({
      dependencies: { select: { dependsOn: nested(true) }, orderBy: { dependsOnId: 'asc' } },
    }),
    resolve: (task) => task.dependencies.map(({ dependsOn }) => dependsOn),
  }),
  scheduledFor: t.expose('scheduledFor', { type: 'DateTime', nullable: true }),
  deadline: t.expose('deadline', { type: 'DateTime', nullable: true }),
  attempt: t.exposeInt('attempt', { description: '0 before the first.' }),
  maxAttempts: t.exposeInt('maxAttempts', {
    description: 'Grows with each attempt that does not count: rate limited, a server away, the agent paused.',
  }),
  timeoutSeconds: t.exposeInt('timeoutSeconds', { description: 'Of one attempt.' }),
  assignedWorkerId: t.exposeString('assignedWorkerId', { nullable: true }),
  stateVersion: t.exposeInt('stateVersion', { description: "The campaign's stateVersion it was planned under." }),
  result: t.field({
    type: ResultNode,
    nullable: true,
    description: 'Of the newest attempt.',
    resolve: async (task, _args, context, info) => {
      const id = await loadBatched(context, info, 'result', task.id, (ids) => loadLatest(context, 'resultOfTask', ids));
      return id === undefined ? null : ((await loadRow(context, info, 'Result', id)) ?? null);
    },
  }),
  results: t.relation('results', {
    description: 'Of every attempt, newest first.',
    query: { orderBy: { attempt: 'desc' } },
  }),
  review: t.field({
    type: ReviewNode,
    nullable: true,
    description: 'The newest, where a person was asked.',
    resolve: async (task, _args, context, info) => {
      const id = await loadBatched(context, info, 'review', task.id, (ids) => loadLatest(context, 'reviewOfTask', ids));
      return id === undefined ? null : ((await loadRow(context, info, 'Review', id)) ?? null);
    },
  }),
  error: t.field({
    type: TaskFailure,
    nullable: true,
    resolve: ({ errorCode, errorMessage, errorAt, createdAt }) =>
      errorCode === null
        ? null
        : {
            code: isErrorCode(errorCode) ? errorCode : 'INTERNAL',
            message: errorMessage ?? errorCode,
            at: errorAt ?? createdAt,
          },
  }),
  traceId: t.exposeString('traceId', { description: 'W3C trace id: the same in logs and traces.' }),
  version: t.exposeInt('version'),
  createdAt: t.expose('createdAt', { type: 'DateTime' }),
  startedAt: t.expose('startedAt', { type: 'DateTime', nullable: true }),
  completedAt: t.expose('completedAt', { type: 'DateTime', nullable: true }),
}));
