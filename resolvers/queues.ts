import { builder } from '../schema/builder.ts';
import { QueueStats } from '../schema/queue-stats.ts';

builder.queryField('queues', (t) =>
  t.field({ type: [QueueStats], resolve: (_root, _args, context) => context.queueStats() }),
);
