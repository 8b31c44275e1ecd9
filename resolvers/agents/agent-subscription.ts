import { builder } from '../../schema/builder.ts';
import { AgentEvent } from '../../schema/change-events.ts';
import { liveEvents, payloadOf, rowOfEvent } from '../live.ts';

builder.subscriptionField('agents', (t) =>
  t.field({
    type: AgentEvent,
    description: 'Every change of an agent.',
    args: { after: t.arg.string() },
    subscribe: (_root, { after }, context) =>
      liveEvents(context, after, { topic: 'agent' }, async (delivered) => {
        const row = await rowOfEvent(context, delivered, 'Agent', 'agent');
        return row ? { event: delivered.event, cursor: delivered.cursor, row } : null;
      }),
    resolve: payloadOf,
  }),
);
