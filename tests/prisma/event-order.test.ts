import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PositionedEvent } from '../../domain/events.ts';
import { recordEvents } from '../../domain/outbox.ts';
import { moveOutbox } from '../../swarm/relay/move-outbox.ts';
import type { Domain } from '../domain/domain-fixture.ts';
import { openDomain } from '../domain/domain-fixture.ts';

let domain: Domain;
let tenantId: string;
let agentIds: string[];
beforeAll(async () => {
  domain = await openDomain({ poolSize: 20 });
});
beforeEach(async () => {
  await moveAll();
  const tenant = await domain.seed.tenant();
  tenantId = tenant.id;
  agentIds = [];
  for (let index = 0; index < 8; index += 1) agentIds.push((await tenant.agent()).id);
});
afterAll(() => domain.close());

async function moveAll(limit = 50): Promise<PositionedEvent[]> {
  const moved: PositionedEvent[] = [];
  for (;;) {
    const batch = await moveOutbox(domain.relay, limit);
    if (batch.length === 0) return moved;
    moved.push(...batch);
  }
}
/** A change of an agent with its event, in one transaction; some are rolled back. */
const change = (agentId: string, abort = false) =>
  domain
    .context(tenantId)
    .db.transaction(async (sql) => {
      const [agent] = await sql.query<{ version: number }>(
        'UPDATE "Agent" SET version = version + 1 WHERE id = $1 RETURNING version',
        [agentId],
      );
      await recordEvents(sql, tenantId, 'trace', [
        {
          topic: 'agent',
          kind: 'UPDATED',
          subjectId: agentId,
          agentId,
          version: agent?.version ?? 0,
          data: { name: 'n', status: 'ACTIVE' },
        },
      ]);
      if (abort) throw new Error('aborted');
    })
    .catch((error: Error) => {
      if (error.message !== 'aborted') throw error;
    });

describe('the relay gives committed events their positions', () => {
  test('gap-free, each event once, and those of a subject in the order of its versions, while writers and two relays run', async () => {
    const [before] = await domain.sql<{ position: string }>('SELECT position FROM "EventHead"');
    const writing = Promise.all(
      Array.from({ length: 400 }, (_, index) => change(agentIds[index % 8] ?? '', index % 10 === 9)),
    );
    let done = false;
    const written = writing.then(() => {
      done = true;
    });
    const relay = async (limit: number): Promise<PositionedEvent[]> => {
      const seen: PositionedEvent[] = [];
      while (!done) seen.push(...(await moveOutbox(domain.relay, limit)));
      return seen;
    };
    const [first, second] = await Promise.all([relay(7), relay(11), written]);
    const rest = await moveAll();
    const moved = [...first, ...second, ...rest].sort((left, right) => left.position - right.position);
    const start = Number(before?.position ?? 0);
    expect(moved.map((event) => event.position)).toEqual(Array.from({ length: 360 }, (_, index) => start + index + 1));
    for (const agentId of agentIds) {
      const versions = moved.filter((event) => event.subjectId === agentId).map((event) => event.version);
      expect(versions).toEqual([...versions].sort((left, right) => left - right));
      expect(new Set(versions).size).toBe(versions.length);
    }
    expect(
      await domain.sql(
        'SELECT count(*)::int AS n, max(position) = (SELECT position FROM "EventHead") AS head FROM "Event"',
      ),
    ).toMatchObject([{ head: true }]);
    expect(await domain.sql('SELECT 1 FROM "Outbox"')).toEqual([]);
  });

  test('an event is what was written, with its tenant and trace', async () => {
    const agentId = agentIds[0] ?? '';
    await change(agentId);
    expect(await moveAll()).toMatchObject([
      {
        tenantId,
        topic: 'agent',
        kind: 'UPDATED',
        subjectId: agentId,
        agentId,
        campaignId: null,
        version: 2,
        data: { name: 'n', status: 'ACTIVE' },
        traceId: 'trace',
      },
    ]);
  });

  test('an event that is not committed has none, and does not hold the others up', async () => {
    let commit = () => {};
    let written = () => {};
    const isWritten = new Promise<void>((resolve) => {
      written = resolve;
    });
    const mayCommit = new Promise<void>((resolve) => {
      commit = resolve;
    });
    const slow = domain.context(tenantId).db.transaction(async (sql) => {
      await recordEvents(sql, tenantId, 'slow', [
        {
          topic: 'agent',
          kind: 'UPDATED',
          subjectId: agentIds[0] ?? '',
          version: 2,
          data: { name: 'n', status: 'ACTIVE' },
        },
      ]);
      written();
      await mayCommit;
    });
    await isWritten;
    await change(agentIds[1] ?? '');
    const early = await moveAll();
    expect(early.map((event) => event.traceId)).toEqual(['trace']);
    commit();
    await slow;
    const late = await moveAll();
    expect(late.map((event) => event.traceId)).toEqual(['slow']);
    expect(late[0]?.position).toBe((early[0]?.position ?? 0) + 1);
  });

  test('nothing to move moves nothing, not even the head', async () => {
    const head = () => domain.sql('SELECT position FROM "EventHead"');
    const before = await head();
    expect(await moveOutbox(domain.relay, 10)).toEqual([]);
    expect(await head()).toEqual(before);
  });
});
