import { openWork } from '../settle.ts';
import type { World } from '../world.ts';
import type { Violations } from './violations.ts';
import { say } from './violations.ts';

/** Every task reached a final state or waits for a person who can decide it. */
export async function tasksAreFinal({ services }: World): Promise<Violations> {
  const abandoned = await services.sql(
    `SELECT t.id, t.type FROM "Task" t WHERE t.status = 'ESCALATED' AND NOT EXISTS (SELECT 1 FROM "Review" r WHERE r."taskId" = t.id AND r.status = 'PENDING')`,
  );
  const orphans = await services.sql(
    `SELECT r.id, t.status FROM "Review" r JOIN "Task" t ON t.id = r."taskId" WHERE r.status = 'PENDING' AND t.status <> 'ESCALATED'`,
  );
  return [
    ...say(await openWork(services), 'neither final nor waiting'),
    ...say(abandoned, 'escalated without a review that anybody could decide'),
    ...say(orphans, 'a review waits for a task that does not wait'),
  ];
}
