import type { Watcher } from '../watcher.ts';
import { WATCHED } from '../watcher.ts';
import type { World } from '../world.ts';
import type { Violations } from './violations.ts';
import { say } from './violations.ts';

/** Each watcher got each event of its tenant behind its beginning exactly once, in order, and nothing of another tenant. */
export async function watchersSawEverything({ services }: World, watchers: readonly Watcher[]): Promise<Violations> {
  const violations: Violations = [];
  for (const watcher of watchers) {
    const { tenant, field, seen, from } = watcher;
    const truth = await services.sql<{ position: number; subjectId: string }>(
      'SELECT position::int, "subjectId" FROM "Event" WHERE "tenantId" = $1 AND topic = ANY($2) AND position > $3 ORDER BY position',
      [tenant.id, WATCHED[field].topics, from],
    );
    const positions = seen.map(({ position }) => position);
    const expected = truth.map(({ position }) => position);
    const [told, own] = [new Set(positions), new Set(expected)];
    const missed = expected.filter((position) => !told.has(position));
    const twice = positions.length - told.size;
    const foreign = positions.filter((position) => !own.has(position));
    const disorder = positions.filter((position, index) => index > 0 && position < (positions[index - 1] ?? 0));
    const table = { tasks: 'Task', campaigns: 'Campaign', agents: 'Agent' }[field];
    const ids = [
      ...new Set(seen.flatMap(({ id }) => (id ? [Buffer.from(id, 'base64').toString().split(':')[1] ?? ''] : []))),
    ];
    const alien = await services.sql(`SELECT id FROM "${table}" WHERE id = ANY($1::uuid[]) AND "tenantId" <> $2`, [
      ids,
      tenant.id,
    ]);
    const who = `${tenant.name}/${field} (${seen.length} of ${truth.length} events, ${watcher.reconnects()} reconnects, last error ${JSON.stringify(watcher.lastError()) ?? 'none'})`;
    violations.push(
      ...say(missed, `${who} missed`),
      ...(twice > 0 ? [`${who} saw ${twice} twice`] : []),
      ...say(foreign, `${who} saw what is not its own`),
      ...say(disorder, `${who} saw out of order`),
      ...say(alien, `${who} was shown rows of another tenant`),
    );
  }
  return violations;
}
