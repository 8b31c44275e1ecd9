import { openWork } from '../settle.ts';
import type { World } from '../world.ts';
import type { Violations } from './violations.ts';
import { say } from './violations.ts';

/** Every task reached a final state or waits for a person who can decide it. */
export async function tasksAreFinal({ services }: World): Promise<Violations> {
  const abandoned = await services.sql(
    `SELECT t.id, t.type FROM "Task" t WHERE t.status = 'ESCALATED' AND NOT EXISTS (SELECT 1 FROM "Review" r WHERE r."taskId" = t.id AND r.status = 'PENDING')`,
  );
  const outlived = await services.sql(
    `SELECT t.id, t.type, t.status, c.status AS campaign FROM "Task" t JOIN "Campaign" c ON c.id = t."campaignId" WHERE c.status IN ('COMPLETED', 'CANCELLED', 'FAILED')
       AND t.status NOT IN ('COMPLETE', 'REJECTED', 'FAILED', 'CANCELLED') AND NOT EXISTS (SELECT 1 FROM "Effect" e WHERE e."taskId" = t.id AND e.status = 'SENT')`,
  );
  const orphans = await services.sql(
    `SELECT r.id, t.status FROM "Review" r JOIN "Task" t ON t.id = r."taskId" WHERE r.status = 'PENDING' AND t.status <> 'ESCALATED'`,
  );
  return [
    ...say(await openWork(services), 'neither final nor waiting'),
    ...say(abandoned, 'escalated without a review that anybody could decide'),
    ...say(outlived, 'open, though their campaign has ended'),
    ...say(orphans, 'a review waits for a task that does not wait'),
  ];
}
