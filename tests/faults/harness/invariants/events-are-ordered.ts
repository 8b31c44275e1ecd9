import type { World } from '../world.ts';
import type { Violations } from './violations.ts';
import { say } from './violations.ts';

/** Positions have no gap; the events of a row stand in the order of its commits, each once; the newest tells of its last state. */
export async function eventsAreOrdered({ services }: World): Promise<Violations> {
  const gaps = await services.sql(
    `SELECT position, expected FROM (SELECT position, row_number() OVER (ORDER BY position) AS expected FROM "Event") e WHERE position <> expected`,
  );
  const head = await services.sql(
    `SELECT * FROM (SELECT (SELECT position FROM "EventHead") AS position, (SELECT coalesce(max(position), 0) FROM "Event") AS newest) h WHERE position IS DISTINCT FROM newest`,
  );
  // A row's version moves with each of its commits, which its lock puts in order: its events must stand in that order.
  const disorder = await services.sql(
    `SELECT position, "subjectId", version, before FROM (SELECT position, "subjectId", version, lag(version) OVER (PARTITION BY "subjectId" ORDER BY position) AS before
       FROM "Event" WHERE topic IN ('task', 'campaign', 'agent', 'review')) e WHERE before > version`,
  );
  const doubled = await services.sql(
    `SELECT topic, "subjectId", version, count(*)::int AS times FROM "Event" GROUP BY topic, kind, "subjectId", version, data, "traceId", "createdAt" HAVING count(*) > 1`,
  );
  // Tasks are born with an event; of the others that a flood puts there, none tells before something happens to them.
  const untold = await services.sql(
    `WITH rows AS (SELECT 'task' AS topic, id, status::text FROM "Task" UNION ALL SELECT 'campaign', id, status::text FROM "Campaign" UNION ALL SELECT 'agent', id, status::text FROM "Agent"
         UNION ALL SELECT 'review', id, status::text FROM "Review"),
       told AS (SELECT DISTINCT ON (topic, "subjectId") topic, "subjectId", data->>'status' AS status FROM "Event" ORDER BY topic, "subjectId", position DESC)
     SELECT r.*, t.status AS told FROM rows r LEFT JOIN told t ON t.topic = r.topic AND t."subjectId" = r.id
     WHERE r.status IS DISTINCT FROM t.status AND (r.topic = 'task' OR t.status IS NOT NULL)`,
  );
  return [
    ...say(gaps, 'gaps'),
    ...say(head, 'the head is not the newest position'),
    ...say(disorder, 'events against the order of their commits'),
    ...say(doubled, 'events that were told twice'),
    ...say(untold, 'rows whose last change no event tells of'),
  ];
}
