import type { Registry } from 'prom-client';
import { Counter, Histogram } from 'prom-client';
import type { EventData, PositionedEvent } from '../../domain/events.ts';

/** Counts what happens from the event log: one source for every process, whoever did it. */
export function recordEventMetrics(registry: Registry): (events: readonly PositionedEvent[]) => void {
  const tasks = new Counter({
    name: 'chimera_tasks_total',
    help: 'Tasks that entered a state.',
    labelNames: ['type', 'status'],
    registers: [registry],
  });
  const verdicts = new Counter({
    name: 'chimera_verdicts_total',
    help: 'Verdicts of the Judge.',
    labelNames: ['verdict'],
    registers: [registry],
  });
  const confidence = new Histogram({
    name: 'chimera_confidence',
    help: 'Confidence of judged results, 0 to 1.',
    buckets: [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1],
    registers: [registry],
  });
  const reviews = new Counter({
    name: 'chimera_reviews_total',
    help: 'Reviews that entered a state.',
    labelNames: ['status'],
    registers: [registry],
  });
  const posts = new Counter({
    name: 'chimera_posts_total',
    help: 'Posts published.',
    labelNames: ['platform'],
    registers: [registry],
  });
  const alerts = new Counter({
    name: 'chimera_alerts_total',
    help: 'Alerts raised.',
    labelNames: ['rule', 'severity'],
    registers: [registry],
  });
  return (events) => {
    for (const event of events) {
      switch (event.topic) {
        case 'task': {
          const { type, status } = event.data as EventData<'task'>;
          tasks.inc({ type, status });
          break;
        }
        case 'confidence': {
          const { verdict, score } = event.data as EventData<'confidence'>;
          verdicts.inc({ verdict });
          confidence.observe(score);
          break;
        }
        case 'review': {
          const { status, notice } = event.data as EventData<'review'>;
          if (!notice) reviews.inc({ status });
          break;
        }
        case 'post':
          posts.inc({ platform: (event.data as EventData<'post'>).platform });
          break;
        case 'alert': {
          const { rule, severity } = event.data as EventData<'alert'>;
          alerts.inc({ rule, severity });
          break;
        }
        case 'agent':
        case 'campaign':
        case 'plan':
        case 'effect':
        case 'transaction':
          break;
      }
    }
  };
}
