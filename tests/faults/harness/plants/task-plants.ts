import type { Plants } from './plants.ts';
import { ASKED, CAMPAIGN, copy, sql, tell, unshown, WAITING, WRITTEN } from './plants.ts';

/** Every task is final or waits for a person. */
export const taskPlants: Plants = {
  'a task that waits for nothing': {
    says: 'neither final nor waiting',
    plant: sql(
      `DELETE FROM "TaskDependency" WHERE "taskId" = ${WAITING}`,
      `UPDATE "Task" SET "openDependencies" = 0 WHERE id = ${WAITING}`,
    ),
  },
  'an attempt that goes on in a paused campaign': {
    says: 'neither final nor waiting',
    plant: unshown(
      sql(
        tell('task', WAITING, 'IN_PROGRESS'),
        tell('campaign', CAMPAIGN, 'PAUSED'),
        `UPDATE "Campaign" SET status = 'PAUSED' WHERE id = ${CAMPAIGN}`,
        `UPDATE "Task" SET status = 'IN_PROGRESS', "claimToken" = id, "leaseExpiresAt" = now() WHERE id = ${WAITING}`,
      ),
    ),
  },
  'work in a campaign that has ended': {
    says: 'their campaign has ended',
    plant: sql(
      tell('campaign', CAMPAIGN, 'CANCELLED'),
      `UPDATE "Campaign" SET status = 'CANCELLED' WHERE id = ${CAMPAIGN}`,
    ),
  },
  'a plan that is owed': {
    says: 'neither final nor waiting',
    plant: sql(`UPDATE "Campaign" SET "planDueReason" = 'HUMAN', "planDueAt" = now() WHERE id = ${CAMPAIGN}`),
  },
  'an event without a position': {
    says: 'OUTBOX',
    plant: sql(
      `INSERT INTO "Outbox" ("tenantId", topic, kind, "subjectId", version, data, "traceId") SELECT "tenantId", topic, kind, "subjectId", version, data, "traceId" FROM "Event" LIMIT 1`,
    ),
  },
  'a task that nobody is asked about': {
    says: 'without a review',
    plant: sql(
      tell('review', ASKED, 'CANCELLED'),
      `UPDATE "Review" SET status = 'CANCELLED', "decidedAt" = now() WHERE id = ${ASKED}`,
    ),
  },
  'a question about a task that is done': {
    says: 'a task that does not wait',
    plant: sql(copy('Review', `id = ${ASKED}`, `'id', gen_random_uuid(), 'resultId', NULL, 'taskId', ${WRITTEN}`)),
  },
};
