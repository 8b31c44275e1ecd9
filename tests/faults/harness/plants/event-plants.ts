import type { Plants } from './plants.ts';
import { ASKED, CAMPAIGN, copy, one, PUBLISHED, sql, tell } from './plants.ts';

const NEWEST = `(SELECT max(position) FROM "Event")`;

/** Event positions have no gap and follow the commits. */
export const eventPlants: Plants = {
  'a lost event': {
    says: 'gaps',
    plant: sql(`DELETE FROM "Event" WHERE position = (SELECT min(position) FROM "Event" WHERE topic = 'post')`),
  },
  'a lost beginning': { says: 'gaps', plant: sql(`DELETE FROM "Event" WHERE position = 1`) },
  'a head that is ahead': { says: 'the head', plant: sql(`UPDATE "EventHead" SET position = position + 1`) },
  'a lost head': { says: 'the head', plant: sql('DELETE FROM "EventHead"') },
  ...Object.fromEntries(
    ['task', 'campaign', 'review'].map((topic) => [
      `events of a ${topic} the wrong way round`,
      {
        says: 'against the order of their commits',
        plant: sql(
          `UPDATE "Event" SET version = version + 1000 WHERE position = (SELECT min(a.position) FROM "Event" a JOIN "Event" b USING (topic, "subjectId") WHERE topic = '${topic}' AND a.position < b.position)`,
        ),
      },
    ]),
  ),
  'an event told twice': {
    says: 'told twice',
    plant: sql(
      copy('Event', `topic = 'post'`, `'position', ${NEWEST} + 1`),
      'UPDATE "EventHead" SET position = position + 1',
    ),
  },
  'a task whose end was not told': { says: 'no event tells of', plant: sql(tell('task', PUBLISHED, 'IN_REVIEW')) },
  'a campaign whose pause was not told': {
    says: 'no event tells of',
    plant: sql(tell('campaign', CAMPAIGN, 'PAUSED')),
  },
  'a review whose end was not told': { says: 'no event tells of', plant: sql(tell('review', ASKED, 'APPROVED')) },
  'an agent whose stop was not told': {
    says: 'no event tells of',
    plant: sql(tell('agent', one('Agent', 'true'), 'EMERGENCY_STOPPED')),
  },
};
