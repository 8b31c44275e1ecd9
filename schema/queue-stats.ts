import { builder } from './builder.ts';
import type { QueueStats as Stats } from './graph-context.ts';

export const QueueStats = builder.objectRef<Stats>('QueueStats').implement({
  description: 'Jobs of one queue.',
  fields: (t) => ({
    name: t.exposeString('name'),
    waiting: t.exposeInt('waiting'),
    active: t.exposeInt('active'),
    delayed: t.exposeInt('delayed', { description: 'Waiting for their time: back-off or schedule.' }),
    failed: t.exposeInt('failed'),
    completedPerMinute: t.exposeFloat('completedPerMinute', { description: 'Over the last minutes.' }),
  }),
});
