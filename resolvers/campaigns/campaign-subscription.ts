import { builder } from '../../schema/builder.ts';
import { CampaignEvent } from '../../schema/change-events.ts';
import { liveEvents, payloadOf, rowOfEvent } from '../live.ts';

builder.subscriptionField('campaigns', (t) =>
  t.field({
    type: CampaignEvent,
    description: 'Every change of a campaign, new plans among them.',
    args: { after: t.arg.string() },
    subscribe: (_root, { after }, context) =>
      liveEvents(context, after, { topic: 'campaign' }, async (delivered) => {
        const row = await rowOfEvent(context, delivered, 'Campaign', 'campaign');
        return row ? { event: delivered.event, cursor: delivered.cursor, row } : null;
      }),
    resolve: payloadOf,
  }),
);
