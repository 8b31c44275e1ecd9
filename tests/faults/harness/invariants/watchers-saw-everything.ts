import type { Watcher } from '../watcher.ts';
import { WATCHED } from '../watcher.ts';
import type { World } from '../world.ts';
import type { Violations } from './violations.ts';
import { say } from './violations.ts';

const rawId = (globalId: string | null): string =>
  Buffer.from(globalId ?? '', 'base64')
    .toString()
    .split(':')[1] ?? '';

/** Each watcher got each event of its tenant behind its beginning exactly once, in order, with its row, and nothing of another tenant. */
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
    const subjects = new Map(truth.map(({ position, subjectId }) => [position, subjectId]));
    const strange = seen.filter(({ position, id }) => own.has(position) && rawId(id) !== subjects.get(position));
    const who = `${tenant.name}/${field} (${seen.length} of ${truth.length} events, ${watcher.reconnects()} reconnects, last error ${JSON.stringify(watcher.lastError()) ?? 'none'})`;
    violations.push(
      ...say(missed, `${who} missed`),
      ...(twice > 0 ? [`${who} saw ${twice} twice`] : []),
      ...say(foreign, `${who} saw what is not its own`),
      ...say(disorder, `${who} saw out of order`),
      ...say(strange, `${who} was shown another row than the event tells of`),
    );
  }
  return violations;
}
