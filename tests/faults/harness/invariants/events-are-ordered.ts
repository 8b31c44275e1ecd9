import type { World } from '../world.ts';
import type { Violations } from './violations.ts';
import { say } from './violations.ts';

/** Positions have no gap; the events of a row stand in the order of its commits; the last state of each task was told. */
export async function eventsAreOrdered({ services }: World): Promise<Violations> {
  const gaps = await services.sql(
    `SELECT position, expected FROM (SELECT position, row_number() OVER (ORDER BY position) AS expected FROM "Event") e WHERE position <> expected`,
  );
  const head = await services.sql(
    `SELECT position, (SELECT max(position) FROM "Event") AS newest FROM "EventHead" WHERE position <> (SELECT coalesce(max(position), 0) FROM "Event")`,
  );
  // A row's version moves with each of its commits, which its lock puts in order: its events must stand in that order.
  const disorder = await services.sql(
    `SELECT position, "subjectId", version, before FROM (SELECT position, "subjectId", version, lag(version) OVER (PARTITION BY "subjectId" ORDER BY position) AS before
       FROM "Event" WHERE topic IN ('task', 'campaign', 'agent', 'review')) e WHERE before > version`,
  );
  const untold = await services.sql(
    `SELECT t.id, t.status, t.version FROM "Task" t WHERE NOT EXISTS (SELECT 1 FROM "Event" e WHERE e.topic = 'task' AND e."subjectId" = t.id AND e.data->>'status' = t.status::text)`,
  );
  return [
    ...say(gaps, 'gaps'),
    ...say(head, 'the head is not the newest position'),
    ...say(disorder, 'events against the order of their commits'),
    ...say(untold, 'tasks whose last change no event tells of'),
  ];
}
