import type { EventData, PositionedEvent } from '../../domain/events.ts';
import { builder } from '../../schema/builder.ts';
import type { Judgement } from '../../schema/change-events.ts';
import { ConfidenceEvent } from '../../schema/change-events.ts';
import { loadConfidence24h } from '../../schema/figures.ts';
import type { DeliveredEvent, GraphContext } from '../../schema/graph-context.ts';
import { confidenceOf } from '../../schema/judgement.ts';
import { interestIn, liveEvents, payloadOf } from '../live.ts';

const judgedResultOf = (event: PositionedEvent): EventData<'confidence'> => event.data as EventData<'confidence'>;

/** What the judgements of one read of the events are about: two statements, whoever watches. */
async function loadJudged(context: GraphContext, events: readonly PositionedEvent[]) {
  const judged = events.filter((event) => event.topic === 'confidence');
  const resultIds = judged.map((event) => judgedResultOf(event).resultId);
  const agentIds = [...new Set(judged.flatMap((event) => event.agentId ?? []))];
  const [results, averages] = await Promise.all([
    context.db.prisma.result.findMany({
      where: { id: { in: resultIds } },
      include: { task: { include: { agent: true } } },
    }),
    loadConfidence24h(context, agentIds),
  ]);
  return { results: new Map(results.map((result) => [result.id, result])), averages };
}

async function judgementOf(context: GraphContext, delivered: DeliveredEvent): Promise<Judgement | null> {
  const { results, averages } = await delivered.share('judged', (events) => loadJudged(context, events));
  const result = results.get(judgedResultOf(delivered.event).resultId);
  const confidence = result ? confidenceOf(result) : null;
  if (!result?.verdict || !confidence) return null;
  const { agent, ...task } = result.task;
  return {
    event: delivered.event,
    cursor: delivered.cursor,
    task,
    agent,
    confidence,
    verdict: result.verdict,
    average24h: averages.get(agent.id) ?? null,
  };
}

builder.subscriptionField('confidence', (t) =>
  t.field({
    type: ConfidenceEvent,
    description: 'Every judgement of a result, of one agent where given.',
    args: { agentId: t.arg.id(), after: t.arg.string() },
    subscribe: (_root, { agentId, after }, context) =>
      liveEvents(context, after, { topic: 'confidence', agentId: interestIn('Agent', agentId) }, (delivered) =>
        judgementOf(context, delivered),
      ),
    resolve: payloadOf,
  }),
);
