import { builder } from '../../schema/builder.ts';
import { TaskEvent } from '../../schema/change-events.ts';
import { interestIn, liveEvents, payloadOf, rowOfEvent } from '../live.ts';

builder.subscriptionField('tasks', (t) =>
  t.field({
    type: TaskEvent,
    description: 'Every change of a task, of one campaign or agent where given.',
    args: { campaignId: t.arg.id(), agentId: t.arg.id(), after: t.arg.string() },
    subscribe: (_root, { campaignId, agentId, after }, context) =>
      liveEvents(
        context,
        after,
        { topic: 'task', campaignId: interestIn('Campaign', campaignId), agentId: interestIn('Agent', agentId) },
        async (delivered) => {
          const row = await rowOfEvent(context, delivered, 'Task', 'task');
          return row ? { event: delivered.event, cursor: delivered.cursor, row } : null;
        },
      ),
    resolve: payloadOf,
  }),
);
