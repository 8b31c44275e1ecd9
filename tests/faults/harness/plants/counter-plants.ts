import type { Scene } from './look-at-planted.ts';
import type { Plants } from './plants.ts';
import { CAMPAIGN, PUBLISHED, sql, WAITING, WRITTEN } from './plants.ts';

/** The API shows something else than it does. */
const shown = (alter: (campaign: { spentUsd: string; progress: Record<string, number> }) => void) => (scene: Scene) => {
  const tenants = scene.world.tenants.map((tenant) => ({
    ...tenant,
    insist: async (...question: Parameters<typeof tenant.insist>) => {
      const answer = await tenant.insist(...question);
      alter(answer.node);
      return answer;
    },
  }));
  scene.world = { ...scene.world, tenants };
};

/** The counters of campaigns equal the truth. */
export const counterPlants: Plants = {
  'a revision too many': {
    says: 'plan revisions',
    plant: sql(`UPDATE "Campaign" SET "planRevision" = "planRevision" + 1`),
  },
  'a lost plan': { says: 'plan revisions', plant: sql(`DELETE FROM "Plan" WHERE "campaignId" = ${CAMPAIGN}`) },
  'a dependency that is not counted': {
    says: 'open dependencies',
    plant: sql(`UPDATE "Task" SET "openDependencies" = 0 WHERE id = ${WAITING}`),
  },
  'a dependency counted on': {
    says: 'open dependencies',
    plant: sql(`UPDATE "Task" SET "openDependencies" = 1 WHERE id = ${PUBLISHED}`),
  },
  'an attempt that is not counted': {
    says: 'more results than',
    plant: sql(`UPDATE "Task" SET attempt = 0 WHERE id = ${WRITTEN}`),
  },
  ...Object.fromEntries(
    ['total', 'complete', 'failed', 'escalated', 'inFlight'].map((name) => [
      `${name}, shown as one more`,
      {
        says: 'progress that is not the truth',
        plant: shown(({ progress }) => {
          progress[name] = (progress[name] ?? 0) + 1;
        }),
      },
    ]),
  ),
  'money, shown as more': {
    says: 'progress that is not the truth',
    plant: shown((campaign) => {
      campaign.spentUsd = String(Number(campaign.spentUsd) + 0.000_001);
    }),
  },
  'a task that its campaign does not show': {
    says: 'progress that is not the truth',
    plant: sql(`UPDATE "Task" SET "campaignId" = ${CAMPAIGN} WHERE id = ${PUBLISHED}`),
  },
};
