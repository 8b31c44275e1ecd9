import type { Scene } from './look-at-planted.ts';

/** A kind of violation: how it is planted, and what is then said of it. */
export type Plants = Record<string, { says: string; plant: (scene: Scene) => unknown }>;

/** SQL: the first row of its kind, and those that the plants take. */
export const one = (table: string, condition: string) =>
  `(SELECT id FROM "${table}" WHERE ${condition} ORDER BY id LIMIT 1)`;
export const PUBLISHED = one('Task', `type = 'POST_CONTENT' AND status = 'COMPLETE'`);
export const WRITTEN = one('Task', `type = 'GENERATE_POST' AND status = 'COMPLETE'`);
export const WAITING = one('Task', `type = 'POST_CONTENT' AND status = 'PENDING'`);
export const ASKED = one('Review', `status = 'PENDING'`);
export const CAMPAIGN = `(SELECT "campaignId" FROM "Task" WHERE id = ${WAITING})`;

/** Statements, one after the other. */
export const sql =
  (...statements: string[]) =>
  async ({ change }: Scene) => {
    for (const statement of statements) await change(statement);
  };

/** A copy of a row that differs in these columns. */
export const copy = (table: string, condition: string, columns: string) =>
  `INSERT INTO "${table}" SELECT (jsonb_populate_record(r, jsonb_build_object(${columns}))).* FROM "${table}" r WHERE ${condition} LIMIT 1`;

/** The newest event of a row says so too. */
export const tell = (topic: string, subject: string, status: string) =>
  `UPDATE "Event" SET data = jsonb_set(data, '{status}', '"${status}"') WHERE position = (SELECT max(position) FROM "Event" WHERE topic = '${topic}' AND "subjectId" = ${subject})`;

/** The API shows what is committed, which a planted change of what it counts is not. */
export const unshown = (plant: Plants[string]['plant']) => async (scene: Scene) => {
  await plant(scene);
  scene.world = { ...scene.world, tenants: [] };
};
